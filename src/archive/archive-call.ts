import { messageOf } from '../base/errors.ts';
import { opaqueId } from '../base/ids.ts';
import type { CallState } from '../link/fold.ts';
import { objectKey, recordingIdOf } from '../vault/layout.ts';
import { type ManifestDetail, manifestKey, openDetail, readManifest, writeManifest } from '../vault/manifest.ts';
import { sha256 } from '../vault/signing.ts';
import { tombstoneKey } from '../vault/tombstone.ts';
import { verifyObjects } from '../vault/verify.ts';
import { CallReading } from './call-reading.ts';
import { planChannels } from './channels.ts';
import { describeCall } from './describe.ts';
import { withFoundStreams } from './found-streams.ts';
import { type Keeping, keepingOf } from './keeping.ts';
import { layOut } from './lay-out.ts';
import { recordingRow } from './recording-row.ts';
import type { ArchiveOutcome, ArchiveParts, ArchiveStep } from './types.ts';

/**
 * Makes an ended call a recording: sealed objects, then the manifest, which is the commit, then the catalogue's rows, then the ledger. It
 * may die anywhere and be called again, here or in another process: the call ends up in the archive once. When this returns, its audio may be freed.
 * @throws whatever store, database or log throw, to be tried again; RangeError for a call that has not ended
 */
export async function archiveCall(parts: ArchiveParts, call: CallState): Promise<ArchiveOutcome> {
  if (call.ended === null) throw new RangeError(`call ${call.callId} has not ended`);
  const reached = async (step: ArchiveStep): Promise<void> => {
    await parts.reached?.(step);
  };
  await reached('begin');
  const recordingId = recordingIdOf(call.callId);
  const { store } = parts.vault;
  if (await store.exists(tombstoneKey(recordingId))) return 'deleted';
  const existing = await committed(parts, recordingId);
  if (existing !== null) return finish(parts, { bytes: existing, outcome: 'existing' }, reached);
  const keeping = await keepingOf(call, (facts) => parts.decide(facts));
  if (keeping === null) return 'not-recorded';
  const made = await makeManifest(parts, call, keeping, recordingId, reached);
  const created = await store.createIfAbsent(manifestKey(recordingId), made.bytes);
  await reached('manifest-created');
  if (created) return finish(parts, { ...made, outcome: 'archived' }, reached);
  // Somebody else was first: theirs is the recording, our objects are swept later.
  return finish(parts, { bytes: await store.get(manifestKey(recordingId)), outcome: 'existing' }, reached);
}

async function makeManifest(
  parts: ArchiveParts,
  journalled: CallState,
  keeping: Keeping,
  recordingId: string,
  reached: (step: ArchiveStep) => Promise<void>,
): Promise<{ bytes: Buffer; detail: ManifestDetail }> {
  const { vault, clock } = parts;
  const reading = new CallReading(parts.log, journalled);
  const call = await withFoundStreams(journalled, reading);
  const plan = planChannels(call);
  const attempt = opaqueId(parts.random);
  const key = objectKey.bind(null, call.openedAt, recordingId, attempt);
  const laid = await layOut({ parts, reading, plan, keeping, key, reached });
  const { gaps } = await reading.survey();
  const detail = describeCall(call, keeping, plan, gaps, laid);
  const accountId = keeping.decision.accountId || parts.fallbackAccountId;
  const retainUntil = await parts.retainUntil(accountId, detail.endedAt);
  const recordId = await parts.catalogue.reserveRecordId();
  await reached('id-reserved');
  const { container, codec, channels, audio, peaks, trace, packets } = laid;
  const input = {
    recordingId,
    recordId,
    accountId,
    nodeId: parts.nodeId,
    callId: call.callId,
    createdAt: Math.round(clock.now()),
    retainUntil: retainUntil === null ? null : Math.round(retainUntil),
    container,
    codec,
    channels,
    audio,
    peaks,
    trace,
    packets,
  };
  return { bytes: writeManifest(input, detail, vault.recipients, vault.signer), detail };
}

interface Committed {
  readonly bytes: Buffer;
  /** What is sealed in it, where that is known without opening it. */
  readonly detail?: ManifestDetail;
  readonly outcome: 'archived' | 'existing';
}

/** What comes after the commit, all of it idempotent. */
async function finish(
  parts: ArchiveParts,
  { bytes, detail, outcome }: Committed,
  reached: (step: ArchiveStep) => Promise<void>,
): Promise<ArchiveOutcome> {
  const { vault, catalogue, clock } = parts;
  const manifest = readManifest(bytes, vault.keys);
  const hash = sha256(bytes);
  const row = recordingRow(manifest, hash, detail ?? (await openDetail(manifest, vault.identities)));
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
