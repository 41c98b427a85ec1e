import type { Collected } from './collect.ts';
import { cutBefore, type Cuts, cutsOf, withoutCuts } from './cuts.ts';
import type { Law } from './g711.ts';
import { uncovered, unite, type Coverage } from './intervals.ts';
import type { PacketTable } from './packets.ts';
import { layOut, type StreamLayout } from './stream-layout.ts';
import { trackReport } from './report.ts';
import type { ChannelPlan, RenderOptions, TrackReport, Undecoded } from './types.ts';

/** Which of a stream's audio channels goes into a channel of the recording; `both` are mixed. */
export type Side = 0 | 1 | 'both';

/** Where a stream is drawn. */
export interface Target {
  readonly channel: number;
  readonly side: Side;
}

/** All that the second pass needs to know. */
export interface RenderPlan {
  readonly container: 'wav' | 'flac';
  /** The law of the samples in the file; null = linear. */
  readonly law: Law | null;
  readonly codec: string;
  readonly rate: number;
  readonly channels: number;
  /** First sample, counted from the call's opening. */
  readonly from: number;
  /** Per channel, as written. */
  readonly samples: number;
  /** The same before the cuts. */
  readonly span: number;
  /** What is not written. */
  readonly cuts: Cuts;
  readonly layouts: ReadonlyMap<number, StreamLayout>;
  readonly targets: ReadonlyMap<number, readonly Target[]>;
  /** By channel: whether sources overlap anywhere and must be mixed. */
  readonly mixes: readonly boolean[];
  /** Stretches to be silenced: start, end …, absolute samples. */
  readonly blank: readonly number[];
  readonly tracks: readonly TrackReport[];
  readonly warnings: readonly string[];
  readonly undecoded: readonly Undecoded[];
}

/** Lays out the whole recording from the header facts of its packets. */
export function makePlan(collected: Collected, options: RenderOptions): RenderPlan {
  const tables = [...collected.tables.values()];
  const form = chooseForm(tables, options.container ?? 'auto');
  const layouts = new Map(tables.map((table) => [table.stream, layOut(table, form.rate)]));
  const plans = [...options.channels].sort((a, b) => a.channel - b.channel);
  const coverage = plans.map((plan) => coverageOf(plan, layouts));
  const { from, to } = extent(coverage, options, form.rate);
  const cuts = cutsOf(options.cut ?? [], form.rate, from, to);
  const targets = targetsOf(plans);
  const channels = Math.max(1, ...plans.map((plan) => plan.channel + 1));
  const mixes = Array.from({ length: channels }, () => false);
  plans.forEach((plan, i) => (mixes[plan.channel] = mixes[plan.channel]! || coverage[i]!.doubled > 0));
  const tracks = plans.map((plan, i) => {
    const streams = plan.streams.map((stream) => layouts.get(stream)!);
    const gaps = withoutCuts(uncovered(coverage[i]!.covered, from, to), cuts);
    return trackReport(plan, streams, { gaps, doubled: coverage[i]!.doubled, from, to, cuts, rate: form.rate });
  });
  return {
    ...form,
    channels,
    from,
    samples: to - from - cutBefore(cuts, to),
    span: to - from,
    cuts,
    layouts,
    targets,
    mixes,
    blank: (options.blank ?? []).flatMap(({ fromUs, toUs }) => [
      fromUs === null ? from : Math.round((fromUs * form.rate) / 1e6),
      toUs === null ? to : Math.round((toUs * form.rate) / 1e6),
    ]),
    tracks,
    undecoded: undecodedOf(plans, collected),
    warnings: warningsOf(collected, layouts, tracks),
  };
}

/** G.711 stays as it is where one law and one rate serve all; everything else is kept exact as linear samples. */
function chooseForm(
  tables: readonly PacketTable[],
  wanted: 'auto' | 'flac',
): { container: 'wav' | 'flac'; law: Law | null; codec: string; rate: number } {
  const codecs = tables.flatMap((table) => table.codecs).filter((codec) => isDecodable(codec.coding));
  const names = [...new Set(codecs.map((codec) => codec.name))].sort();
  const codec = names.length === 0 ? 'PCMU' : names.join('+');
  const rates = new Set(codecs.map((codec) => codec.rate));
  const rate = rates.size === 0 ? 8000 : Math.max(...rates);
  const single = names.length <= 1 && rates.size <= 1 && codec !== 'L16';
  if (!single || wanted === 'flac') return { container: 'flac', law: null, codec, rate };
  return { container: 'wav', law: codec === 'PCMA' ? 'alaw' : 'mulaw', codec, rate };
}

