import { describe, expect, it } from 'vitest';
import type { LogItem } from '../recording/log/reader.ts';
import { CallReading } from './call-reading.ts';
import { endedCall, recordsOf } from './testing.ts';
import type { CallLog } from './types.ts';

/** A log of one call that counts how often it is read, its records `times` as many. */
function countingLog(times: number): CallLog & { readings: number } {
  const records = recordsOf({ packets: 5000 });
  return {
    readings: 0,
    async *readCall(): AsyncGenerator<LogItem> {
      this.readings++;
      for (let turn = 0; turn < times; turn++) yield* records;
    },
  };
}

async function packetsIn(reading: CallReading): Promise<number> {
  let count = 0;
  for await (const batch of reading.packets()) for (const _ of batch) count++;
  return count;
}

describe('reading a call several times', () => {
  it.each([
    ['opens a short one once', 1, 1],
    ['opens a long one each time, so that it need not be held', 12, 3],
  ])('%s, and gives the same each time', async (_name, times, readings) => {
    const log = countingLog(times);
    const reading = new CallReading(log, endedCall());
    const packets = times * 2 * 5000;
    expect([await packetsIn(reading), await packetsIn(reading), await packetsIn(reading)]).toEqual(
      Array(3).fill(packets),
    );
    expect(log.readings).toBe(readings);
  });

  it('does not take a reading that was broken off for the whole call', async () => {
    const log = countingLog(1);
    const reading = new CallReading(log, endedCall());
    for await (const _ of reading.items()) break;
    expect(await packetsIn(reading)).toBe(10_000);
    expect(log.readings).toBe(2);
  });
});
