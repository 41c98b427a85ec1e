import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { Deletion, DueRecording, Tombstone } from '../catalogue/deletion.ts';
import { objectKey, recordingIdOf } from '../vault/layout.ts';
import { ledgerPath } from '../vault/ledger.ts';
import { manifestKey, writeManifest } from '../vault/manifest.ts';
import { MemoryStore } from '../vault/memory-store.ts';
import { sha256 } from '../vault/signing.ts';
import { sampleDetail, sampleManifest, testVault } from '../vault/testing.ts';
import { readTombstone } from '../vault/tombstone.ts';
import type { Vault } from '../vault/vault.ts';
import { verifyLedger } from '../vault/verify-ledger.ts';
import { cleanDeleted, deleteRecording, DELETION_STEPS, type DeletionCatalogue } from './deletion.ts';
import { DiskWatch, diskSpace } from './disk.ts';
import { forgetOldCalls } from './forget.ts';
import { Loop } from './loop.ts';
import { deleteDue } from './retention.ts';
import { sweepOrphans } from './sweep.ts';

const START = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

/** Rows and tombstones as the catalogue keeps them. */
class FakeCatalogue implements DeletionCatalogue {
  readonly rows = new Map<string, { retainUntil: number; objectKey: string; manifestSha256: string }>();
  readonly tombstones = new Map<string, Tombstone>();

  async deleteRecording({ id, accountId, actor, reason }: Deletion): Promise<Tombstone | null> {
    const row = this.rows.get(id);
    if (row === undefined || accountId !== 'main') return null;
    this.rows.delete(id);
    const { objectKey: key, manifestSha256 } = row;
    const fixed = {
      recordId: 7,
      callId: 'c',
      startedAt: new Date(START),
      durationMs: 1,
      deletedAt: new Date(START + DAY),
    };
    const tombstone = {
      id,
      accountId,
      actor,
      reason,
      objectKey: key,
      manifestKey: manifestKey(id),
      manifestSha256,
      cleanedAt: null,
      ...fixed,
    };
    this.tombstones.set(id, tombstone);
    return tombstone;
  }

  async uncleanedTombstones(limit = 100): Promise<Tombstone[]> {
    return [...this.tombstones.values()].filter(({ cleanedAt }) => cleanedAt === null).slice(0, limit);
  }

  async markCleaned(id: string): Promise<void> {
    this.tombstones.set(id, { ...this.tombstones.get(id)!, cleanedAt: new Date() });
  }

  async dueForDeletion(now: Date, limit = 100): Promise<DueRecording[]> {
    const due = [...this.rows].filter(([, { retainUntil }]) => retainUntil <= now.getTime());
    return due
      .slice(0, limit)
      .map(([id, { retainUntil }]) => ({ id, accountId: 'main', retainUntil: new Date(retainUntil) }));
  }
}

let dir: string;
let store: MemoryStore;
let vault: Vault;
let catalogue: FakeCatalogue;
let storedAt = START;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'upkeep-test-'));
  storedAt = START;
  store = new MemoryStore(() => storedAt);
  vault = await testVault(store, ledgerPath(dir, 'node-1'));
  catalogue = new FakeCatalogue();
});
afterEach(async () => {
  await vault.close();
  await rm(dir, { recursive: true });
});

