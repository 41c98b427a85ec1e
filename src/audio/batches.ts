import type { Captured, CaptureSource } from './types.ts';

/** The packets of a source in batches. Waiting for each packet by itself would cost more than all the work on it. */
export function batchesOf(source: CaptureSource): Iterable<Iterable<Captured>> | AsyncIterable<Iterable<Captured>> {
  const packets = source.packets();
  return Symbol.iterator in packets ? [packets] : packets;
}
