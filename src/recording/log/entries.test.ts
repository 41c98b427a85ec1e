import { describe, expect, it } from 'vitest';
import { ENTRY_TYPES, EntryGatherer, readEntries } from './entries.ts';

describe('gathering entries', () => {
  it('tells the arrival of each, whichever port was read first', () => {
    const gatherer = new EntryGatherer();
    const arrivals = [90_000, 110_000, 70_000, 90_001, 20_000, 200_000];
    for (const [stream, at] of arrivals.entries()) {
      gatherer.add(ENTRY_TYPES.rtp, stream, Buffer.from([stream]), at, at + 5_000_000);
    }
    const entries = [...readEntries(gatherer.body, gatherer.baseUs)];
    expect(entries.map(({ arrivalUs }) => arrivalUs)).toEqual(arrivals);
    expect([gatherer.baseUs, gatherer.oldestUs]).toEqual([20_000, 5_020_000]);
  });

  it('copies a part of a larger buffer', () => {
    const gatherer = new EntryGatherer();
    const bytes = Buffer.from('before packet after');
    gatherer.add(ENTRY_TYPES.rtp, 1, bytes, 0, 1, 7, 13);
    const [entry] = readEntries(gatherer.body, gatherer.baseUs);
    expect(gatherer.body.toString('utf8', entry!.start, entry!.end)).toBe('packet');
  });

  it('takes what came before the opening for what came with it', () => {
    const gatherer = new EntryGatherer();
    gatherer.add(ENTRY_TYPES.rtp, 0, Buffer.from([1]), 3, 10);
    gatherer.add(ENTRY_TYPES.rtp, 1, Buffer.from([1]), -3, 4);
    const arrivals = [...readEntries(gatherer.body, gatherer.baseUs)].map(({ arrivalUs }) => arrivalUs);
    expect(arrivals).toEqual([3, 0]);
  });
});