async function* one(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** A committed recording with an earlier attempt's object beside it. */
async function keep(name: string, retainUntil = START + 90 * DAY): Promise<string> {
  const id = recordingIdOf(name);
  const audio = {
    key: objectKey(START, id, 'used', 'wav'),
    ...(await store.put(objectKey(START, id, 'used', 'wav'), one(name))),
  };
  await store.put(objectKey(START, id, 'givenup', 'wav'), one('x'));
  const bytes = writeManifest({ ...sampleManifest(id), audio }, sampleDetail(), vault.recipients, vault.signer);
  await store.createIfAbsent(manifestKey(id), bytes);
  catalogue.rows.set(id, { retainUntil, objectKey: audio.key, manifestSha256: sha256(bytes) });
  await vault.ledger.append({ kind: 'kept', recordingId: id, sha256: sha256(bytes) }, START);
  return id;
}

async function keys(): Promise<string[]> {
  return (await Array.fromAsync(store.list(''))).map(({ key }) => key).toSorted();
}

const ledgerReport = () => verifyLedger(ledgerPath(dir, 'node-1'), { keys: vault.keys, store });
const parts = () => ({ vault, catalogue, log: silentLog });

describe('deleting a recording', () => {
  it('removes every object of it and leaves a signed tombstone and a ledger entry', async () => {
    const id = await keep('one');
    const other = await keep('two');
    const manifest = await store.get(manifestKey(id));
    expect(await deleteRecording(parts(), { accountId: 'main', id, actor: 'admin-1', reason: 'user' })).toBe(true);
    expect((await keys()).filter((key) => key.includes(id))).toEqual([`tombstones/${id}.json`]);
    expect((await keys()).filter((key) => key.includes(other))).toHaveLength(3);
    const tombstone = readTombstone(await store.get(`tombstones/${id}.json`), vault.keys);
    expect(tombstone).toMatchObject({ by: 'admin-1', reason: 'user', manifestSha256: sha256(manifest), recordId: 7 });
    expect(await ledgerReport()).toMatchObject({ entries: 3, findings: [] });
    expect(await catalogue.uncleanedTombstones()).toEqual([]);
  });

  it('does nothing for another account', async () => {
    const id = await keep('one');
    expect(await deleteRecording(parts(), { accountId: 'other', id, actor: 'x', reason: 'user' })).toBe(false);
    expect(await keys()).toHaveLength(3);
  });

  it.each(DELETION_STEPS)('killed at %s is finished later, and nobody can play it meanwhile', async (step) => {
    const id = await keep('one');
    const dying = {
      ...parts(),
      reached: (at: string) => {
        if (at === step) throw new Error('killed');
      },
    };
    await Promise.allSettled([deleteRecording(dying, { accountId: 'main', id, actor: 'x', reason: 'user' })]);
    expect(await catalogue.uncleanedTombstones()).toHaveLength(1);
    expect(catalogue.rows.has(id)).toBe(false);
    expect((await ledgerReport()).findings).toEqual([]);
    expect(await cleanDeleted(parts())).toBe(1);
    expect(await keys()).toEqual([`tombstones/${id}.json`]);
    expect(await ledgerReport()).toMatchObject({ entries: 2, findings: [] });
    expect(await cleanDeleted(parts())).toBe(0);
  });

  it('of one that fails does not hold up the others', async () => {
    const [bad, good] = [await keep('bad'), await keep('good')];
    for (const id of [bad, good])
      await catalogue.deleteRecording({ accountId: 'main', id, actor: 'x', reason: 'user' });
    const failing = Object.assign(Object.create(store) as MemoryStore, {
      delete: (key: string) => (key.includes(bad) ? Promise.reject(new Error('EIO')) : store.delete(key)),
      list: (prefix: string) => store.list(prefix),
      exists: (key: string) => store.exists(key),
      get: (key: string) => store.get(key),
      createIfAbsent: (key: string, bytes: Uint8Array) => store.createIfAbsent(key, bytes),
    });
    expect(await cleanDeleted({ ...parts(), vault: { ...vault, store: failing } })).toBe(1);
    expect((await catalogue.uncleanedTombstones()).map(({ id }) => id)).toEqual([bad]);
  });
});

describe('retention', () => {
  it('deletes what is due and nothing else', async () => {
    const due = await keep('due', START + 10 * DAY);
    const later = await keep('later', START + 20 * DAY);
    const clock = new VirtualClock(START + 15 * DAY);
    expect(await deleteDue({ ...parts(), clock })).toBe(1);
    expect(catalogue.rows.has(due)).toBe(false);
    expect(catalogue.rows.has(later)).toBe(true);
    expect(catalogue.tombstones.get(due)).toMatchObject({ actor: 'retention', reason: 'retention' });
  });

  it('goes on through many batches', async () => {
    for (let n = 0; n < 203; n++) {
      catalogue.rows.set(recordingIdOf(`r${n}`), {
        retainUntil: START,
        objectKey: objectKey(START, recordingIdOf(`r${n}`), 'a', 'wav'),
        manifestSha256: '',
      });
    }
    expect(await deleteDue({ ...parts(), clock: new VirtualClock(START + DAY) })).toBe(203);
  });
});

describe('forgetting calls', () => {
  it('goes by each account’s days, else by 90, through many batches', async () => {
    const left = new Map([
      ['main', 1200],
      ['short', 3],
    ]);
    const asked: [string, number][] = [];
    const forgetting = {
      notRecordedDays: async () => [
        { accountId: 'main', days: null },
        { accountId: 'short', days: 7 },
      ],
      forgetCalls: async ({ accountId, before, limit }: { accountId: string; before: Date; limit: number }) => {
        asked.push([accountId, (START - before.getTime()) / DAY]);
        const gone = Math.min(limit, left.get(accountId)!);
        left.set(accountId, left.get(accountId)! - gone);
        return gone;
      },
    };
    const clock = new VirtualClock(START);
    expect(await forgetOldCalls({ catalogue: forgetting, clock, log: silentLog })).toBe(1203);
    expect(asked).toEqual([
      ['main', 90],
      ['main', 90],
      ['main', 90],
      ['short', 7],
    ]);
  });
});

describe('a loop', () => {
  it('comes again after each end and after a failure, and stops', async () => {
    const clock = new VirtualClock();
    let runs = 0;
    const loop = new Loop(clock, silentLog, {
      name: 'test',
      ms: 1000,
      task: async () => {
        runs += 1;
        if (runs === 2) throw new Error('once');
      },
    });
    await loop.run();
    for (const expected of [2, 3]) {
      clock.advance(1000);
      await loop.run();
      expect(runs).toBe(expected);
    }
    await loop.stop();
    expect(clock.waiting).toBe(0);
    await loop.run();
    expect(runs).toBe(3);
  });
});

describe('the sweep', () => {
  const never = async (): Promise<boolean> => false;

  it('takes objects of given-up attempts after a day, and keeps what a manifest names', async () => {
    const id = await keep('one');
    const lost = recordingIdOf('never committed');
    await store.put(objectKey(START, lost, 'a', 'wav'), one('x'));
    const sweep = { vault, log: silentLog, isCatalogued: never };
    expect(await sweepOrphans(sweep, START + DAY - 1)).toEqual({ swept: 0, doubtful: 0 });
    expect(await sweepOrphans(sweep, START + DAY + 1)).toEqual({ swept: 2, doubtful: 0 });
    expect(await keys()).toEqual([manifestKey(id), objectKey(START, id, 'used', 'wav')]);
  });

  it('leaves everything of a recording whose manifest is lost or cannot be read', async () => {
    const [lost, damaged] = [await keep('lost'), await keep('damaged')];
    await store.delete(manifestKey(lost));
    await store.put(manifestKey(damaged), one('{}'));
    const isCatalogued = async (id: string): Promise<boolean> => id === lost;
    expect(await sweepOrphans({ vault, log: silentLog, isCatalogued }, START + 2 * DAY)).toEqual({
      swept: 0,
      doubtful: 4,
    });
    expect((await keys()).filter((key) => key.startsWith('objects/'))).toHaveLength(4);
  });
});

describe('the disk watch', () => {
  const GB = 1e9;

  it('says nothing while there is room, then warns, then says that calls are refused', () => {
    const watch = new DiskWatch(GB);
    expect(watch.alarms).toEqual([]);
    const codes = [50, 4.9, 2.9, 0.9].map((free) => {
      watch.take(0, { freeBytes: free * GB, totalBytes: 100 * GB });
      return watch.alarms.map(({ code }) => code);
    });
    expect(codes).toEqual([[], ['disk-low'], ['disk-low'], ['disk-full']]);
  });

  it('warns days before, from the pace', () => {
    const watch = new DiskWatch(GB);
    for (let hour = 0; hour <= 10; hour++)
      watch.take(hour * 3_600_000, { freeBytes: (80 - hour) * GB, totalBytes: 100 * GB });
    expect(watch.hoursLeft).toBeCloseTo(69);
    expect(watch.alarms).toMatchObject([{ code: 'disk-low', text: expect.stringContaining('69 hours') as string }]);
  });

  it('reads the real disk', async () => {
    const { freeBytes, totalBytes } = await diskSpace('/tmp');
    expect(freeBytes).toBeGreaterThan(0);
    expect(totalBytes).toBeGreaterThanOrEqual(freeBytes);
  });
});
