import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { DoneCalls } from './done-calls.ts';
import { Housekeeping } from './housekeeping.ts';

const MEGABYTE = 1024 * 1024;

function keeping(isJournalDamaged = false) {
  const journal = { bytes: 0 };
  /** Each time that files were let go, whether it was for damage. */
  const retired: boolean[] = [];
  const housekeeping = new Housekeeping({
    clock: new VirtualClock(),
    log: silentLog,
    done: new DoneCalls(),
    isJournalDamaged,
    adoptOrphans: () => Promise.resolve(0),
    free: () => Promise.resolve([]),
    carry: () => Promise.resolve([]),
    purge: () => Promise.resolve([]),
    listCalls: () => Promise.resolve(new Set()),
    journalBytes: () => journal.bytes,
    retireJournal: (isDamaged) => {
      retired.push(isDamaged);
      return Promise.resolve();
    },
  });
  return { housekeeping, journal, retired };
}

describe('files of the journal', () => {
  it('are looked at when it has grown, and again when it has grown as much again', async () => {
    const { housekeeping, journal, retired } = keeping();
    await housekeeping.look();
    retired.length = 0;
    journal.bytes = 4 * MEGABYTE - 1;
    await housekeeping.look();
    expect(retired).toEqual([]);
    journal.bytes += 1;
    await housekeeping.look();
    await housekeeping.look();
    expect(retired).toEqual([false]);
    journal.bytes += 4 * MEGABYTE;
    await housekeeping.look();
    expect(retired).toEqual([false, false]);
  });

  it('are looked at after a start: former recorders leave files, and may all have been short-lived', async () => {
    const { housekeeping, retired } = keeping();
    await housekeeping.look();
    await housekeeping.look();
    expect(retired).toEqual([false]);
  });

  it('that are damaged are written anew once', async () => {
    const { housekeeping, journal, retired } = keeping(true);
    await housekeeping.look();
    journal.bytes += 4 * MEGABYTE;
    await housekeeping.look();
    expect(retired).toEqual([true, false]);
  });
});
