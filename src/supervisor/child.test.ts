import { describe, expect, it } from 'vitest';
import { backoff, transition, type ChildState } from './child.ts';

const running = (failures: number, proven = false): ChildState => ({ phase: 'running', failures, proven, since: 0 });

describe('a child', () => {
  it('that ends is started at once the first time, then ever later, at most every 5 s', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 8, 9, 50].map(backoff)).toEqual([
      0, 500, 1000, 2000, 4000, 5000, 5000, 5000, 5000, 5000,
    ]);
  });

  it('counts failures until one comes after it had settled, and is proven after a minute', () => {
    const early = transition(running(3), { type: 'exited', at: 1999, code: 1 });
    expect(early).toEqual({ phase: 'waiting', failures: 4, proven: false, delayMs: 2000 });
    const settled = transition(running(3), { type: 'exited', at: 2000, code: 1 });
    expect(settled).toEqual({ phase: 'waiting', failures: 1, proven: false, delayMs: 0 });
    const late = transition(running(3), { type: 'exited', at: 60_000, code: 1 });
    expect(late).toEqual({ phase: 'waiting', failures: 1, proven: true, delayMs: 0 });
  });

  it('with a wrong configuration is not started again', () => {
    expect(transition(running(0), { type: 'exited', at: 1, code: 78 })).toEqual({ phase: 'failed', exitCode: 78 });
  });

  it('that was healthy once is started again even then, and later still', () => {
    const waiting = transition(running(0), { type: 'exited', at: 60_000, code: 78 });
    expect(waiting).toMatchObject({ phase: 'waiting', delayMs: 0 });
    const again = transition(transition(waiting, { type: 'due' }), { type: 'started', at: 60_001 });
    expect(transition(again, { type: 'exited', at: 60_002, code: 78 })).toMatchObject({
      phase: 'waiting',
      failures: 2,
    });
  });

  it('that ends because it was told to is stopped, whatever its exit code', () => {
    const stopping = transition(running(0), { type: 'stop' });
    expect(transition(stopping, { type: 'exited', at: 1, code: 78 })).toEqual({ phase: 'stopped' });
    expect(transition({ phase: 'waiting', failures: 1, proven: false, delayMs: 0 }, { type: 'stop' })).toEqual({
      phase: 'stopped',
    });
  });

  it('can be told to stop while it starts', () => {
    const stopping = transition({ phase: 'starting', failures: 0, proven: false }, { type: 'stop' });
    expect(transition(stopping, { type: 'started', at: 1 })).toEqual({ phase: 'stopping' });
  });

  it.each([
    [{ phase: 'idle' }, { type: 'due' }],
    [{ phase: 'stopped' }, { type: 'start' }],
    [
      { phase: 'waiting', failures: 1, proven: false, delayMs: 0 },
      { type: 'exited', at: 1, code: 0 },
    ],
    [
      { phase: 'running', failures: 0, proven: false, since: 0 },
      { type: 'started', at: 1 },
    ],
  ] as const)('that is %j does not take %j', (state, event) => {
    expect(() => transition(state, event)).toThrow(/cannot/);
  });
});
