import type { Peaks } from '../../audio/peaks.ts';

/** Values of stored peaks are the upper 8 bits of a sample. */
const FULL_SCALE = 128;

/** Stored peaks drawn together to at most `width` pairs a channel: lowest, highest, in turn, from -1 to 1. */
export function reducePeaks(peaks: Peaks, width: number): number[][] {
  return peaks.channels.map((channel) => {
    const pairs = Math.floor(channel.length / 2);
    const columns = Math.min(width, pairs);
    const values: number[] = [];
    for (let column = 0; column < columns; column++) {
      const from = Math.floor((column * pairs) / columns);
      const to = Math.max(from + 1, Math.floor(((column + 1) * pairs) / columns));
      const [low, high] = extremes(channel, from, to);
      values.push(low / FULL_SCALE, high / FULL_SCALE);
    }
    return values;
  });
}

function extremes(channel: Int8Array, fromPair: number, toPair: number): [number, number] {
  let low = 127;
  let high = -128;
  for (let pair = fromPair; pair < toPair; pair++) {
    low = Math.min(low, channel[2 * pair] ?? 0);
    high = Math.max(high, channel[2 * pair + 1] ?? 0);
  }
  return [low, high];
}
