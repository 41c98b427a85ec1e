import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { recordingOf } from '../vault/layout.ts';
import { type Manifest, manifestKey, readManifest } from '../vault/manifest.ts';
import type { Vault } from '../vault/vault.ts';

/** An attempt that no manifest named after a day will never be named. */
export const ORPHAN_AGE_MS = 24 * 3_600_000;

export interface SweepParts {
  readonly vault: Pick<Vault, 'store' | 'keys'>;
  readonly log: Log;
  /** Whether the catalogue has a recording of this id: then its manifest was lost, not never made, and nothing is swept. */
  readonly isCatalogued: (recordingId: string) => Promise<boolean>;
}

export interface SweepReport {
  readonly swept: number;
  /** Objects of recordings whose manifest is missing or cannot be read; they are left. */
  readonly doubtful: number;
}

/**
 * Removes objects of attempts that were given up: older than a day and named by no manifest. Where there is any doubt an object stays.
 * @param now wall time, ms
 */
export async function sweepOrphans({ vault, log, isCatalogued }: SweepParts, now: number): Promise<SweepReport> {
  const { store, keys } = vault;
  let swept = 0;
  let doubtful = 0;
  let judged = '';
  let verdict: Manifest | 'none' | 'doubt' = 'none';
  const judge = async (id: string): Promise<Manifest | 'none' | 'doubt'> => {
    try {
      if (await store.exists(manifestKey(id))) return readManifest(await store.get(manifestKey(id)), keys);
      return (await isCatalogued(id)) ? 'doubt' : 'none';
    } catch (error) {
      log.error({ recordingId: id, reason: messageOf(error) }, 'manifest cannot be read, its objects are left');
      return 'doubt';
    }
  };
  for await (const { key, modifiedAt } of store.list('objects/')) {
    const id = recordingOf(key);
    if (id === null || modifiedAt > now - ORPHAN_AGE_MS) continue;
    // Objects of one recording come one after the other in most stores.
    if (judged !== id) verdict = await judge(id);
    judged = id;
    if (verdict === 'doubt') {
      doubtful += 1;
    } else if (verdict === 'none' || !names(verdict, key)) {
      await store.delete(key);
      swept += 1;
    }
  }
  if (swept + doubtful > 0) log.info({ swept, doubtful }, 'objects of given-up attempts swept');
  return { swept, doubtful };
}

function names(manifest: Manifest, key: string): boolean {
  return [manifest.audio, manifest.peaks, manifest.trace, manifest.packets].some((object) => object?.key === key);
}
