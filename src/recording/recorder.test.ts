import { describe, expect, it } from 'vitest';
import { EarshotError } from '../base/errors.ts';
import { recordAll, sessionFacts, streamFacts, TestBench } from './testing.ts';

async function running(bench: TestBench, recorder = bench.recorder(), sessionId = 's1', facts = sessionFacts()) {
  const prepared = await recorder.prepare(bench.opening(sessionId, facts));
  await prepared.commit({ tag: 'x' });
  return { recorder, prepared, callId: prepared.callId };
}

describe('a change that comes behind the end', () => {
  it('is refused, and leaves nothing in the journal', async () => {
    const bench = new TestBench();
    const { recorder } = await running(bench, bench.recorder(recordAll(1, false)));
    recorder.applySettings(recordAll(2, true));
    const ended = recorder.end('s1', 'bye');
    await expect(recorder.update('s1', sessionFacts(), [])).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await ended;
    expect(bench.kinds()).toEqual(['opened', 'dialog', 'ended']);
  });
});

describe('a call that has ended', () => {
  it('holds on to little until it is archived, and was told whole before', async () => {
    const bench = new TestBench();
    const { recorder, callId } = await running(bench);
    const call = recorder.call(callId)!;
    expect(call.facts.call.parties).not.toEqual([]);
    await recorder.end('s1', 'bye');
    expect(call.facts).toMatchObject({ call: { parties: [] }, streams: [], joinKeys: [] });
    expect(call.decision).toMatchObject({ verdict: 'record', layers: [] });
    expect(call.streams.journal).toEqual([]);
    expect(bench.taken.size).toBe(0);
    expect(bench.entries.at(-1)).toMatchObject({ kind: 'ended', n: 4, segments: ['segment'] });
    expect(recorder.archived(callId)).toBe(true);
    expect(bench.entries.at(-1)).toMatchObject({ kind: 'archived', callId, n: 5 });
  });
});

