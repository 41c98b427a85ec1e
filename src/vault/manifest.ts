import { Type, type Static } from 'typebox';
import { Compile } from 'typebox/compile';
import { Errors } from 'typebox/value';
import { EarshotError } from '../base/errors.ts';
import type { JsonValue } from '../base/json.ts';
import { openBytes } from '../seal/age/open.ts';
import type { Identity, Recipient } from '../seal/age/recipients.ts';
import { sealBytes } from '../seal/age/seal.ts';
import { canonicalJson } from './canonical.ts';
import { isSigned, type Signer, type TrustedKeys } from './signing.ts';

/** Strict: a field that is not named here is an error, so that nothing unsigned or unread travels along. */
const strict = { additionalProperties: false } as const;
const Ms = Type.Integer({ minimum: 0 });
const Count = Type.Integer({ minimum: 0 });
const Id = Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$' });
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const OrNull = <T extends Type.TSchema>(type: T): Type.TUnion<[T, Type.TNull]> => Type.Union([type, Type.Null()]);

const ObjectRef = Type.Object(
  { key: Type.String({ pattern: '^objects/[A-Za-z0-9./_-]+$' }), bytes: Count, sha256: Sha256 },
  strict,
);

/** An object of the recording as it lies sealed in the store. */
export type ObjectRef = Static<typeof ObjectRef>;

const Envelope = Type.Object(
  {
    format: Type.Literal('earshot-manifest/1'),
    recordingId: Id,
    recordId: Type.Integer({ minimum: 1 }),
    accountId: Id,
    nodeId: Type.String({ minLength: 1, maxLength: 200 }),
    callId: Id,
    /** When it was archived, ms since 1970. */
    createdAt: Ms,
    /** When it may be deleted; null = never by age. */
    retainUntil: OrNull(Ms),
    container: Type.Union([Type.Literal('wav'), Type.Literal('flac'), Type.Literal('none')]),
    codec: Type.String({ maxLength: 64 }),
    channels: Type.Integer({ minimum: 0, maximum: 255 }),
    audio: OrNull(ObjectRef),
    peaks: OrNull(ObjectRef),
    trace: OrNull(ObjectRef),
    packets: OrNull(ObjectRef),
    /** Age file with the {@link ManifestDetail}, base64. */
    sealed: Type.String({ pattern: '^[A-Za-z0-9+/]+={0,2}$' }),
    /** Id of the Ed25519 key that signed. */
    signer: Type.String({ pattern: '^[0-9a-f]{16}$' }),
    /** Over the canonical JSON of all the other fields, base64. */
    signature: Type.String({ pattern: '^[A-Za-z0-9+/]{86}==$' }),
  },
  strict,
);

/** What stands in the clear: enough to keep, move, check and delete a recording without opening it. */
export type Manifest = Static<typeof Envelope>;

const Text = Type.String();
const Party = Type.Object(
  {
    position: Count,
    name: OrNull(Text),
    number: OrNull(Text),
    aor: OrNull(Text),
    role: Type.Union([Type.Literal('caller'), Type.Literal('callee'), Type.Literal('unknown')]),
    channel: OrNull(Count),
    /** User of the directory that it is, and his name at the time of the call. */
    userId: Type.Optional(OrNull(Text)),
    userName: Type.Optional(OrNull(Text)),
  },
  strict,
);
const Track = Type.Object(
  {
    channel: Count,
    label: Text,
    codec: Text,
    packets: Count,
    lost: Count,
    duplicates: Count,
    reordered: Count,
    silentMs: Type.Number({ minimum: 0 }),
    detail: Type.Unknown(),
  },
  strict,
);
const Event = Type.Object({ at: Ms, offsetMs: Type.Number(), type: Text, text: Text }, strict);
const Direction = Type.Union(['IN', 'OUT', 'INTERNAL', 'DIALIN', 'UNKNOWN'].map((one) => Type.Literal(one as 'IN')));

const Asker = Type.Object({ kind: Text, id: OrNull(Text), name: Text, userId: Type.Optional(Text), via: Text }, strict);
const Owner = Type.Object(
  {
    kind: OrNull(Type.Enum(['user', 'catch-all', 'unassigned', 'discard'])),
    userId: OrNull(Text),
    name: OrNull(Text),
    groupId: OrNull(Text),
  },
  strict,
);
const Pause = Type.Object(
  {
    /** Ms since the start of the audio, and how long it was. */
    offsetMs: Type.Number(),
    lengthMs: Type.Number({ minimum: 0 }),
    mode: Type.Enum(['cut', 'silence']),
    reason: Text,
    asker: Text,
    endedBy: OrNull(Text),
  },
  strict,
);
/** Which of the call's recordings it is. */
const Recording = Type.Object(
  {
    number: Type.Integer({ minimum: 1 }),
    by: Type.Enum(['policy', 'hand', 'flow', 'live-keep']),
    asker: OrNull(Asker),
  },
  strict,
);
/** What the journal of calls shows of the whole call. */
const OfCall = Type.Object(
  {
    startedAt: Ms,
    endedAt: Ms,
    endReason: Text,
    direction: Direction,
    verdict: Type.Enum(['record', 'offer', 'ignore', 'forbid', 'hold']),
    reason: Text,
    owner: Owner,
  },
  strict,
);

