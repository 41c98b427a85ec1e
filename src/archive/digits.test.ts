import { describe, expect, it } from 'vitest';
import type { RecordingStep } from '../link/journal.ts';
import { ENTRY_TYPES, EntryGatherer } from '../recording/log/entries.ts';
import type { LogItem } from '../recording/log/reader.ts';
import { CallReading } from './call-reading.ts';
import { digitsIn, gapsIn } from './digits.ts';
import { ALICE, decision, endedCall, MemoryLog, T0 } from './testing.ts';
import { sortRecordings } from './wanted.ts';

const begun: RecordingStep = { do: 'begun', recording: 1, by: 'hand', asker: ALICE };
const stopped: RecordingStep = { do: 'ended', recording: 1, reason: 'stopped', asker: ALICE };

function entry(gatherer: EntryGatherer, atMs: number, timestamp: number, event?: number): void {
  const bytes = Buffer.alloc(event === undefined ? 12 : 13);
  bytes.writeUInt32BE(7, 0);
  bytes.writeUInt32BE(timestamp, 6);
  if (event !== undefined) bytes[12] = event;
  gatherer.add(ENTRY_TYPES.event, 1, bytes, atMs * 1000, atMs * 1000);
}

/** A recording by hand of the seconds 1 to 3, in which digits were pressed at these times. */
function recorded(keepDigits: boolean, pressed: readonly (readonly [ms: number, timestamp: number, event?: number])[]) {
  const steps = [
    [1000, begun],
    [3000, stopped],
  ] as const;
  const call = endedCall({ opened: { decision: { ...decision('offer'), keepDigits } }, steps, endedAt: T0 + 9000 });
  const gatherer = new EntryGatherer();
  for (const [ms, timestamp, event] of pressed) entry(gatherer, ms, timestamp, event);
  const log = new MemoryLog();
  log.calls.set(call.callId, [
    { kind: 'packets', epoch: 0, sequence: 1, baseUs: gatherer.baseUs, body: Buffer.from(gatherer.body) },
  ]);
  const [wanted] = sortRecordings(call, call.history).wanted;
  return { call, wanted: wanted!, reading: new CallReading(log, call) };
}

describe('digits that an account keeps', () => {
  it('are each told once, of the recording alone', async () => {
    const { reading, wanted } = recorded(true, [
      [500, 100, 1],
      [1500, 200, 5],
      [1520, 200, 5],
      [1540, 200, 5],
      [2000, 300, 11],
      [3500, 400, 2],
    ]);
    expect(await digitsIn(reading, wanted)).toEqual([
      { mono: 1500, text: '5 was pressed, on stream 2.' },
      { mono: 2000, text: '# was pressed, on stream 2.' },
    ]);
  });

  it('are none where they were masked, or where the account does not keep them', async () => {
    const masked = recorded(true, [[1500, 200]]);
    expect(await digitsIn(masked.reading, masked.wanted)).toEqual([]);
    const other = recorded(false, [[1500, 200, 5]]);
    expect(await digitsIn(other.reading, other.wanted)).toEqual([]);
  });
});

describe('gaps in the audio log', () => {
  const gap = (afterUs: number | null, beforeUs: number | null) =>
    ({ kind: 'gap', epoch: 0, from: 1, to: 2, afterUs, beforeUs }) satisfies LogItem;
  const all = [gap(null, 600_000), gap(1_200_000, 1_900_000), gap(2_600_000, null)];

  it('are told of a call of which nothing was thrown away', () => {
    const { call, wanted } = recorded(false, []);
    expect(gapsIn(all, wanted, call)).toEqual(all);
  });

  it('beside a recording are not its own where something was dropped there on purpose', () => {
    const held: RecordingStep = { do: 'begun', recording: 2, by: 'live-keep', asker: ALICE };
    const steps = [
      [0, held],
      [1000, begun],
      [3000, stopped],
      [3000, { do: 'dropped', asker: ALICE }],
    ] as const;
    const call = endedCall({ opened: { decision: decision('offer') }, steps, endedAt: T0 + 9000 });
    const [wanted] = sortRecordings(call, call.history).wanted;
    expect(gapsIn(all, wanted!, call)).toEqual([all[1]]);
  });
});
