import { describe, expect, it } from 'vitest';
import { JournalFold } from '../link/fold.ts';
import type { JournalEntry } from '../link/journal.ts';
import type { PolicySettings } from '../policy/types.ts';
import { recoverCalls } from './recovery.ts';
import { ALICE, AUTOMATIC, company, EVERYTHING, Room, ROOT, settle, withOverride } from './testing-room.ts';

describe('after a kill', () => {
  /** Another recorder over the journal of the first. */
  async function again(old: Room, settings: PolicySettings, downMs: number): Promise<Room> {
    const room = new Room(settings);
    room.bench.clock.advance(old.bench.clock.mono() + downMs);
    const fold = new JournalFold();
    for (const entry of JSON.parse(JSON.stringify(old.bench.entries)) as JournalEntry[]) fold.apply(entry);
    const { clock, log, journal, capture, pool, conversations } = room.bench;
    const opened: boolean[] = [];
    room.bench.capture.open = (call, streams) => {
      opened.push(call.keep);
      room.bench.captured.set(call.callId, { ...call, isVoid: false, streams });
      return Promise.resolve();
    };
    await recoverCalls(fold.calls.values(), {
      clock,
      log,
      journal,
      capture,
      pool,
      conversations,
      bootId: 'boot',
      recorder: room.recorder,
      lastKnown: () => 0,
      loggedEpoch: () => 0,
    });
    room.bench.entries.unshift(...old.bench.entries);
    return Object.assign(room, { opened });
  }

  it('a pause is in force before the first packet is read, and still ends by itself', async () => {
    const settings = company({ rules: [EVERYTHING], pause: { resumeAfterSeconds: 10 } });
    const old = new Room(settings);
    const callId = await old.call();
    await old.ask(callId, 'pause', ALICE, 'card number');
    old.bench.clock.advance(1000);
    const room = await again(old, settings, 2000);
    expect(room).toMatchObject({ opened: [false] });
    room.bench.clock.advance(6999);
    await settle();
    expect(room.kept(callId)).toBe(false);
    room.bench.clock.advance(1);
    await settle();
    expect(room.kept(callId)).toBe(true);
    expect(room.state(callId).pauses).toMatchObject([{ fromMono: 0, toMono: 10_000, reason: 'card number' }]);
  });

  it('what was started by hand goes on and can be stopped, and its longest duration still counts', async () => {
    const settings = company({ handling: { longestSeconds: 60 } });
    const old = new Room(settings);
    const callId = await old.call();
    await old.ask(callId, 'start');
    old.bench.clock.advance(50_000);
    const room = await again(old, settings, 1000);
    expect(room).toMatchObject({ opened: [true] });
    room.bench.clock.advance(9000);
    await settle();
    expect(room.state(callId).recordings).toMatchObject([
      { by: 'hand', asker: ALICE, toMono: 60_000, endReason: 'longest' },
    ]);
    expect(await room.ask(callId, 'start')).toMatchObject({ ok: true, recording: 2 });
  });

  it('what was due while nobody was there is done at once', async () => {
    const settings = company({ onDemand: { isOn: true, liveKeep: true }, liveKeepMinutes: 1 });
    const old = new Room(settings);
    const callId = await old.call();
    await old.recorder.end('s1', 'bye');
    const room = await again(old, settings, 120_000);
    room.bench.clock.advance(0);
    expect(room.state(callId).recordings).toMatchObject([{ kept: false }]);
  });

  it('an override by command still holds, for later legs too', async () => {
    const old = new Room(company());
    const callId = await old.call('s1', withOverride(undefined, ['guid=1']));
    await old.run({ op: 'override', callId, value: 'force', asker: ROOT });
    const room = await again(old, company(), 1000);
    await room.recorder.update('s1', withOverride(undefined, ['guid=1']), []);
    const later = await room.call('s2', withOverride(undefined, ['guid=1']));
    expect([room.kept(callId), room.kept(later)]).toEqual([true, true]);
    await room.run({ op: 'override', callId: later, value: 'deny', asker: ROOT });
    expect([room.kept(callId), room.kept(later)]).toEqual([false, false]);
  });

  it('a call of an older version goes on as one recording by policy, from its beginning', async () => {
    const old = new Room(AUTOMATIC);
    const callId = await old.call();
    old.bench.entries.splice(0, 9, ...old.bench.entries.filter(({ kind }) => kind !== 'recording'));
    old.bench.clock.advance(5000);
    const room = await again(old, AUTOMATIC, 1000);
    expect(room).toMatchObject({ opened: [true] });
    expect(room.state(callId).recordings).toMatchObject([{ recording: 1, by: 'policy', fromMono: 0, toMono: null }]);
  });
});
