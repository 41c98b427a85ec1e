import { describe, expect, it } from 'vitest';
import { EarshotError } from '../base/errors.ts';
import type { Command } from '../link/messages.ts';
import { ALICE, AUTOMATIC, company, EVERYTHING, IVR, Room, ROOT, settle, withOverride } from './testing-room.ts';
import { sessionFacts } from './testing.ts';

describe('recording by hand', () => {
  it('S1 captures nothing before somebody asks, then each start as a recording of its own', async () => {
    const room = new Room(company());
    const callId = await room.call();
    expect(room.kept(callId)).toBe(false);
    expect(await room.ask(callId, 'start')).toMatchObject({ ok: true, recording: 1 });
    expect(room.kept(callId)).toBe(true);
    room.bench.clock.advance(3000);
    expect(await room.ask(callId, 'stop')).toMatchObject({ ok: true, recording: 1 });
    expect(room.kept(callId)).toBe(false);
    expect(await room.ask(callId, 'start')).toMatchObject({ ok: true, recording: 2 });
    expect(room.state(callId).recordings).toMatchObject([
      { recording: 1, by: 'hand', asker: ALICE, fromMono: 0, toMono: 3000, endReason: 'stopped' },
      { recording: 2, by: 'hand', asker: ALICE, fromMono: 3000, toMono: null },
    ]);
  });

  it('is answered only when it is on the disk; told when the disk does not take it', async () => {
    const room = new Room(company());
    const callId = await room.call();
    const disk = Promise.withResolvers<void>();
    room.bench.journal.append = (entry) => {
      room.bench.entries.push(entry);
      return disk.promise;
    };
    let isAnswered = false;
    const answer = room.ask(callId, 'start').finally(() => (isAnswered = true));
    await settle();
    expect([isAnswered, room.kept(callId)]).toEqual([false, true]);
    disk.reject(new EarshotError('UNAVAILABLE', 'the disk is too slow.'));
    expect(await answer).toMatchObject({ ok: false, code: 'UNAVAILABLE' });
    expect(room.kept(callId)).toBe(true);
  });

  it('is refused for calls that are not known, are over, or are not the asker’s', async () => {
    const room = new Room(company());
    const callId = await room.call();
    expect(await room.ask('nobody', 'start')).toMatchObject({ ok: false, code: 'NOT_FOUND' });
    expect(await room.ask(callId, 'start', { ...ALICE, userId: 'mallory' })).toMatchObject({ code: 'NOT_ALLOWED' });
    await room.recorder.end('s1', 'bye');
    expect(await room.ask(callId, 'start')).toMatchObject({ ok: false, code: 'NOT_FOUND' });
    expect(room.steps(callId)).toEqual([]);
  });

  it('tells the live page', async () => {
    const room = new Room(company({ rules: [EVERYTHING] }));
    const callId = await room.call();
    await room.ask(callId, 'pause', ALICE, 'card number');
    expect(room.recorder.call(callId)).toMatchObject({ past: { pauses: [{ reason: 'card number', asker: ALICE }] } });
  });
});

