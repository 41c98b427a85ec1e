import { fitLine, type AnchorPoint, type Line } from './anchor.ts';
import type { PacketTable } from './packets.ts';
import type { Segment, Source } from './source.ts';
import type { CapturedReport } from './types.ts';

/** Reports that a line needs, and the share of them that must lie on it. */
const FEWEST = 4;
const SHARE_ON_LINE = 0.8;
/** Some senders report the time of their last packet, not of the report: such reports are of no use. */
const ON_LINE_US = 5000;
/** Faster or slower than this no clock runs. */
const MOST_DRIFT = 1e-3;
/** Once the media clock's own drift is known, a delay may last so long on either side and still move nothing. */
const REACH_US = 60e6;
/** A report belongs to a segment that it is no further away from. */
const NEAR_US = 10e6;

/**
 * Frees the envelope from long delays of the network. A sender report ties the media clock to the sender's wall clock whatever
 * the way of the packets (RFC 3550 section 6.4.1), so what a window's least delay rises above that line is the network's doing
 * and not the clock's. Without enough reports on one line the points stay as they are.
 */
export function steadied(
  points: readonly AnchorPoint[],
  table: PacketTable,
  source: Source,
  segment: Segment,
): readonly AnchorPoint[] {
  const line = mediaClock(table, source, segment);
  if (line === null) return points;
  const transit = points.map((point) => point.delayUs - line.at(point.timeUs));
  let first = 0;
  return points.map(({ timeUs }) => {
    while (points[first]!.timeUs < timeUs - REACH_US) first++;
    let least = Infinity;
    for (let i = first; i < points.length && points[i]!.timeUs <= timeUs + REACH_US; i++)
      least = Math.min(least, transit[i]!);
    return { timeUs, delayUs: line.at(timeUs) + least };
  });
}

/** The sender's wall clock less its media clock, µs, over the time of the media clock. */
function mediaClock(table: PacketTable, source: Source, segment: Segment): Line | null {
  const offsets: AnchorPoint[] = [];
  for (const report of table.reports) {
    if (report.ssrc !== source.ssrc || !(report.ntpMs > 0)) continue;
    const timeUs = mediaTime(report, table, source, segment);
    if (timeUs !== null) offsets.push({ timeUs, delayUs: report.ntpMs * 1000 - timeUs });
  }
  if (offsets.length < FEWEST) return null;
  const rough = fitLine(offsets);
  const faults = offsets.map((point) => Math.abs(point.delayUs - rough.at(point.timeUs))).sort((a, b) => a - b);
  const limit = Math.max(ON_LINE_US, 2 * faults[faults.length >> 1]!);
  const kept = offsets.filter((point) => Math.abs(point.delayUs - rough.at(point.timeUs)) <= limit);
  const line = fitLine(kept);
  const on = offsets.filter((point) => Math.abs(point.delayUs - line.at(point.timeUs)) <= ON_LINE_US).length;
  return on >= FEWEST && on >= SHARE_ON_LINE * offsets.length && Math.abs(line.slope) <= MOST_DRIFT ? line : null;
}

/** A report's RTP timestamp on the unwrapped clock of the segment, by way of the packet that arrived next to it. */
function mediaTime(report: CapturedReport, table: PacketTable, source: Source, segment: Segment): number | null {
  const arrival = (i: number): number => table.arrivalUs[source.rows[i]!]!;
  let low = segment.from;
  let high = segment.to - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (arrival(middle) <= report.arrivalUs) low = middle;
    else high = middle - 1;
  }
  if (Math.abs(arrival(low) - report.arrivalUs) > NEAR_US) return null;
  const row = source.rows[low]!;
  const ticks = (report.rtpTimestamp - table.timestamp[row]!) | 0;
  return source.timeUs[low]! + (ticks * 1e6) / (table.codecOf(row)?.rate ?? 8000);
}
