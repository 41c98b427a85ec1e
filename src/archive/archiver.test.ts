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
    clock.advance(300_000);
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

describe('PostgreSQL away', () => {
  const HOUR = 3_600_000;

  /** An archiver whose calls fail while the database is away, in virtual time; `pass` lets time go by. */
  function withDatabase() {
    const clock = new VirtualClock(T0);
    const listed = new Map<string, number>();
    let isUp = true;
    let attempts = 0;
    const reach = (): Promise<void> => (isUp ? Promise.resolve() : Promise.reject(new Error('no database')));
    const archiver = new Archiver({
      // Half a second of work for each call, and the database at its end.
      archive: async ({ callId }) => {
        attempts += 1;
        await new Promise<void>((resolve) => void clock.after(500, resolve));
        await reach();
        expect(listed.has(callId)).toBe(false);
        listed.set(callId, clock.mono());
        return 'archived';
      },
      acknowledge: () => undefined,
      probe: reach,
      clock,
      log: silentLog,
      concurrency: 6,
    });
    const pass = async (ms: number): Promise<void> => {
      for (let passed = 0; passed < ms; passed += 500) {
        clock.advance(500);
        for (let turn = 0; turn < 12; turn++) await Promise.resolve();
      }
    };
    return { clock, listed, archiver, pass, set: (up: boolean) => (isUp = up), attempts: () => attempts };
  }

  it('for an hour: all calls of that hour are in the list within 120 s of its return, once', async () => {
    const { clock, listed, archiver, pass, set, attempts } = withDatabase();
    set(false);
    for (let minute = 0; minute < 60; minute++) {
      for (let one = 0; one < 20; one++) archiver.offer(call(`${minute}-${one}`, clock.now()));
      await pass(60_000);
    }
    expect([listed.size, archiver.backlog]).toEqual([0, 1200]);
    // Each waits longer every time, so that an outage is not a load.
    expect(attempts()).toBeLessThan(1200 * 20);
    set(true);
    await pass(120_000);
    expect([listed.size, archiver.backlog]).toEqual([1200, 0]);
    expect(Math.max(...listed.values())).toBeLessThanOrEqual(HOUR + 120_000);
    await archiver.close();
    expect(clock.waiting).toBe(0);
  });

  it('again and again for an hour: all calls are in the list within 120 s of its last return', async () => {
    const { clock, listed, archiver, pass, set } = withDatabase();
    for (let minute = 0; minute < 60; minute++) {
      set(false);
      for (let one = 0; one < 5; one++) archiver.offer(call(`${minute}-${one}`, clock.now()));
      await pass(50_000);
      set(true);
      await pass(10_000);
    }
    await pass(120_000);
    expect([listed.size, archiver.backlog]).toEqual([300, 0]);
  });
});
