import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import type { Change } from '../../catalogue/changes.ts';
import { RecordingFeed } from './feed.ts';

/** A catalogue of which the test says what is written, and up to where that is settled. */
async function open() {
  const clock = new VirtualClock();
  const written: Change[] = [];
  const state = { settled: Infinity, reads: 0, settings: 0, wake: (): void => undefined };
  const catalogue = {
    currentMark: async () => '0',
    changesSince: async (mark: string, limit = 500) => {
      state.reads += 1;
      const end = Math.min(written.length, state.settled, Number(mark) + limit);
      return { changes: written.slice(Number(mark), end), mark: String(end), more: end < written.length };
    },
    watch: (wake: () => void) => {
      state.wake = wake;
      return { close: async () => undefined };
    },
  };
  const feed = await RecordingFeed.open({ catalogue, clock, log: silentLog, onSettings: () => (state.settings += 1) });
  const told: string[] = [];
  feed.subscribe(({ type, ...event }) => told.push(`${type} ${'id' in event ? event.id : ''}`));
  const write = (subject: string, kind: Change['kind'] = 'recording.created'): void => {
    written.push({ accountId: 'main', kind, subject, at: new Date(0) });
    state.wake();
  };
  const pass = async (ms: number): Promise<void> => {
    for (let at = 0; at < ms; at += 50) {
      clock.advance(50);
      for (let turn = 0; turn < 10; turn++) await Promise.resolve();
    }
  };
  return { feed, state, told, write, pass };
}

describe('the feed of recordings', () => {
  it('reads what many transactions wrote at once, in order', async () => {
    const { state, told, write, pass } = await open();
    for (let n = 0; n < 50; n++) write(`r${n}`);
    await pass(200);
    expect(told).toEqual(Array.from({ length: 50 }, (_, n) => `recording.created r${n}`));
    expect(state.reads).toBe(1);
    write('r0', 'recording.deleted');
    write('x', 'setting.changed');
    await pass(200);
    expect(told.at(-1)).toBe('recording.deleted r0');
    expect(state).toMatchObject({ reads: 2, settings: 1 });
  });

  it('looks again for what an open transaction may precede, and for what did not fit', async () => {
    const { state, told, write, pass } = await open();
    state.settled = 1;
    for (let n = 0; n < 700; n++) write(`r${n}`);
    await pass(200);
    expect(told).toHaveLength(1);
    state.settled = Infinity;
    await pass(500);
    expect(told).toHaveLength(700);
    const { reads } = state;
    await pass(5000);
    expect(state.reads).toBe(reads);
  });

  it('reads nothing after it was closed', async () => {
    const { feed, state, write, pass } = await open();
    write('r1');
    await feed.close();
    await pass(1000);
    expect(state.reads).toBe(0);
  });
});