describe('opening a call', () => {
  it('binds adjacent ports, four for two streams, before anything is journalled', async () => {
    const bench = new TestBench();
    const prepared = await bench.recorder().prepare(bench.opening('s1'));
    expect(prepared.ports).toEqual([
      { index: 0, rtpPort: 10_000, rtcpPort: 10_001 },
      { index: 1, rtpPort: 10_002, rtcpPort: 10_003 },
    ]);
    expect(bench.captured.get(prepared.callId)?.streams).toHaveLength(2);
    expect(bench.entries).toEqual([]);
  });

  it('journals the opening, the dialog and its recording together on commit', async () => {
    const bench = new TestBench();
    const { callId } = await running(bench);
    expect(bench.entries).toMatchObject([
      { kind: 'opened', callId, n: 1, decision: { verdict: 'record' } },
      { kind: 'dialog', callId, n: 2, state: { tag: 'x' } },
      { kind: 'recording', callId, n: 3, step: { do: 'begun', recording: 1, by: 'policy', fromMono: 0 } },
    ]);
  });

  it('uses one port for RTP and RTCP where the peer muxes them', async () => {
    const bench = new TestBench();
    const facts = sessionFacts([streamFacts(0, { rtcpMux: true })]);
    const prepared = await bench.recorder().prepare(bench.opening('s1', facts));
    expect(prepared.ports).toEqual([{ index: 0, rtpPort: 10_000, rtcpPort: 10_000 }]);
  });

  it('frees the ports when the session is cancelled, and closes what a racing commit journalled', async () => {
    const bench = new TestBench();
    const recorder = bench.recorder();
    const prepared = await recorder.prepare(bench.opening('s1'));
    prepared.abort();
    await prepared.commit({});
    expect(bench.kinds()).toEqual(['opened', 'dialog', 'recording', 'ended', 'archived']);
    await Promise.resolve();
    expect(bench.taken.size).toBe(0);
    expect(recorder.running).toEqual([]);
  });

  it('refuses beyond the cap, when draining and when the disk says so, and counts it', async () => {
    const bench = new TestBench();
    const recorder = bench.recorder(recordAll(1, true), 1);
    await running(bench, recorder);
    await expect(recorder.prepare(bench.opening('s2'))).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      key: 'limits.calls',
    });
    bench.refusal = new EarshotError('DISK_FULL', 'no space.');
    const other = bench.recorder();
    await expect(other.prepare(bench.opening('s3'))).rejects.toMatchObject({ code: 'DISK_FULL' });
    bench.refusal = null;
    other.drain();
    await expect(other.prepare(bench.opening('s4'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(other.figures.callsRefused).toBe(2);
  });

  it('gives everything back when the ports run out', async () => {
    const bench = new TestBench();
    const recorder = bench.recorder();
    for (let i = 0; i < 4; i += 1) await running(bench, recorder, `s${i}`);
    await expect(recorder.prepare(bench.opening('s5'))).rejects.toMatchObject({ code: 'PORTS_EXHAUSTED' });
    expect(recorder.running).toHaveLength(4);
  });
});

describe('a call that policy does not want', () => {
  it('is followed but not kept', async () => {
    const bench = new TestBench();
    const { prepared, recorder } = await running(bench, bench.recorder(recordAll(1, false)));
    expect(prepared.wanted).toBe(false);
    expect(bench.captured.get(prepared.callId)?.keep).toBe(false);
    expect(recorder.figures.callsIgnored).toBe(1);
  });

  it('is decided by the settings that came last, though they count from a lower version, as those of a restored database', async () => {
    const bench = new TestBench();
    const recorder = bench.recorder(recordAll(57, true));
    expect(recorder.applySettings(recordAll(57, true))).toBe(false);
    expect(recorder.applySettings(recordAll(2, false))).toBe(true);
    const { callId } = await running(bench, recorder);
    expect(recorder.call(callId)?.decision).toMatchObject({ verdict: 'ignore', settingsVersion: 2 });
    expect(recorder.applySettings(recordAll(2, true))).toBe(true);
  });

  it('is held while there are no settings and decided when they arrive', async () => {
    const bench = new TestBench();
    const { callId, recorder } = await running(bench, bench.recorder(null));
    expect(bench.captured.get(callId)?.keep).toBe(true);
    expect(bench.entries[0]).toMatchObject({ decision: { verdict: 'hold' } });
    recorder.applySettings(recordAll(5, false));
    expect(bench.captured.get(callId)?.keep).toBe(false);
    expect(bench.entries.at(-1)).toMatchObject({
      kind: 'changed',
      decision: { verdict: 'ignore', settingsVersion: 5 },
    });
  });
});

describe('a running call', () => {
  it('keeps its stream numbers and ports through changes; a new stream gets new ones', async () => {
    const bench = new TestBench();
    const { recorder } = await running(bench);
    const facts = sessionFacts([
      streamFacts(0, { state: 'held' }),
      streamFacts(1, { state: 'removed' }),
      streamFacts(2),
    ]);
    const ports = await recorder.update('s1', facts, [{ type: 'stream-held', text: 'Held.' }]);
    expect(ports).toEqual([
      { index: 0, rtpPort: 10_000, rtcpPort: 10_001 },
      { index: 2, rtpPort: 10_004, rtcpPort: 10_005 },
    ]);
    expect(bench.entries.at(-1)).toMatchObject({
      kind: 'changed',
      events: [{ text: 'Held.' }],
      streams: [
        { stream: 0, state: 'held' },
        { stream: 1, state: 'removed' },
        { stream: 2, state: 'active' },
      ],
    });
  });

  it('keeps what happens in its media among its events', async () => {
    const bench = new TestBench();
    const { recorder, callId } = await running(bench);
    recorder.happened(callId, { type: 'source-changed', text: 'From there to here.' });
    recorder.happened('unknown', { type: 'source-changed', text: 'Nobody.' });
    expect(bench.entries.at(-1)).toMatchObject({ kind: 'changed', callId, events: [{ text: 'From there to here.' }] });
  });

  it('ends once: audio synced, then journalled, then ports freed', async () => {
    const bench = new TestBench();
    const { recorder, callId } = await running(bench);
    await Promise.all([recorder.end('s1', 'bye'), recorder.end('s1', 'silence')]);
    const ends = bench.entries.filter((entry) => entry.kind === 'ended');
    expect(ends).toMatchObject([{ callId, reason: 'bye', segments: ['segment'], lastSequence: 3 }]);
    expect(bench.taken.size).toBe(0);
  });

  it('is kept until the service has archived it, and not forgotten before its end', async () => {
    const bench = new TestBench();
    const { recorder, callId } = await running(bench);
    expect(recorder.archived(callId)).toBe(false);
    await recorder.end('s1', 'bye');
    expect([...recorder.unarchived]).toEqual([callId]);
    expect(recorder.archived(callId)).toBe(true);
    expect(recorder.archived(callId)).toBe(true);
    expect(recorder.unarchived.size).toBe(0);
    expect(bench.kinds().filter((kind) => kind === 'archived')).toHaveLength(1);
  });
});

describe('a disk that does not answer', () => {
  it('holds no call for more than ten seconds: ports and place are given back, an alarm stands until the end is journalled', async () => {
    const bench = new TestBench();
    const disk = Promise.withResolvers<{ segments: string[]; lastSequence: number }>();
    bench.capture.close = () => disk.promise;
    const { recorder } = await running(bench);
    const ended = recorder.end('s1', 'bye');
    await settle();
    bench.clock.advance(9900);
    await settle();
    expect(bench.taken.size).toBe(2);
    bench.clock.advance(200);
    await ended;
    expect(bench.taken.size).toBe(0);
    expect(recorder.running).toEqual([]);
    expect(bench.alarms.get('call-end-late')).toContain('ended: 1,');
    expect(bench.kinds()).not.toContain('ended');
    // What is in memory still comes to the disk: the archive must not read before.
    disk.resolve({ segments: ['late'], lastSequence: 9 });
    await settle();
    expect(bench.entries.at(-1)).toMatchObject({ kind: 'ended', segments: ['late'], lastSequence: 9 });
    expect(bench.alarms.size).toBe(0);
    expect(recorder.unarchived.size).toBe(1);
  });

  it('that never comes back ends the call after a minute, with what is known', async () => {
    const bench = new TestBench();
    bench.capture.close = () => new Promise(() => undefined);
    const { recorder, callId } = await running(bench);
    const ended = recorder.end('s1', 'bye');
    await settle();
    bench.clock.advance(10_000);
    await ended;
    bench.clock.advance(50_000);
    await settle();
    expect(bench.entries.slice(-2)).toMatchObject([
      { kind: 'changed', events: [{ type: 'capture-gap' }] },
      { kind: 'ended', segments: [], lastSequence: 0 },
    ]);
    expect(recorder.archived(callId)).toBe(true);
  });

  it('ends a call also when its capture knows nothing of it, or the journal takes nothing', async () => {
    const bench = new TestBench();
    bench.capture.close = () => Promise.reject(new EarshotError('NOT_FOUND', 'not captured.'));
    const { recorder } = await running(bench);
    bench.journal.append = (entry) => {
      bench.entries.push(entry);
      return Promise.reject(new EarshotError('UNAVAILABLE', 'too slow.'));
    };
    await recorder.end('s1', 'bye');
    expect(bench.kinds().at(-1)).toBe('ended');
    expect(bench.taken.size).toBe(0);
  });

  it('refuses the call whose opening it does not take, gives its ports back, and leaves no open call behind', async () => {
    const bench = new TestBench();
    const recorder = bench.recorder();
    const prepared = await recorder.prepare(bench.opening('s1'));
    bench.journal.append = (entry) => {
      bench.entries.push(entry);
      return Promise.reject(new EarshotError('UNAVAILABLE', 'too slow.'));
    };
    await expect(prepared.commit({})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await settle();
    expect(bench.kinds()).toEqual(['opened', 'dialog', 'recording', 'ended', 'archived']);
    expect(bench.taken.size).toBe(0);
    expect(recorder.running).toEqual([]);
  });
});

describe('a port that another program has', () => {
  const taken = (ports: readonly number[], bench: TestBench) => {
    const { capture } = bench;
    const open: typeof capture.open = capture.open.bind(capture);
    bench.capture.open = (call, streams) =>
      streams.some(({ rtpPort }) => ports.includes(rtpPort))
        ? Promise.reject(new EarshotError('PORT_IN_USE', 'in use.'))
        : open(call, streams);
  };

  it('moves the call to others, up to three times', async () => {
    const bench = new TestBench();
    taken([10_002], bench);
    const open: typeof bench.capture.open = bench.capture.open.bind(bench.capture);
    const isAsked = Promise.withResolvers<void>();
    // It takes longer than the answer takes to be made.
    bench.capture.open = (call, streams) => isAsked.promise.then(() => open(call, streams));
    const recorder = bench.recorder();
    const prepared = await recorder.prepare(bench.opening('s1'));
    const ports = () => prepared.ports.map(({ rtpPort }) => rtpPort);
    expect(ports()).toEqual([10_000, 10_002]);
    const first = prepared.commit({ described: 1 });
    isAsked.resolve();
    expect(await first).toBe('moved');
    expect(recorder.call(prepared.callId)!.phase).toBe('preparing');
    const moved = ports();
    expect(moved).toEqual([10_004, 10_006]);
    expect(await prepared.commit({ described: 2 })).toBe('committed');
    expect(recorder.call(prepared.callId)!.phase).toBe('running');
    expect(bench.captured.get(prepared.callId)?.streams.map(({ rtpPort }) => rtpPort)).toEqual(moved);
    expect(bench.taken.size).toBe(2);
    expect(bench.entries).toMatchObject([
      { kind: 'opened', n: 1, streams: [{ rtpPort: 10_000 }, { rtpPort: 10_002 }] },
      { kind: 'dialog', n: 2, state: { described: 1 } },
      { kind: 'recording', n: 3 },
      { kind: 'changed', n: 4, streams: moved.map((rtpPort) => ({ rtpPort })) },
      { kind: 'dialog', n: 5, state: { described: 2 } },
    ]);
  });

  it('is not looked for any more when the call was cancelled meanwhile', async () => {
    const bench = new TestBench();
    const refuse = Promise.withResolvers<void>();
    bench.capture.open = () => refuse.promise;
    const prepared = await bench.recorder().prepare(bench.opening('s1'));
    prepared.abort();
    await settle();
    refuse.reject(new EarshotError('PORT_IN_USE', 'in use.'));
    bench.capture.discard = () => Promise.reject(new EarshotError('NOT_FOUND', 'this call is not captured.'));
    await settle();
    expect(bench.taken.size).toBe(0);
    expect(bench.entries).toEqual([]);
  });

  it('refuses the call when none can be had, and holds no port then', async () => {
    const bench = new TestBench();
    taken([10_000, 10_004, 10_008, 10_012], bench);
    const recorder = bench.recorder();
    const prepared = await recorder.prepare(bench.opening('s1'));
    await expect(prepared.commit({})).rejects.toMatchObject({ code: expect.stringMatching(/^PORT/) as string });
    await settle();
    expect(bench.taken.size).toBe(0);
    expect(bench.kinds()).toEqual(['opened', 'dialog', 'recording', 'ended', 'archived']);
    expect(recorder.running).toEqual([]);
    expect(recorder.figures.callsRefused).toBe(1);
  });
});

describe('telephone-events', () => {
  const types = async (codecs: { payloadType: number; name: string }[]) => {
    const bench = new TestBench();
    const full = codecs.map((codec) => ({ ...codec, clockRate: 8000, channels: 1 }));
    const { callId } = await running(bench, undefined, 's1', sessionFacts([streamFacts(0, { codecs: full })]));
    const [stream] = bench.captured.get(callId)!.streams as unknown as { telephoneEventTypes: number[] }[];
    return stream!.telephoneEventTypes;
  };

  it('are masked as payload type 101 where the peer names none, unless that is something else', async () => {
    expect(await types([{ payloadType: 0, name: 'PCMU' }])).toEqual([101]);
    expect(await types([{ payloadType: 96, name: 'TELEPHONE-EVENT' }])).toEqual([96]);
    expect(await types([{ payloadType: 101, name: 'OPUS' }])).toEqual([]);
  });
});

/** Lets everything go on that waits for no clock. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

describe('conversations', () => {
  it('joins sessions that share an id, until two minutes after the last of them ended', async () => {
    const bench = new TestBench();
    const recorder = bench.recorder();
    const conversation = () => bench.entries.findLast((entry) => entry.kind === 'opened')?.conversationId;
    const first = await running(bench, recorder, 's1', sessionFacts(undefined, ['guid=1']));
    expect(conversation()).toBe(first.callId);
    await recorder.end('s1', 'bye');
    bench.clock.advance(119_000);
    await running(bench, recorder, 's2', sessionFacts(undefined, ['guid=1', 'guid=2']));
    expect(conversation()).toBe(first.callId);
    bench.clock.advance(11 * 60_000);
    await running(bench, recorder, 's2b', sessionFacts(undefined, ['guid=1']));
    expect(conversation()).toBe(first.callId);
    await recorder.end('s2', 'bye');
    bench.clock.advance(121_000);
    await running(bench, recorder, 's2c', sessionFacts(undefined, ['guid=2']));
    expect(conversation()).toBe(first.callId);
    await recorder.end('s2b', 'bye');
    await recorder.end('s2c', 'bye');
    bench.clock.advance(121_000);
    const third = await running(bench, recorder, 's3', sessionFacts(undefined, ['guid=2']));
    expect(conversation()).toBe(third.callId);
  });
});
