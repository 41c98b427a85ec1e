import { cutBefore, type Cuts, isCut } from './cuts.ts';
import { listGaps } from './intervals.ts';
import type { StreamLayout } from './stream-layout.ts';
import type { ChannelPlan, Correction, TrackReport } from './types.ts';

/** So many SSRCs are listed; a stream of a broken sender may have thousands. */
const MOST_SSRCS = 64;

/** The stretch a channel is reported for; absolute samples. */
export interface Extent {
  /** Uncovered stretches, start, end …, where they are without the cuts. */
  readonly gaps: readonly number[];
  readonly doubled: number;
  readonly from: number;
  readonly to: number;
  readonly cuts: Cuts;
  readonly rate: number;
}

/** The exact account of one channel, over all its streams and sources. */
export function trackReport(plan: ChannelPlan, streams: readonly StreamLayout[], extent: Extent): TrackReport {
  const { from, to, rate, cuts } = extent;
  const sources = streams.flatMap((layout) => layout.sources);
  const total = (of: (entry: (typeof sources)[number]) => number): number =>
    sources.reduce((sum, entry) => sum + of(entry), 0);
  const codecs = streams.flatMap((layout) => layout.table.codecs);
  const named = (coding: (name: string) => boolean): string[] =>
    [...new Set(codecs.filter((codec) => coding(codec.coding)).map((codec) => codec.name))].sort();
  const ms = (samples: number): number => (samples * 1000) / rate;
  const corrections: Correction[] = sources
    .flatMap(({ placed }) => placed.corrections)
    .filter(({ sample }) => sample >= from && sample < to && !isCut(cuts, sample))
    .sort((a, b) => a.sample - b.sample)
    .map(({ sample, samples, place }) => ({ atMs: ms(sample - from - cutBefore(cuts, sample)), samples, place }));
  let silent = 0;
  for (let i = 0; i < extent.gaps.length; i += 2) silent += extent.gaps[i + 1]! - extent.gaps[i]!;
  return {
    channel: plan.channel,
    name: plan.name,
    codec: named((coding) => coding !== 'silence').join('+'),
    packets:
      total(({ source }) => source.account.packets) + streams.reduce((sum, { table }) => sum + table.looseEvents, 0),
    lost: total(({ source }) => source.account.lost),
    duplicates: total(({ source }) => source.account.duplicates),
    reordered: total(({ source }) => source.account.reordered),
    comfortNoise: total(({ source }) => source.comfortNoise),
    events: total(({ source }) => source.events) + streams.reduce((sum, { table }) => sum + table.looseEvents, 0),
    foreignCodecs: named((coding) => coding === 'foreign'),
    ssrcs: [...new Set(sources.map(({ source }) => source.ssrc))].slice(0, MOST_SSRCS),
    gaps: listGaps(extent.gaps, from, rate),
    corrections,
    silentMs: ms(silent),
    mixedMs: ms(extent.doubled),
    driftPpm: driftOf(sources),
  };
}

/** The drift of the source with the most packets of those that tell. */
function driftOf(sources: StreamLayout['sources']): number | null {
  let most = 0;
  let ppm: number | null = null;
  for (const { source, placed } of sources) {
    if (placed.driftPpm === null || source.rows.length <= most) continue;
    most = source.rows.length;
    ppm = placed.driftPpm;
  }
  return ppm === null ? null : Math.round(ppm * 10) / 10;
}
