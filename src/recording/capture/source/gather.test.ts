import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { GATHER_MS, Gathering } from './gather.ts';

function thread() {
  const slept: number[] = [];
  let now = 1000;
  const gathering = new Gathering({
    now: () => now,
    sleep: (ms) => {
      slept.push(ms);
      now += ms;
    },
  });
  /** A turn of the event loop that reads `datagrams` and takes `ms`. */
  const turn = async (datagrams: number, ms: number): Promise<void> => {
    for (let count = 0; count < datagrams; count++) gathering.heard();
    now += ms;
    await setImmediate();
  };
  return { slept, turn };
}

describe('gathering datagrams', () => {
  it('sleeps once a turn, and only for what is left of the time', async () => {
    const { slept, turn } = thread();
    await turn(1, 0);
    expect(slept, 'the first datagram after silence has not been waited for').toEqual([]);
    await turn(40, 0.5);
    await turn(40, 0);
    expect(slept).toEqual([GATHER_MS - 0.5, GATHER_MS]);
  });

  it('does not sleep when reading takes longer than that', async () => {
    const { slept, turn } = thread();
    for (let count = 0; count < 5; count++) await turn(500, GATHER_MS + 1);
    expect(slept).toEqual([]);
  });

  it('does not sleep in turns without datagrams', async () => {
    const { slept, turn } = thread();
    await turn(1, 0);
    await turn(0, 0);
    await turn(0, 0);
    expect(slept).toEqual([]);
  });
});
