import { loudnessOf, STEPS_PER_OCTAVE } from './level.ts';
import type { PacketTable } from './packets.ts';

/** Mean magnitudes of −52 and −38 dBFS: below the one all is quiet, above the other nothing. */
const SURELY_QUIET = loudnessOf(82);
const SURELY_LOUD = loudnessOf(412);

/** The loudness up to which this talker's packets are quiet: his noise floor (10th percentile) and 6 dB, within bounds. */
export function quietThreshold(table: PacketTable, rows: Uint32Array): number {
  const histogram = new Uint32Array(256);
  for (const row of rows) histogram[table.loudness[row]!]!++;
  let floor = 0;
  for (let seen = histogram[0]!; seen < rows.length / 10 && floor < 255; seen += histogram[floor]!) floor++;
  return Math.min(SURELY_LOUD, Math.max(SURELY_QUIET, floor + STEPS_PER_OCTAVE));
}

/**
 * The packet at which a correction is heard least: the middle of the first three quiet ones in a row between `from` and `to`,
 * else the quietest one.
 */
export function quietestPlace(
  table: PacketTable,
  rows: Uint32Array,
  from: number,
  to: number,
  threshold: number,
): { readonly at: number; readonly quiet: boolean } {
  let quietest = from;
  let run = 0;
  for (let i = from; i < to; i++) {
    const level = table.loudness[rows[i]!]!;
    run = level <= threshold ? run + 1 : 0;
    if (run === 3) return { at: i - 1, quiet: true };
    if (level < table.loudness[rows[quietest]!]!) quietest = i;
  }
  return { at: quietest, quiet: false };
}
