import type { LogItem, LogRecord } from './reader.ts';

export interface LastRecord {
  readonly epoch: number;
  readonly sequence: number;
}

/** The last sequence number of each epoch, in order, as far as record headers and the journal tell. */
export function lastOfEpochs(places: readonly LastRecord[], journalled?: LastRecord): Map<number, number> {
  const last = new Map<number, number>();
  for (const { epoch, sequence } of journalled === undefined ? places : [...places, journalled]) {
    last.set(epoch, Math.max(sequence, last.get(epoch) ?? 0));
  }
  return new Map([...last].sort(([a], [b]) => a - b));
}

/**
 * Puts in a gap wherever sequence numbers are missing.
 * @param records in the order of (epoch, sequence), each once
 * @param last of every epoch that the records are of, and of those of which none came
 */
export async function* withGaps(
  records: AsyncIterable<LogRecord>,
  last: ReadonlyMap<number, number>,
): AsyncGenerator<LogItem> {
  const epochs = [...last.keys()];
  let reached = 0;
  let afterUs: number | null = null;
  for await (const record of records) {
    for (; epochs[0] !== undefined && epochs[0] < record.epoch; epochs.shift(), reached = 0) {
      yield* missing(epochs[0], reached + 1, last.get(epochs[0]) ?? 0, afterUs, record.baseUs);
    }
    yield* missing(record.epoch, reached + 1, record.sequence - 1, afterUs, record.baseUs);
    yield record;
    reached = record.sequence;
    afterUs = record.baseUs;
  }
  for (; epochs[0] !== undefined; epochs.shift(), reached = 0) {
    yield* missing(epochs[0], reached + 1, last.get(epochs[0]) ?? 0, afterUs, null);
  }
}

function* missing(
  epoch: number,
  from: number,
  to: number,
  afterUs: number | null,
  beforeUs: number | null,
): Generator<LogItem> {
  if (from <= to) yield { kind: 'gap', epoch, from, to, afterUs, beforeUs };
}
