import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { CallState } from '../link/fold.ts';
import { Archiver } from './archiver.ts';
import { endedCall, T0 } from './testing.ts';
import type { ArchiveOutcome } from './types.ts';

/** Archiving that ends when the test says so. */
function setUp(concurrency = 2) {
  const clock = new VirtualClock(T0);
  const started: string[] = [];
  const acknowledged: string[] = [];
  const open = new Map<string, { resolve: (outcome: ArchiveOutcome) => void; reject: (error: Error) => void }>();
  const archiver = new Archiver({
    archive: ({ callId }) => {
      started.push(callId);
      return new Promise((resolve, reject) => open.set(callId, { resolve, reject }));
    },
    acknowledge: (callId) => void acknowledged.push(callId),
    clock,
    log: silentLog,
    concurrency,
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const end = async (callId: string, error?: string): Promise<void> => {
    if (error === undefined) open.get(callId)?.resolve('archived');
    else open.get(callId)?.reject(new Error(error));
    await settle();
  };
  return { clock, started, acknowledged, archiver, end, settle };
}

const call = (callId: string, endedAt = T0 + 1000): CallState => endedCall({ callId, endedAt });

describe('the archiver', () => {
  it('takes calls in the order of their ends, a few at once, and acknowledges each', async () => {
    const { archiver, started, acknowledged, end } = setUp();
    archiver.offer(call('x', T0 + 9000));
    archiver.offer(call('y', T0 + 9000));
    archiver.offer(call('late', T0 + 3000));
    archiver.offer(call('early', T0 + 2000));
    expect(started).toEqual(['x', 'y']);
    await end('y');
    await end('x');
    expect(started).toEqual(['x', 'y', 'early', 'late']);
    expect(acknowledged).toEqual(['y', 'x']);
    expect(archiver.backlog).toBe(2);
    await end('early');
    await end('late');
    expect(archiver.backlog).toBe(0);
    expect(archiver.figures).toEqual({ archived: 4, failed: 0 });
  });

  it('works once on a call that is offered again, and repeats a lost acknowledgement', async () => {
    const { archiver, started, acknowledged, end, settle } = setUp();
    archiver.offer(call('x'));
    archiver.offer(call('x'));
    expect(started).toEqual(['x']);
    await end('x');
    archiver.offer(call('x'));
    await settle();
    expect(started).toEqual(['x']);
    expect(acknowledged).toEqual(['x', 'x']);
  });

  it('leaves calls that run alone', () => {
    const { archiver, started } = setUp();
    const running = call('x');
    running.ended = null;
    archiver.offer(running);
    expect(started).toEqual([]);
  });

  it('lets a failing call wait longer each time, says why, and lets the others pass', async () => {
    const { archiver, started, acknowledged, clock, end } = setUp(1);
    archiver.offer(call('bad', T0 + 1));
    archiver.offer(call('good', T0 + 2));
    await end('bad', 'no space left');
    expect(archiver.failures).toEqual([{ callId: 'bad', attempts: 1, reason: 'no space left', nextAt: T0 + 1000 }]);
    await end('good');
    expect(acknowledged).toEqual(['good']);
    const waits: number[] = [];
    for (let attempt = 1; attempt < 12; attempt++) {
      const from = clock.now();
      const nextAt = archiver.failures[0]?.nextAt ?? 0;
      clock.advance(nextAt - from - 1);
      expect(started.filter((id) => id === 'bad')).toHaveLength(attempt);
      clock.advance(1);
      waits.push(nextAt - from);
      await end('bad', 'no space left');
    }
    expect(waits).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000, 300_000]);
    archiver.retryNow();
    await end('bad');
    expect(acknowledged).toEqual(['good', 'bad']);
    expect(archiver.backlog).toBe(0);
    expect(clock.waiting).toBe(0);
  });

  it('closes after what runs, and leaves no timer', async () => {
    const { archiver, started, clock, end } = setUp(1);
    archiver.offer(call('bad'));
    await end('bad', 'x');
    archiver.offer(call('x'));
    archiver.offer(call('y'));
    const closed = archiver.close();
    await end('x');
    await closed;
    expect(started).toEqual(['bad', 'x']);
    expect(clock.waiting).toBe(0);
  });
});