export function isDecodable(coding: string): boolean {
  return coding === 'mulaw' || coding === 'alaw' || coding === 'l16';
}

function coverageOf(plan: ChannelPlan, layouts: ReadonlyMap<number, StreamLayout>): Coverage {
  return unite(plan.streams.flatMap((stream) => layouts.get(stream)!.sources.map(({ placed }) => placed.covered)));
}

/** The first and last sample of the recording, counted from the call's opening. */
function extent(coverage: readonly Coverage[], options: RenderOptions, rate: number): { from: number; to: number } {
  const firsts = coverage.flatMap(({ covered }) => (covered.length > 0 ? [covered[0]!] : []));
  const lasts = coverage.flatMap(({ covered }) => (covered.length > 0 ? [covered.at(-1)!] : []));
  const { fromUs = null, toUs = null } = options.window ?? {};
  const given = (us: number | null): number | null => (us === null ? null : Math.round((us * rate) / 1e6));
  const from = given(fromUs) ?? (firsts.length > 0 ? Math.min(...firsts) : (given(toUs) ?? 0));
  const to = given(toUs) ?? (lasts.length > 0 ? Math.max(...lasts) : from);
  return { from, to: Math.max(from, to) };
}

/** Channels by stream; a stream in two plans is split, its left side to the first of them. */
function targetsOf(plans: readonly ChannelPlan[]): Map<number, Target[]> {
  const targets = new Map<number, Target[]>();
  for (const plan of plans) {
    for (const stream of plan.streams) {
      const known = targets.get(stream) ?? [];
      known.push({ channel: plan.channel, side: 'both' });
      targets.set(stream, known);
    }
  }
  for (const [stream, list] of targets) {
    if (list.length > 1)
      targets.set(
        stream,
        list.map((target, i) => ({ ...target, side: i === 0 ? 0 : 1 })),
      );
  }
  return targets;
}

function undecodedOf(plans: readonly ChannelPlan[], collected: Collected): Undecoded[] {
  return plans.flatMap((plan) =>
    plan.streams.flatMap((stream) => {
      const table = collected.tables.get(stream)!;
      const foreign = new Set(table.codecs.flatMap((codec, i) => (codec.coding === 'foreign' ? [i] : [])));
      if (foreign.size === 0) return [];
      let packets = 0;
      for (let row = 0; row < table.count; row++) if (foreign.has(table.codec[row]!)) packets++;
      return [{ stream, channel: plan.channel, codecs: [...foreign].map((i) => table.codecs[i]!.name), packets }];
    }),
  );
}

function warningsOf(
  collected: Collected,
  layouts: ReadonlyMap<number, StreamLayout>,
  tracks: readonly TrackReport[],
): string[] {
  const warnings: string[] = [];
  for (const [stream, packets] of collected.unplanned) {
    warnings.push(`stream ${stream} has no channel: ${packets} packets are not in the recording`);
  }
  for (const layout of layouts.values()) {
    const overlapping = layout.sources.reduce((sum, { placed }) => sum + placed.overlapping, 0);
    if (overlapping > 0) {
      warnings.push(
        `stream ${layout.table.stream}: timestamps of ${overlapping} packets overlap others; the overlap was dropped`,
      );
    }
  }
  for (const track of tracks) {
    if (track.foreignCodecs.length > 0) {
      warnings.push(`channel ${track.channel}: ${track.foreignCodecs.join(', ')} cannot be decoded here and is silent`);
    }
    if (track.mixedMs > 0)
      warnings.push(`channel ${track.channel}: ${Math.ceil(track.mixedMs)} ms of two sources at once were mixed`);
  }
  return warnings;
}
