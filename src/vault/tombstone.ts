import { type Static, Type } from 'typebox';
import { canonicalJson } from './canonical.ts';
import { checked, corruptManifest } from './manifest.ts';
import { isSigned, type Signer, type TrustedKeys } from './signing.ts';

const Tombstone = Type.Object(
  {
    format: Type.Literal('earshot-tombstone/1'),
    recordingId: Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$' }),
    recordId: Type.Integer({ minimum: 1 }),
    accountId: Type.String({ pattern: '^[A-Za-z0-9._-]{1,64}$' }),
    /** Ms since 1970. */
    deletedAt: Type.Integer({ minimum: 0 }),
    /** Who or what deleted it: a user's id, or `retention`. */
    by: Type.String({ maxLength: 200 }),
    reason: Type.String({ maxLength: 500 }),
    /** SHA-256 of the manifest that was deleted, hex; empty when there was none. */
    manifestSha256: Type.String({ pattern: '^([0-9a-f]{64})?$' }),
    signer: Type.String({ pattern: '^[0-9a-f]{16}$' }),
    signature: Type.String({ pattern: '^[A-Za-z0-9+/]{86}==$' }),
  },
  { additionalProperties: false },
);

/** What stays of a deleted recording, in place of its manifest. */
export type Tombstone = Static<typeof Tombstone>;
export type TombstoneInput = Omit<Tombstone, 'format' | 'signer' | 'signature'>;

export function tombstoneKey(recordingId: string): string {
  return `tombstones/${recordingId}.json`;
}

export function writeTombstone(input: TombstoneInput, signer: Signer): Buffer {
  const body = { format: 'earshot-tombstone/1' as const, ...input, signer: signer.keyId };
  const tombstone = { ...body, signature: signer.sign(Buffer.from(canonicalJson(body))) };
  return Buffer.from(`${canonicalJson(checked(Tombstone, tombstone, 'the tombstone to write'))}\n`);
}

/** @throws EarshotError MANIFEST_CORRUPT */
export function readTombstone(bytes: Uint8Array, keys: TrustedKeys): Tombstone {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    throw corruptManifest('the tombstone is not JSON', error);
  }
  const tombstone = checked(Tombstone, value, 'the tombstone');
  const { signature, ...body } = tombstone;
  const key = keys.get(tombstone.signer);
  if (key === undefined || !isSigned(key, Buffer.from(canonicalJson(body)), signature)) {
    throw corruptManifest('the signature of the tombstone is wrong');
  }
  return tombstone;
}