/** The optional ones are missing in manifests of versions before there were several recordings to a call. */
const Detail = Type.Object(
  {
    startedAt: Ms,
    endedAt: Ms,
    durationMs: Type.Number({ minimum: 0 }),
    endReason: Text,
    direction: Direction,
    protocol: Text,
    trunk: Text,
    conversationId: Text,
    vendorIds: Type.Record(Type.String(), Text),
    parties: Type.Array(Party),
    tracks: Type.Array(Track),
    events: Type.Array(Event),
    warnings: Type.Array(Text),
    /** SHA-256 of the audio file before sealing, hex. */
    audioSha256: OrNull(Sha256),
    /** Parts of the call that the audio log could not give. */
    gaps: Type.Unknown(),
    /** The decision by which it was recorded, and every state of facts and streams. */
    decision: Type.Unknown(),
    history: Type.Unknown(),
    recording: Type.Optional(Recording),
    owner: Type.Optional(Owner),
    /** Stretches that somebody paused, in or before this recording. */
    pauses: Type.Optional(Type.Array(Pause)),
    /** Ids of what shall be done with it afterwards. */
    deliveries: Type.Optional(Type.Array(Text)),
    call: Type.Optional(OfCall),
  },
  strict,
);

type DetailShape = Static<typeof Detail>;
export type OfCall = Omit<Static<typeof OfCall>, 'direction'> & { readonly direction: ManifestDetail['direction'] };
/** What only the owner can read: who, when, what arrived and what did not. Enough to rebuild the catalogue's rows. */
export interface ManifestDetail extends Omit<
  DetailShape,
  'tracks' | 'gaps' | 'decision' | 'history' | 'direction' | 'call'
> {
  readonly call?: OfCall;
  readonly direction: 'IN' | 'OUT' | 'INTERNAL' | 'DIALIN' | 'UNKNOWN';
  readonly tracks: (Omit<DetailShape['tracks'][number], 'detail'> & { readonly detail: JsonValue })[];
  readonly gaps: JsonValue;
  readonly decision: JsonValue;
  readonly history: JsonValue;
}

export type ManifestInput = Omit<Manifest, 'format' | 'sealed' | 'signer' | 'signature'>;

export function manifestKey(recordingId: string): string {
  return `manifests/${recordingId}.json`;
}

/** A manifest as it was made, and its bytes. */
export interface WrittenManifest {
  readonly manifest: Manifest;
  readonly bytes: Buffer;
}

/** Makes a manifest: its detail sealed, all of it signed. @throws EarshotError MANIFEST_CORRUPT for what must not stand in one */
export function makeManifest(
  input: ManifestInput,
  detail: ManifestDetail,
  recipients: readonly Recipient[],
  signer: Signer,
): WrittenManifest {
  const plain = Buffer.from(JSON.stringify(detail));
  checked(Detail, JSON.parse(plain.toString()), 'the detail to write');
  const body = {
    format: 'earshot-manifest/1' as const,
    ...input,
    sealed: sealBytes(recipients, plain).toString('base64'),
    signer: signer.keyId,
  };
  const manifest = { ...body, signature: signer.sign(Buffer.from(canonicalJson(body))) };
  checked(Envelope, manifest, 'the manifest to write');
  return { manifest, bytes: Buffer.from(`${canonicalJson(manifest)}\n`) };
}

/** The bytes of a manifest: canonical JSON, sealed, signed, with a line end. */
export function writeManifest(...parts: Parameters<typeof makeManifest>): Buffer {
  return makeManifest(...parts).bytes;
}

/**
 * Parses and checks a manifest, its signature included.
 * @throws EarshotError MANIFEST_CORRUPT; KEY_MISSING when it was signed by a key that is not among `keys`
 */
export function readManifest(bytes: Uint8Array, keys: TrustedKeys): Manifest {
  const manifest = checked(Envelope, parsed(bytes), 'the manifest');
  const { signature, ...body } = manifest;
  const key = keys.get(manifest.signer);
  if (key === undefined) {
    throw new EarshotError(
      'KEY_MISSING',
      `the manifest was signed by the key ${manifest.signer}, which is not known here.`,
      {
        remedy: 'Import the keys of the node that made it.',
      },
    );
  }
  if (!isSigned(key, Buffer.from(canonicalJson(body)), signature)) throw corruptManifest('its signature is wrong');
  return manifest;
}

/** Opens the sealed part. @throws EarshotError MANIFEST_CORRUPT, SEAL_CORRUPT, KEY_MISSING */
export async function openDetail(
  manifest: Manifest,
  identity: Identity | readonly Identity[],
): Promise<ManifestDetail> {
  const plain = await openBytes(identity, Buffer.from(manifest.sealed, 'base64'));
  return checked(Detail, parsed(plain), 'its sealed part') as ManifestDetail;
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw corruptManifest('it is not JSON', error);
  }
}

/** Made for each schema at its first use: every recording's manifest is checked, and going through the schema takes longer than all else. */
const validators = new WeakMap<Type.TSchema, { Check(value: unknown): boolean }>();

export function checked<T extends Type.TSchema>(schema: T, value: unknown, what: string): Static<T> {
  let validator = validators.get(schema);
  if (validator === undefined) {
    validator = Compile(schema);
    validators.set(schema, validator);
  }
  if (validator.Check(value)) return value as Static<T>;
  const [first] = Errors(schema, value);
  throw corruptManifest(`${what} is malformed at ${first?.instancePath || '/'}: ${first?.message ?? ''}`);
}

export function corruptManifest(what: string, cause?: unknown): EarshotError {
  return new EarshotError('MANIFEST_CORRUPT', `the manifest cannot be trusted: ${what}.`, {
    remedy: 'Bring it back from a backup; it was damaged or changed.',
    ...(cause === undefined ? {} : { cause }),
  });
}