describe('a pause', () => {
  it('S2 is in force at once, however long the disk takes, and ends only when its end is on the disk', async () => {
    const room = new Room(AUTOMATIC);
    const callId = await room.call();
    const disk = Promise.withResolvers<void>();
    room.bench.journal.append = (entry) => {
      room.bench.entries.push(entry);
      return disk.promise;
    };
    void room.ask(callId, 'pause');
    await settle();
    expect(room.kept(callId)).toBe(false);
    const answered = room.ask(callId, 'resume');
    await settle();
    expect(room.kept(callId)).toBe(false);
    disk.resolve();
    expect(await answered).toMatchObject({ ok: true });
    expect(room.kept(callId)).toBe(true);
  });

  it('S2 acts on all recordings, holds for one that begins in it, and is marked with mode, reason and who', async () => {
    const room = new Room(company({ pause: { mode: 'silence' } }));
    const callId = await room.call();
    await room.ask(callId, 'start');
    await room.ask(callId, 'pause', ALICE, 'card number');
    await room.ask(callId, 'stop');
    expect(await room.ask(callId, 'start')).toMatchObject({ ok: true, text: expect.stringContaining('paused') });
    expect(room.kept(callId)).toBe(false);
    room.bench.clock.advance(2000);
    await room.ask(callId, 'resume', ROOT);
    expect(room.kept(callId)).toBe(true);
    expect(room.state(callId).pauses).toEqual([
      { fromMono: 0, toMono: 2000, mode: 'silence', reason: 'card number', asker: ALICE, endedBy: ROOT },
    ]);
  });

  it('S2 ends by itself after the time that is set', async () => {
    const room = new Room(company({ rules: [EVERYTHING], pause: { resumeAfterSeconds: 90 } }));
    const callId = await room.call();
    await room.ask(callId, 'pause');
    room.bench.clock.advance(89_999);
    await settle();
    expect(room.kept(callId)).toBe(false);
    room.bench.clock.advance(1);
    await settle();
    expect(room.kept(callId)).toBe(true);
    expect(room.state(callId).pauses).toMatchObject([{ toMono: 90_000, endedBy: { kind: 'system', via: 'timer' } }]);
  });

  it('is not begun anew by a change of parties', async () => {
    const room = new Room(AUTOMATIC);
    const callId = await room.call();
    await room.ask(callId, 'pause');
    await room.recorder.update('s1', sessionFacts(), []);
    expect(room.kept(callId)).toBe(false);
  });
});

describe('the longest duration', () => {
  it('S10 ends each recording by itself, counted for each alone', async () => {
    const room = new Room(company({ handling: { longestSeconds: 60 } }));
    const callId = await room.call();
    await room.ask(callId, 'start');
    room.bench.clock.advance(60_000);
    await settle();
    expect(room.kept(callId)).toBe(false);
    await room.ask(callId, 'start');
    room.bench.clock.advance(59_999);
    await settle();
    expect(room.kept(callId)).toBe(true);
    room.bench.clock.advance(1);
    await settle();
    expect(room.state(callId).recordings).toMatchObject([
      { toMono: 60_000, endReason: 'longest' },
      { toMono: 120_000, endReason: 'longest' },
    ]);
  });

  it('S10 of an automatic recording is final; by hand it may go on', async () => {
    const room = new Room(company({ rules: [EVERYTHING], handling: { longestSeconds: 10 } }));
    const callId = await room.call();
    room.bench.clock.advance(11_000);
    await room.recorder.update('s1', sessionFacts(), []);
    expect(room.kept(callId)).toBe(false);
    expect(await room.ask(callId, 'start')).toMatchObject({ ok: true, recording: 2 });
  });
});

