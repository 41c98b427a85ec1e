import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import { EarshotError } from '../base/errors.ts';
import { silentLog } from '../base/log.ts';
import { Archiver } from './archiver.ts';
import { endedCall, T0 } from './testing.ts';
import type { ArchiveOutcome } from './types.ts';

const HOUR = 3_600_000;

/** An archiver whose calls end as they are told, one attempt after the other. */
function setUp(...answers: (ArchiveOutcome | Error)[]) {
  const clock = new VirtualClock(T0);
  const acknowledged: string[] = [];
  let attempts = 0;
  const archiver = new Archiver({
    archive: async () => {
      const answer = answers[attempts++] ?? 'archived';
      if (answer instanceof Error) throw answer;
      return answer;
    },
    acknowledge: (callId) => void acknowledged.push(callId),
    clock,
    log: silentLog,
  });
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { clock, acknowledged, archiver, settle, attempts: () => attempts };
}

describe('a call that live-keep holds', () => {
  it('is not acknowledged until its time is over, and is no backlog', async () => {
    const { clock, acknowledged, archiver, settle } = setUp({ heldUntil: T0 + HOUR }, 'not-recorded');
    archiver.offer(endedCall({ callId: 'x' }));
    await settle();
    archiver.offer(endedCall({ callId: 'x' }));
    expect([archiver.held, archiver.backlog, acknowledged]).toEqual([1, 0, []]);
    clock.advance(HOUR - 1);
    await settle();
    expect(acknowledged).toEqual([]);
    clock.advance(1);
    await settle();
    expect([archiver.held, acknowledged]).toEqual([0, ['x']]);
    expect(clock.waiting).toBe(0);
  });

  it('is looked at once more when somebody asks, also while it is looked at', async () => {
    const { acknowledged, archiver, settle, attempts } = setUp({ heldUntil: T0 + HOUR }, 'archived');
    archiver.offer(endedCall({ callId: 'x' }));
    archiver.wake('x');
    await settle();
    await settle();
    expect([attempts(), acknowledged]).toEqual([2, ['x']]);
  });

  it('leaves no timer behind when the service stops', async () => {
    const { clock, archiver, settle } = setUp({ heldUntil: T0 + HOUR });
    archiver.offer(endedCall({ callId: 'x' }));
    await settle();
    await archiver.close();
    expect(clock.waiting).toBe(0);
  });
});

describe('a call whose committed recording is damaged', () => {
  it('keeps its alarm and is tried once an hour', async () => {
    const damaged = new EarshotError('SEAL_CORRUPT', 'the object is not what its manifest says.');
    const { clock, archiver, settle, attempts } = setUp(damaged, damaged, damaged);
    archiver.offer(endedCall({ callId: 'x' }));
    await settle();
    for (const expected of [2, 3]) {
      clock.advance(HOUR - 1);
      await settle();
      expect(attempts()).toBe(expected - 1);
      expect(archiver.failures).toMatchObject([{ callId: 'x', reason: damaged.message }]);
      clock.advance(1);
      await settle();
      expect(attempts()).toBe(expected);
    }
  });
});
