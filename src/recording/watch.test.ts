import { describe, expect, it } from 'vitest';
import { sessionFacts, streamFacts, TestBench } from './testing.ts';
import { CallWatch } from './watch.ts';

async function watched(facts = sessionFacts()) {
  const bench = new TestBench();
  const recorder = bench.recorder();
  const watch = new CallWatch(
    recorder,
    (callId) => bench.capture.figures(callId),
    { silenceSeconds: 10, maxCallHours: 1 },
    bench.clock,
  );
  const prepared = await recorder.prepare(bench.opening('s1', facts));
  await prepared.commit({});
  watch.start();
  return { bench, recorder, watch, callId: prepared.callId };
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('calls that nobody ends', () => {
  it('are hung up after the set silence', async () => {
    const { bench, recorder } = await watched();
    bench.clock.advance(10_000);
    expect(bench.hungUp).toEqual([]);
    bench.clock.advance(1000);
    await settled();
    expect(bench.hungUp).toEqual(['silence']);
    expect(recorder.running).toEqual([]);
  });

  it('live while packets come on any stream', async () => {
    const { bench, callId } = await watched();
    bench.streamFigures.set(callId, [{ stream: 1, packets: 1, bytes: 1, foreign: 0, msSinceLastPacket: 20 }]);
    bench.clock.advance(60_000);
    expect(bench.hungUp).toEqual([]);
  });

  it('live while held, and get their time anew after it', async () => {
    const { bench, recorder } = await watched(sessionFacts([streamFacts(0, { state: 'held' })]));
    bench.clock.advance(300_000);
    expect(bench.hungUp).toEqual([]);
    await recorder.update('s1', sessionFacts([streamFacts(0)]), []);
    bench.clock.advance(9000);
    expect(bench.hungUp).toEqual([]);
    bench.clock.advance(3000);
    await settled();
    expect(bench.hungUp).toEqual(['silence']);
  });

  it('end at the greatest age even when they are not silent', async () => {
    const { bench, callId } = await watched();
    bench.streamFigures.set(callId, [{ stream: 0, packets: 1, bytes: 1, foreign: 0, msSinceLastPacket: 5 }]);
    bench.clock.advance(3_601_000);
    await settled();
    expect(bench.hungUp).toEqual(['max-age']);
  });
});
