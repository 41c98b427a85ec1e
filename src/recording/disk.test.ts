import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import { DiskGauge } from './disk.ts';

describe('the disk gauge', () => {
  it('refuses below the least free space and takes calls again above it', async () => {
    let free = 600;
    const gauge = new DiskGauge('/', 500, new VirtualClock(), () => Promise.resolve(free * 1024 * 1024));
    await gauge.look();
    expect(gauge.refusal).toBeNull();
    free = 499;
    await gauge.look();
    expect(gauge.refusal).toMatchObject({ code: 'DISK_FULL', key: 'limits.free' });
    free = 500;
    await gauge.look();
    expect(gauge.refusal).toBeNull();
  });

  it('refuses when the folder cannot be looked at', async () => {
    const gauge = new DiskGauge('/', 1, new VirtualClock(), () => Promise.reject(new Error('EIO')));
    await gauge.look();
    expect(gauge.refusal?.message).toContain('EIO');
  });

  it('looks for real', async () => {
    const gauge = new DiskGauge('/', 0, new VirtualClock());
    await gauge.look();
    expect(gauge.refusal).toBeNull();
    expect(gauge.freeBytes).toBeGreaterThan(0);
  });
});
