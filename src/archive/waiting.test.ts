import { describe, expect, it } from 'vitest';
import { endedCall, T0 } from './testing.ts';
import { WaitingCalls } from './waiting.ts';

const ended = (after: number) => endedCall({ endedAt: T0 + after });

describe('calls that wait', () => {
  it('come in the order of their ends, those of the same moment in the order in which they came', () => {
    const waiting = new WaitingCalls();
    const calls = Array.from({ length: 500 }, (_, n) => ended((n * 7919) % 97));
    const order = calls.toSorted((a, b) => a.ended!.at - b.ended!.at);
    // Half of them come while others are taken.
    for (const call of calls.slice(0, 250)) waiting.add(call);
    expect(waiting.size).toBe(250);
    const early = waiting.take()!;
    expect(early.ended!.at).toBe(Math.min(...calls.slice(0, 250).map((call) => call.ended!.at)));
    waiting.add(early);
    for (const call of calls.slice(250)) waiting.add(call);
    const taken = Array.from({ length: 500 }, () => waiting.take()!);
    expect(taken.map((call) => call.ended!.at)).toEqual(order.map((call) => call.ended!.at));
    const others = (list: typeof calls) => list.filter((call) => call !== early).map(({ callId }) => callId);
    expect(others(taken)).toEqual(others(order));
    expect(waiting.take()).toBeUndefined();
    expect(waiting.size).toBe(0);
  });

  it('wait once, and are known until they are taken', () => {
    const waiting = new WaitingCalls();
    const call = ended(1);
    waiting.add(call);
    waiting.add(call);
    expect(waiting.size).toBe(1);
    expect(waiting.has(call.callId)).toBe(true);
    expect(waiting.take()).toBe(call);
    expect(waiting.has(call.callId)).toBe(false);
  });

  it('are looked at once each, however many there are', () => {
    let looks = 0;
    const waiting = new WaitingCalls();
    const { ended: end, ...call } = ended(0);
    const many = 4096;
    for (let n = 0; n < many; n++) {
      const counted = {
        ...end!,
        get at() {
          looks += 1;
          return (n * 7919) % many;
        },
      };
      waiting.add({ ...call, callId: `${n}`, ended: counted });
    }
    while (waiting.size > 0) waiting.take();
    expect(looks).toBe(many);
  });
});
