import { describe, expect, it } from 'vitest';
import { systemClock, VirtualClock } from './clock.ts';

describe('VirtualClock', () => {
  it('fires timers at their own times, in order, also those made meanwhile', () => {
    const clock = new VirtualClock();
    const fired: [string, number][] = [];
    clock.after(20, () => fired.push(['b', clock.mono()]));
    clock.after(10, () => {
      fired.push(['a', clock.mono()]);
      clock.after(5, () => fired.push(['c', clock.mono()]));
    });
    clock.after(21, () => fired.push(['late', clock.mono()]));
    clock.advance(20);
    expect(fired).toEqual([
      ['a', 10],
      ['c', 15],
      ['b', 20],
    ]);
    expect(clock.waiting).toBe(1);
  });

  it('steps the wall clock without touching durations', () => {
    const clock = new VirtualClock(1000);
    clock.advance(5);
    clock.step(-3_600_000);
    expect(clock.mono()).toBe(5);
    expect(clock.now()).toBe(1005 - 3_600_000);
  });
});

describe('systemClock', () => {
  it('cancels', async () => {
    const clock = systemClock({ hold: true });
    let fired = false;
    clock.after(1, () => (fired = true)).cancel();
    await new Promise<void>((resolve) => clock.after(10, resolve));
    expect(fired).toBe(false);
  });
});
