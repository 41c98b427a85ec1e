import { messageOf } from '../base/errors.ts';
import { opaqueId } from '../base/ids.ts';
import { objectKey, recordingIdOf } from '../vault/layout.ts';
import {
  type Manifest,
  type ManifestDetail,
  type OfCall,
  manifestKey,
  makeManifest,
  openDetail,
  readManifest,
  type WrittenManifest,
} from '../vault/manifest.ts';
import { sha256 } from '../vault/signing.ts';
import { tombstoneKey } from '../vault/tombstone.ts';
import { verifyObjects } from '../vault/verify.ts';
import type { CallReading } from './call-reading.ts';
import { type DecidedCall, describeRecording, wallSpan } from './describe.ts';
import { digitsIn, gapsIn } from './digits.ts';
import { layOut } from './lay-out.ts';
import { recordingRow } from './recording-row.ts';
import { retainUntil } from './retention.ts';
import { formOf } from './terms.ts';
import type { ArchiveParts, ArchiveStep } from './types.ts';
import type { Wanted } from './wanted.ts';

export type RecordingOutcome = 'archived' | 'existing' | 'deleted';

/** A recording of a call that has been read and decided. */
export interface RecordingOfCall extends DecidedCall {
  readonly wanted: Wanted;
  readonly reading: CallReading;
  readonly ofCall: OfCall;
  readonly warnings: readonly string[];
}

/** What a recording whose manifest was there already, or that was deleted, needs no more reading for. */
export async function earlierOutcome(
  parts: ArchiveParts,
  callId: string,
  recording: number,
): Promise<RecordingOutcome | null> {
  const recordingId = recordingIdOf(callId, recording);
  if (await parts.vault.store.exists(tombstoneKey(recordingId))) return 'deleted';
  const existing = await committed(parts, recordingId);
  if (existing === null) return null;
  return finish(parts, { bytes: existing, outcome: 'existing' }, stepsOf(parts, recording));
}

/**
 * Makes one recording: sealed objects, then the manifest, which is the commit, then the catalogue's rows, then the ledger. It may die anywhere
 * and be called again: the recording ends up in the archive once.
 */
export async function archiveRecording(parts: ArchiveParts, one: RecordingOfCall): Promise<RecordingOutcome> {
  const { recording } = one.wanted;
  const reached = stepsOf(parts, recording);
  await reached('begin');
  const recordingId = recordingIdOf(one.call.callId, recording);
  const { store } = parts.vault;
  const made = await manifestOf(parts, one, recordingId, reached);
  const created = await store.createIfAbsent(manifestKey(recordingId), made.bytes);
  await reached('manifest-created');
  if (created) return finish(parts, { ...made, outcome: 'archived' }, reached);
  // Somebody else was first: theirs is the recording, our objects are swept later.
  return finish(parts, { bytes: await store.get(manifestKey(recordingId)), outcome: 'existing' }, reached);
}

type Reached = (step: ArchiveStep) => Promise<void>;

function stepsOf(parts: ArchiveParts, recording: number): Reached {
  return async (step) => {
    await parts.reached?.(step, recording);
  };
}

async function manifestOf(
  parts: ArchiveParts,
  one: RecordingOfCall,
  recordingId: string,
  reached: Reached,
): Promise<WrittenManifest & { readonly detail: ManifestDetail }> {
  const { vault, clock } = parts;
  const { call, plan, wanted, reading } = one;
  const span = wallSpan(call, wanted);
  const key = objectKey.bind(null, span.startedAt, recordingId, opaqueId(parts.random));
  const { container: wish, warnings } = formOf(wanted.decision);
  const voidUntilUs = call.destroyedUntil === null ? null : call.destroyedUntil * 1000;
  const laid = await layOut({ parts, reading, plan, wanted, container: wish, voidUntilUs, key, reached });
  const gaps = gapsIn((await reading.survey()).gaps, wanted, call);
  const digits = await digitsIn(reading, wanted);
  const detail = describeRecording({ ...one, gaps, digits, laid, warnings: [...one.warnings, ...warnings] });
  const recordId = await parts.catalogue.reserveRecordId();
  await reached('id-reserved');
  const { container, codec, channels, audio, peaks, trace, packets } = laid;
  const input = {
    recordingId,
    recordId,
    accountId: one.accountId,
    nodeId: parts.nodeId,
    callId: call.callId,
    createdAt: Math.round(clock.now()),
    retainUntil: retainUntil(wanted.decisions, span.endedAt, (endedAt) => parts.retainUntil(endedAt)),
    container,
    codec,
    channels,
    audio,
    peaks,
    trace,
    packets,
  };
  return { ...makeManifest(input, detail, vault.recipients, vault.signer), detail };
}

interface Committed {
  readonly bytes: Buffer;
  /** As it was made here, and what is sealed in it; one that lay there is read. */
  readonly manifest?: Manifest;
  readonly detail?: ManifestDetail;
  readonly outcome: 'archived' | 'existing';
}

/** What comes after the commit, all of it idempotent. */
async function finish(
  parts: ArchiveParts,
  { bytes, outcome, ...made }: Committed,
  reached: Reached,
): Promise<RecordingOutcome> {
  const { vault, catalogue, clock } = parts;
  const manifest = made.manifest ?? readManifest(bytes, vault.keys);
  const hash = sha256(bytes);
  const row = recordingRow(manifest, hash, made.detail ?? (await openDetail(manifest, vault.identities)));
  const inserted = await catalogue.insertRecording(row);
  await reached('row-inserted');
  if (inserted === 'deleted') return 'deleted';
  await vault.ledger.append({ kind: 'kept', recordingId: manifest.recordingId, sha256: hash }, Math.round(clock.now()));
  await reached('ledger-written');
  return outcome;
}

/**
 * The manifest that an earlier attempt committed, its objects verified; null = there is none.
 * @throws EarshotError MANIFEST_CORRUPT, SEAL_CORRUPT, OBJECT_MISSING where the vault was damaged: the call's audio is then not freed
 */
async function committed(parts: ArchiveParts, recordingId: string): Promise<Buffer | null> {
  const { store, keys } = parts.vault;
  const key = manifestKey(recordingId);
  if (!(await store.exists(key))) return null;
  const bytes = await store.get(key);
  try {
    await verifyObjects(parts.vault, readManifest(bytes, keys));
  } catch (error) {
    parts.logger.error({ recordingId, reason: messageOf(error) }, 'a committed recording is damaged');
    throw error;
  }
  return bytes;
}
