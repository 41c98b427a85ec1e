import { EarshotError, messageOf } from '../base/errors.ts';
import type { RecordingInput } from '../catalogue/types.ts';
import { openDetail, readManifest } from '../vault/manifest.ts';
import { sha256 } from '../vault/signing.ts';
import { readTombstone, tombstoneKey } from '../vault/tombstone.ts';
import type { Vault } from '../vault/vault.ts';
import { recordingRow } from './recording-row.ts';

export interface RebuildCatalogue {
  insertRecording(input: RecordingInput): Promise<'inserted' | 'existing' | 'deleted'>;
  /** RecordIDs given out from now on are larger. */
  setRecordIdFloor(floor: number): Promise<void>;
}

export interface RebuildReport {
  readonly inserted: number;
  readonly existing: number;
  /** Deleted ones, of which only objects were left. */
  readonly deleted: number;
  /** Manifests that could not be read, with the reason. */
  readonly unreadable: readonly { readonly key: string; readonly reason: string }[];
}

/**
 * Fills the catalogue's recordings from the manifests, with their ids and RecordIDs. May be run again, and over a catalogue that has some
 * of them. One bad manifest does not stop the others.
 * @throws when store or database fail
 */
export async function rebuildCatalogue(
  vault: Pick<Vault, 'store' | 'keys' | 'identities'>,
  catalogue: RebuildCatalogue,
): Promise<RebuildReport> {
  const counts = { inserted: 0, existing: 0, deleted: 0 };
  const unreadable: { key: string; reason: string }[] = [];
  let highest = 0;
  for await (const { key } of vault.store.list('manifests/')) {
    const row = await readable(readRow(vault, key), key, unreadable);
    if (row === null) continue;
    highest = Math.max(highest, row.recordId);
    const isDeleted = await vault.store.exists(tombstoneKey(row.id));
    counts[isDeleted ? 'deleted' : await catalogue.insertRecording(row)] += 1;
  }
  // A RecordID is not given out twice, though its recording be deleted.
  for await (const { key } of vault.store.list('tombstones/')) {
    const reading = vault.store.get(key).then((bytes) => readTombstone(bytes, vault.keys));
    highest = Math.max(highest, (await readable(reading, key, unreadable))?.recordId ?? 0);
  }
  if (highest > 0) await catalogue.setRecordIdFloor(highest);
  return { ...counts, unreadable };
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