describe('live-keep', () => {
  const LIVE = company({ onDemand: { isOn: true, liveKeep: true }, liveKeepMinutes: 10 });

  it('S8 captures from the start and is dropped by itself, so long after the end as is set', async () => {
    const room = new Room(LIVE);
    const callId = await room.call();
    expect(room.kept(callId)).toBe(true);
    room.bench.clock.advance(5000);
    await room.recorder.end('s1', 'bye');
    room.bench.clock.advance(599_999);
    expect(room.state(callId).recordings).toMatchObject([{ by: 'live-keep', kept: null, keepMinutes: 10 }]);
    room.bench.clock.advance(1);
    expect(room.state(callId).recordings).toMatchObject([{ kept: false }]);
    // Whom the service promised it at the last moment gets it.
    expect(room.recorder.voids.calls.has(callId)).toBe(false);
    // Also when its segment is rewritten for the sake of another call.
    expect(room.recorder.voids.look()(callId, 0, true)).toBe(false);
    room.bench.clock.advance(300_000);
    expect(room.recorder.voids.look()(callId, 0, true)).toBe(true);
    expect(room.recorder.voids.calls.has(callId)).toBe(true);
    room.recorder.archived(callId);
    expect(room.recorder.voids.calls.has(callId)).toBe(true);
    expect(room.recorder.voids.look()(callId, 0, true)).toBe(true);
  });

  it('S8 is kept when somebody asks, in the call or after it', async () => {
    const room = new Room(LIVE);
    const during = await room.call('s1');
    const after = await room.call('s2');
    expect(await room.ask(during, 'keep')).toMatchObject({ ok: true });
    await Promise.all([room.recorder.end('s1', 'bye'), room.recorder.end('s2', 'bye')]);
    expect(await room.ask(after, 'keep')).toMatchObject({ ok: true, recording: 1 });
    room.bench.clock.advance(3_600_000);
    for (const callId of [during, after]) {
      expect(room.state(callId).recordings).toMatchObject([{ kept: true }]);
      expect(room.recorder.voids.calls.has(callId)).toBe(false);
    }
    expect(await room.ask(after, 'drop')).toMatchObject({ ok: false, code: 'CONFLICT' });
  });

  it('S8 when dropped in mid-call, throws away what has gathered and holds nothing more', async () => {
    const room = new Room(LIVE);
    const callId = await room.call();
    expect(await room.ask(callId, 'drop')).toMatchObject({ ok: true });
    expect(room.bench.captured.get(callId)).toMatchObject({ keep: false, isVoid: true });
    await room.recorder.update('s1', sessionFacts(), []);
    expect(room.kept(callId)).toBe(false);
  });

  it('S8 when dropped, leaves the end of what was recorded by hand a moment before', async () => {
    const room = new Room(LIVE);
    const callId = await room.call();
    await room.ask(callId, 'start');
    room.bench.clock.advance(5000);
    await room.ask(callId, 'stop');
    room.bench.clock.advance(200);
    await room.ask(callId, 'drop');
    expect(room.bench.captured.get(callId)).toMatchObject({ keep: false, isVoid: false });
    const isVoid = room.recorder.voids.look();
    expect([isVoid(callId, 4_900_000, true), isVoid(callId, 5_100_000, true)]).toEqual([false, true]);
  });
});

describe('the override', () => {
  const deny = (callId: string): Command => ({ op: 'override', callId, value: 'deny', asker: IVR });

  it('D2 deny in mid-call ends everything and destroys what was captured; nobody may record any more', async () => {
    const room = new Room(AUTOMATIC);
    const callId = await room.call();
    room.bench.clock.advance(4000);
    expect(await room.run(deny(callId))).toMatchObject({ ok: true });
    expect(room.bench.captured.get(callId)).toMatchObject({ keep: false, isVoid: true });
    expect(room.state(callId)).toMatchObject({
      destroyedUntil: 4000,
      recordings: [{ endReason: 'denied', toMono: 4000 }],
      commanded: { override: 'deny' },
    });
    expect(room.bench.entries.at(-1)).toMatchObject({ kind: 'changed', decision: { verdict: 'forbid' } });
    expect(await room.ask(callId, 'start', ROOT)).toMatchObject({ ok: false, code: 'NOT_ALLOWED' });
    const back = { op: 'override', callId, value: 'force', asker: IVR } as const;
    expect(await room.run(back)).toMatchObject({ ok: false, code: 'CONFLICT' });
    await room.recorder.update('s1', withOverride('force'), []);
    expect(room.kept(callId)).toBe(false);
  });

  it('D2 deny holds for running and later legs of the conversation, and for no other call', async () => {
    const room = new Room(AUTOMATIC);
    const first = await room.call('s1', withOverride(undefined, ['guid=1']));
    const second = await room.call('s2', withOverride(undefined, ['guid=1']));
    const stranger = await room.call('s3');
    await room.run(deny(first));
    const later = await room.call('s4', withOverride(undefined, ['guid=1']));
    expect([first, second, later, stranger].map((callId) => room.kept(callId))).toEqual([false, false, false, true]);
    expect(room.state(second)).toMatchObject({ recordings: [{ endReason: 'denied' }], destroyedUntil: 0 });
    expect(room.state(later)).toMatchObject({ recordings: [], destroyedUntil: null });
  });

  it('D2 deny that the signalling of one leg brings reaches the running ones too', async () => {
    const room = new Room(AUTOMATIC);
    const first = await room.call('s1', withOverride(undefined, ['guid=1']));
    const second = await room.call('s2', withOverride('deny', ['guid=1']));
    expect([room.kept(first), room.kept(second)]).toEqual([false, false]);
    const third = await room.call('s3', withOverride('force', ['guid=1']));
    expect(room.kept(third)).toBe(false);
  });

  it('D2 force and manual by command hold for the legs of the conversation, and outlast the signalling', async () => {
    const room = new Room(company({ onDemand: { isAllowed: true } }));
    const first = await room.call('s1', withOverride(undefined, ['guid=1']));
    const second = await room.call('s2', withOverride(undefined, ['guid=1']));
    await room.run({ op: 'override', callId: first, value: 'force', asker: ROOT });
    await room.recorder.update('s1', withOverride(undefined, ['guid=1']), []);
    expect([room.kept(first), room.kept(second)]).toEqual([true, true]);
    await room.run({ op: 'override', callId: second, value: 'manual', asker: ROOT });
    expect([room.kept(first), room.kept(second)]).toEqual([false, false]);
    expect(await room.ask(first, 'start')).toMatchObject({ ok: true, recording: 2 });
  });

  it('is not for users', async () => {
    const room = new Room(AUTOMATIC);
    const callId = await room.call();
    expect(await room.run({ op: 'override', callId, value: 'deny', asker: ALICE })).toMatchObject({
      code: 'NOT_ALLOWED',
    });
    expect(room.kept(callId)).toBe(true);
  });
});

