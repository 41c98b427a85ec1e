import { expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { ClockWatch } from './clock-watch.ts';
import { TestBench } from './testing.ts';

it('logs a step of the wall clock once, either way, and not the time that passes', () => {
  const clock = new VirtualClock();
  const steps: unknown[] = [];
  const watch = new ClockWatch(clock, { ...silentLog, warn: (fields) => void steps.push(fields) });
  watch.start();
  clock.advance(5000);
  expect(steps).toEqual([]);
  clock.step(3_600_000);
  clock.advance(3000);
  clock.step(-3_600_000);
  clock.advance(3000);
  expect(steps).toEqual([{ ms: 3_600_000 }, { ms: -3_600_000 }]);
});

it.each([3_600_000, -3_600_000])('a step of %i ms within a call does not bend its duration', async (ms) => {
  const bench = new TestBench();
  const recorder = bench.recorder();
  await (await recorder.prepare(bench.opening('s'))).commit({});
  bench.clock.advance(10_000);
  bench.clock.step(ms);
  bench.clock.advance(5000);
  await recorder.end('s', 'bye');
  expect(bench.entries.at(-1)).toMatchObject({ kind: 'ended', mono: 15_000 });
});
