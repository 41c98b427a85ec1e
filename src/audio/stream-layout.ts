import type { PacketTable } from './packets.ts';
import { SourcePlacer, type Edit, type Layout, type Placed } from './placement.ts';
import { sourcesOf, type Source } from './source.ts';

/** A source that begins this shortly before its predecessor's end follows it without overlap. */
const HANDOVER_MS = 60;
/** The predecessor sends nothing more when its last packet came no later than this after the first of the new one. */
const ENDED_US = 100_000;
/** Rows to a block of {@link StreamLayout.earliest}. */
export const BLOCK = 128;

/** A stream laid out: each packet's place, and how far the recording is finished after each block of packets. */
export interface StreamLayout extends Layout {
  readonly sources: readonly { readonly source: Source; readonly placed: Placed }[];
  /** By block of rows: the first sample that this block or a later one draws. */
  readonly earliest: Float64Array;
}

/** Lays out all sources of a stream at the recording's rate. */
export function layOut(table: PacketTable, rate: number): StreamLayout {
  const start = new Float64Array(table.count).fill(NaN);
  const layout: Layout = { table, start, edits: new Map<number, Edit>() };
  const ended: { lastArrivalUs: number; end: number }[] = [];
  const sources = sourcesOf(table).map((source) => {
    const after = predecessorEnd(table, source, rate, ended);
    const placed = new SourcePlacer(layout, source, rate, after).place();
    const last = source.rows.at(-1);
    if (last !== undefined)
      ended.push({ lastArrivalUs: table.arrivalUs[last]!, end: placed.covered.at(-1) ?? -Infinity });
    return { source, placed };
  });
  return { ...layout, sources, earliest: earliestByBlock(start) };
}

/** The end of the latest source that this one takes over from, if it only just overlaps; else −Infinity. */
function predecessorEnd(
  table: PacketTable,
  source: Source,
  rate: number,
  ended: readonly { lastArrivalUs: number; end: number }[],
): number {
  const first = source.rows[0];
  if (first === undefined) return -Infinity;
  const arrival = table.arrivalUs[first]!;
  const begin = (arrival * rate) / 1e6 - table.samples[first]!;
  let after = -Infinity;
  for (const { lastArrivalUs, end } of ended.slice(-8)) {
    if (lastArrivalUs > arrival + ENDED_US || end - begin > (HANDOVER_MS * rate) / 1000) continue;
    after = Math.max(after, end);
  }
  return after;
}

function earliestByBlock(start: Float64Array): Float64Array {
  const blocks = Math.ceil(start.length / BLOCK);
  const earliest = new Float64Array(blocks + 1).fill(Infinity);
  for (let block = blocks - 1; block >= 0; block--) {
    let least = earliest[block + 1]!;
    const end = Math.min(start.length, (block + 1) * BLOCK);
    for (let row = block * BLOCK; row < end; row++) if (start[row]! < least) least = start[row]!;
    earliest[block] = least;
  }
  return earliest;
}
