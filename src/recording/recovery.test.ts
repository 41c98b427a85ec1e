import { describe, expect, it } from 'vitest';
import { JournalFold } from '../link/fold.ts';
import type { JournalEntry } from '../link/journal.ts';
import { recoverCalls } from './recovery.ts';
import { TestBench } from './testing.ts';

async function afterCrash(
  before: (bench: TestBench) => Promise<void>,
  downMs = 1500,
  bootId = 'boot',
  loggedEpoch = 0,
) {
  const old = new TestBench();
  await before(old);
  old.clock.advance(downMs);
  const bench = new TestBench();
  bench.clock.advance(old.clock.mono());
  const fold = new JournalFold();
  // As read back from disk, and read twice, as after a move of the journal.
  const entries = JSON.parse(JSON.stringify(old.entries)) as JournalEntry[];
  for (const entry of [...entries, ...entries]) fold.apply(entry);
  const recorder = bench.recorder();
  const sessions = await recoverCalls(fold.calls.values(), {
    clock: bench.clock,
    log: bench.log,
    journal: bench.journal,
    capture: bench.capture,
    pool: bench.pool,
    conversations: bench.conversations,
    bootId,
    recorder,
    lastKnown: () => bench.clock.now() - downMs,
    loggedEpoch: () => loggedEpoch,
  });
  return { bench, recorder, sessions, fold };
}

async function openCall(bench: TestBench): Promise<void> {
  const prepared = await bench.recorder().prepare(bench.opening('s1'));
  await prepared.commit({ tag: 'saved' });
  bench.clock.advance(5000);
}

describe('a recorder that comes back', () => {
  it('goes on with running calls on the same ports, in a new epoch, with the gap declared', async () => {
    const { bench, sessions, recorder } = await afterCrash(openCall);
    expect(sessions).toMatchObject([{ sessionId: 's1', dialog: { tag: 'saved' }, facts: { call: { trunk: 'sbc' } } }]);
    const [captured] = bench.captured.values();
    expect(captured).toMatchObject({ epoch: 1, keep: true, streams: [{ rtpPort: 10_000 }, { rtpPort: 10_002 }] });
    expect(bench.entries).toMatchObject([{ kind: 'resumed', n: 4, mono: 6500 }]);
    await recorder.end('s1', 'bye');
    expect(bench.entries.at(-1)).toMatchObject({ kind: 'ended', n: 5, reason: 'bye' });
  });

  it('gives ports that two calls claim to the younger one: the end of the other was lost', async () => {
    const { bench, sessions } = await afterCrash(async (old) => {
      const recorder = old.recorder();
      for (const id of ['older', 'younger']) {
        await (await recorder.prepare(old.opening(id))).commit({});
        old.clock.advance(1000);
        // As when a disk that stalls lets an ended call go without the end in the journal.
        old.taken.clear();
      }
    });
    const [first] = bench.captured.keys();
    expect(sessions.map(({ sessionId }) => sessionId)).toEqual(['older', 'younger']);
    expect(first).toBe(sessions[1]!.callId);
  });

  it('begins an epoch of its own even when the journal lost an earlier resumption', async () => {
    const { bench } = await afterCrash(openCall, 1500, 'boot', 4);
    expect([...bench.captured.values()]).toMatchObject([{ epoch: 5 }]);
    expect(bench.entries).toMatchObject([{ kind: 'resumed', epoch: 5 }]);
  });

  it('counts on by wall time after a reboot', async () => {
    const { bench } = await afterCrash(openCall, 1500, 'another boot');
    expect(bench.entries).toMatchObject([{ kind: 'resumed', mono: 6500 }]);
  });

  it('keeps ended calls until they are archived and forgets archived ones', async () => {
    const { recorder, sessions } = await afterCrash(async (bench) => {
      const first = bench.recorder();
      for (const id of ['a', 'b']) await (await first.prepare(bench.opening(id))).commit({});
      const [done, open] = [...first.running];
      await first.end('a', 'bye');
      await first.end('b', 'bye');
      first.archived(done!.identity.callId);
      expect(open).toBeDefined();
    });
    expect(sessions).toEqual([]);
    expect(recorder.unarchived.size).toBe(1);
    expect(recorder.done.size).toBe(1);
    expect(recorder.archived([...recorder.unarchived][0]!)).toBe(true);
  });
});
