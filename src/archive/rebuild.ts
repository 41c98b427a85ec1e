import { EarshotError, messageOf } from '../base/errors.ts';
import type { Tombstone } from '../catalogue/deletion.ts';
import type { RecordingInput } from '../catalogue/types.ts';
import { manifestKey, openDetail, readManifest } from '../vault/manifest.ts';
import { sha256 } from '../vault/signing.ts';
import { readTombstone, tombstoneKey, type Tombstone as SealedTombstone } from '../vault/tombstone.ts';
import type { Vault } from '../vault/vault.ts';
import { recordingRow } from './recording-row.ts';

export interface RebuildCatalogue {
  /** Accounts of which only manifests tell are made anew, named by their ids, so that nothing is lost. */
  ensureAccount(accountId: string): Promise<void>;
  insertTombstone(tombstone: Tombstone): Promise<boolean>;
  insertRecording(input: RecordingInput): Promise<'inserted' | 'existing' | 'deleted'>;
  /** RecordIDs given out from now on are larger. */
  setRecordIdFloor(floor: number): Promise<void>;
}

export interface RebuildReport {
  readonly inserted: number;
  readonly existing: number;
  /** Deleted ones, of which only objects were left. */
  readonly deleted: number;
  /** Tombstones that were not in the catalogue. */
  readonly tombstones: number;
  /** Manifests that could not be read, with the reason. */
  readonly unreadable: readonly { readonly key: string; readonly reason: string }[];
}

/**
 * Fills the catalogue's recordings, their calls, and what is left of deleted ones from the vault, with their ids and RecordIDs. May be run again, and over a catalogue that has some
 * of them. One bad manifest does not stop the others.
 * @throws when store or database fail
 */
export async function rebuildCatalogue(
  vault: Pick<Vault, 'store' | 'keys' | 'identities'>,
  catalogue: RebuildCatalogue,
): Promise<RebuildReport> {
  const counts = { inserted: 0, existing: 0, deleted: 0, tombstones: 0 };
  const unreadable: { key: string; reason: string }[] = [];
  const unfinished = new Map<string, RecordingInput>();
  let highest = 0;
  for await (const { key } of vault.store.list('manifests/')) {
    const row = await readable(readRow(vault, key), key, unreadable);
    if (row === null) continue;
    highest = Math.max(highest, row.recordId);
    if (await vault.store.exists(tombstoneKey(row.id))) {
      counts.deleted += 1;
      unfinished.set(row.id, row);
      continue;
    }
    await catalogue.ensureAccount(row.accountId);
    counts[await catalogue.insertRecording(row)] += 1;
  }
  // A RecordID is not given out twice, though its recording be deleted.
  for await (const { key } of vault.store.list('tombstones/')) {
    const reading = vault.store.get(key).then((bytes) => readTombstone(bytes, vault.keys));
    const tombstone = await readable(reading, key, unreadable);
    if (tombstone === null) continue;
    highest = Math.max(highest, tombstone.recordId);
    const row = tombstoneRow(tombstone, unfinished.get(tombstone.recordingId));
    if (await catalogue.insertTombstone(row)) counts.tombstones += 1;
  }
  if (highest > 0) await catalogue.setRecordIdFloor(highest);
  return { ...counts, unreadable };
}

/** @param row of a deletion that has not been finished: its manifest is still there, and upkeep removes the rest */
function tombstoneRow(tombstone: SealedTombstone, row: RecordingInput | undefined): Tombstone {
  const { recordingId: id, recordId, accountId, manifestSha256, reason, by } = tombstone;
  const deletedAt = new Date(tombstone.deletedAt);
  return {
    id,
    recordId,
    accountId,
    callId: row?.callId ?? null,
    startedAt: row?.startedAt ?? null,
    durationMs: row === undefined ? null : Math.round(row.durationMs),
    objectKey: row?.objectKey ?? null,
    manifestKey: manifestKey(id),
    manifestSha256,
    reason,
    actor: by,
    deletedAt,
    cleanedAt: row === undefined ? deletedAt : null,
  };
}

/** What is damaged is reported; a store that fails ends the rebuild. */
async function readable<T>(
  reading: Promise<T>,
  key: string,
  unreadable: { key: string; reason: string }[],
): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof EarshotError)) throw error;
    unreadable.push({ key, reason: messageOf(error) });
    return null;
  }
}

async function readRow(vault: Pick<Vault, 'store' | 'keys' | 'identities'>, key: string): Promise<RecordingInput> {
  const bytes = await vault.store.get(key);
  const manifest = readManifest(bytes, vault.keys);
  return recordingRow(manifest, sha256(bytes), await openDetail(manifest, vault.identities));
}