describe('the steps of a call flow', () => {
  it('D6 keep what lies between them, in several parts', async () => {
    const room = new Room(company());
    const callId = await room.call();
    const flow = (step: 'start' | 'stop') => room.run({ op: 'flow', callId, step, name: 'menu', asker: IVR });
    expect(await flow('start')).toMatchObject({ ok: true, recording: 1 });
    await room.recorder.update('s1', sessionFacts(), []);
    expect(room.kept(callId)).toBe(true);
    expect(await flow('stop')).toMatchObject({ ok: true });
    expect(room.kept(callId)).toBe(false);
    expect(await flow('start')).toMatchObject({ ok: true, recording: 2 });
    expect(room.state(callId).recordings).toMatchObject([
      { by: 'flow', asker: IVR, endReason: 'stopped' },
      { by: 'flow', asker: IVR, endReason: null },
    ]);
  });

  it('D6 do not touch what policy records', async () => {
    const room = new Room(AUTOMATIC);
    const callId = await room.call();
    await room.run({ op: 'flow', callId, step: 'start', asker: IVR });
    await room.run({ op: 'flow', callId, step: 'stop', asker: IVR });
    expect(room.state(callId).recordings).toMatchObject([{ by: 'policy', toMono: null }]);
  });
});

describe('settings that change while a call runs', () => {
  it('decide calls that were held, and no others before their parties change', async () => {
    const room = new Room(company());
    const callId = await room.call();
    room.recorder.applySettings(company({ rules: [EVERYTHING] }, 2));
    expect(room.kept(callId)).toBe(false);
    await room.recorder.update('s1', sessionFacts(), []);
    expect(room.kept(callId)).toBe(true);
  });

  it('decide a call that was being set up when they came', async () => {
    const room = new Room(null);
    const prepared = await room.recorder.prepare(room.bench.opening('s1'));
    room.recorder.applySettings(company());
    await prepared.commit({});
    expect(room.kept(prepared.callId)).toBe(false);
    expect(room.state(prepared.callId).recordings).toMatchObject([{ endReason: 'dropped', kept: false }]);
  });
});

describe('digits in events', () => {
  it('are kept from the decision on that says so', async () => {
    const room = new Room(null);
    const callId = await room.call();
    expect(room.bench.captured.get(callId)).toMatchObject({ keep: true, digits: false });
    room.recorder.applySettings(company({ rules: [EVERYTHING], keepDigits: true }));
    expect(room.bench.captured.get(callId)).toMatchObject({ keep: true, digits: true });
  });
});
