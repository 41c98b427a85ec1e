import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import type { RunningProcess } from './process.ts';
import { Supervised } from './supervised.ts';

/** A program that can stand by, apart from processes. */
async function running() {
  const clock = new VirtualClock();
  const told: string[] = [];
  let end: (code: number | null) => void = () => undefined;
  const launch = (): Promise<RunningProcess> => {
    told.push('launch');
    const exited = new Promise<number | null>((resolve) => (end = resolve));
    const identity = { pid: told.length, startTicks: '1', boot: 'b' };
    return Promise.resolve({
      identity,
      adopted: false,
      exited,
      signal: (name) => told.push(name),
      kill: () => undefined,
    });
  };
  const standBy = (): Promise<boolean> => {
    told.push('stand by');
    return Promise.resolve(true);
  };
  const launcher = {
    role: 'recorder',
    stopSignal: 'SIGTERM',
    launch,
    standBy,
    dismiss: () => told.push('dismiss'),
  } as const;
  const supervised = new Supervised({ launcher, clock, log: silentLog, onFailed: () => undefined });
  supervised.start();
  await supervised.ready;
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  return { clock, told, supervised, settled, die: () => end(null) };
}

describe('a process that stands by', () => {
  it('is loaded ten seconds after the one that runs has started, and again after each start', async () => {
    const { clock, told, die, settled } = await running();
    clock.advance(9999);
    expect(told).toEqual(['launch']);
    clock.advance(1);
    expect(told).toEqual(['launch', 'stand by']);
    die();
    await settled();
    clock.advance(0);
    await settled();
    expect(told).toEqual(['launch', 'stand by', 'launch']);
    clock.advance(10_000);
    expect(told.slice(3)).toEqual(['stand by']);
  });

  it('is ended together with the one that runs, and none is loaded afterwards', async () => {
    const { clock, told, supervised, die, settled } = await running();
    const stopped = supervised.stop(1000);
    die();
    await stopped;
    await settled();
    clock.advance(20_000);
    expect(told).toContain('dismiss');
    expect(told).not.toContain('stand by');
  });

  it('is not taken by a renewal that an end came before', async () => {
    const { told, supervised, die } = await running();
    const renewed = supervised.renew();
    const stopped = supervised.stop(1000);
    await renewed;
    die();
    await stopped;
    expect(told).not.toContain('SIGUSR2');
  });
});
