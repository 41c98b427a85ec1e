import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { DoneCalls } from './done-calls.ts';
import { Housekeeping } from './housekeeping.ts';

const MEGABYTE = 1024 * 1024;

function keeping(formerJournalBytes: number) {
  const position = { file: '2', offset: 0 };
  const told = { moves: 0 };
  const housekeeping = new Housekeeping({
    clock: new VirtualClock(),
    log: silentLog,
    done: new DoneCalls(),
    isJournalDamaged: false,
    formerJournalBytes,
    adoptOrphans: () => Promise.resolve(0),
    free: () => Promise.resolve([]),
    carry: () => Promise.resolve([]),
    purge: () => Promise.resolve([]),
    listCalls: () => Promise.resolve(new Set()),
    journalPosition: () => position,
    moveJournal: () => {
      told.moves += 1;
      position.file = '3';
      position.offset = 0;
      return Promise.resolve();
    },
  });
  return { housekeeping, position, told };
}

describe('the journal', () => {
  it('moves when it has grown, and again when it has grown as much again', async () => {
    const { housekeeping, position, told } = keeping(0);
    position.offset = 16 * MEGABYTE - 1;
    await housekeeping.look();
    expect(told.moves).toBe(0);
    position.offset += 1;
    await housekeeping.look();
    await housekeeping.look();
    expect(told.moves).toBe(1);
    position.offset = 16 * MEGABYTE;
    await housekeeping.look();
    expect(told.moves).toBe(2);
  });

  it('counts what former recorders left, none of which lived long enough to move it', async () => {
    const { housekeeping, position, told } = keeping(15 * MEGABYTE);
    await housekeeping.look();
    expect(told.moves).toBe(0);
    position.offset = MEGABYTE;
    await housekeeping.look();
    await housekeeping.look();
    expect(told.moves).toBe(1);
  });
});
