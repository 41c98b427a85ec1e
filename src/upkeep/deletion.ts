import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Deletion, Tombstone } from '../catalogue/deletion.ts';
import { recordingFolder } from '../vault/layout.ts';
import { manifestKey } from '../vault/manifest.ts';
import { sha256 } from '../vault/signing.ts';
import { tombstoneKey, writeTombstone } from '../vault/tombstone.ts';
import type { Vault } from '../vault/vault.ts';

/** What deletion asks of the catalogue; `Catalogue` is one. */
export interface DeletionCatalogue {
  deleteRecording(deletion: Deletion): Promise<Tombstone | null>;
  uncleanedTombstones(limit?: number): Promise<Tombstone[]>;
  markCleaned(id: string): Promise<void>;
}

/** The moments between which a process may die; tests stop at each. */
export const DELETION_STEPS = [
  'row-gone',
  'tombstone-written',
  'ledger-written',
  'objects-gone',
  'manifest-gone',
] as const;
export type DeletionStep = (typeof DELETION_STEPS)[number];

export interface DeletionParts {
  readonly vault: Pick<Vault, 'store' | 'signer' | 'ledger'>;
  readonly catalogue: DeletionCatalogue;
  readonly log: Log;
  readonly reached?: (step: DeletionStep) => void;
}

/**
 * Deletes a recording for good. Its row goes first, so that nobody plays it from then on; then a signed tombstone takes the place of its
 * manifest, the ledger tells of it, and its objects go. What a crash or a failing store leaves undone {@link cleanDeleted} does.
 * @returns false when there is no such recording in the account
 */
export async function deleteRecording(parts: DeletionParts, deletion: Deletion): Promise<boolean> {
  const tombstone = await parts.catalogue.deleteRecording(deletion);
  if (tombstone === null) return false;
  parts.reached?.('row-gone');
  await tryToClean(parts, tombstone);
  return true;
}

async function tryToClean(parts: DeletionParts, tombstone: Tombstone): Promise<boolean> {
  try {
    await clean(parts, tombstone);
    return true;
  } catch (error) {
    parts.log.error({ recordingId: tombstone.id, reason: messageOf(error) }, 'objects of a deleted recording remain');
    return false;
  }
}

/** Removes the objects of recordings whose rows are gone. One that fails does not stop the others. @returns how many were cleaned */
export async function cleanDeleted(parts: DeletionParts): Promise<number> {
  let cleaned = 0;
  for (;;) {
    const tombstones = await parts.catalogue.uncleanedTombstones();
    let progress = 0;
    for (const tombstone of tombstones) {
      if (await tryToClean(parts, tombstone)) progress += 1;
    }
    cleaned += progress;
    // Those that fail come first again: the rest has its turn when they are mended.
    if (progress === 0) return cleaned;
  }
}

async function clean({ vault, catalogue, reached }: DeletionParts, tombstone: Tombstone): Promise<void> {
  const { store, signer, ledger } = vault;
  const { id, deletedAt } = tombstone;
  const key = tombstoneKey(id);
  const bytes = writeTombstone(
    {
      recordingId: id,
      recordId: tombstone.recordId,
      accountId: tombstone.accountId,
      deletedAt: deletedAt.getTime(),
      by: tombstone.actor.slice(0, 200),
      reason: tombstone.reason,
      manifestSha256: tombstone.manifestSha256,
    },
    signer,
  );
  const written = (await store.createIfAbsent(key, bytes)) ? bytes : await store.get(key);
  reached?.('tombstone-written');
  await ledger.append({ kind: 'deleted', recordingId: id, sha256: sha256(written) }, deletedAt.getTime());
  reached?.('ledger-written');
  // All attempts, not only the one that the manifest names.
  const objects: string[] = tombstone.objectKey === null ? [] : [tombstone.objectKey];
  if (tombstone.startedAt !== null) {
    for await (const object of store.list(recordingFolder(tombstone.startedAt.getTime(), id))) objects.push(object.key);
  }
  for (const object of objects) await store.delete(object);
  reached?.('objects-gone');
  await store.delete(manifestKey(id));
  reached?.('manifest-gone');
  await catalogue.markCleaned(id);
}
