import type { Gap } from './types.ts';

/** Beyond so many, only the longest gaps of a channel are listed; their sum stays exact. */
export const MOST_GAPS = 2000;

/** Where a channel has sound, and where more than one source has. */
export interface Coverage {
  /** start, end …, rising and apart; output samples. */
  readonly covered: readonly number[];
  /** Samples that two or more sources cover. */
  readonly doubled: number;
}

/** Joins the covered stretches of several sources. */
export function unite(lists: readonly (readonly number[])[]): Coverage {
  const filled = lists.filter((list) => list.length > 0);
  if (filled.length <= 1) return { covered: filled[0] ?? [], doubled: 0 };
  const pairs: [number, number][] = [];
  for (const list of filled) for (let i = 0; i < list.length; i += 2) pairs.push([list[i]!, list[i + 1]!]);
  pairs.sort((a, b) => a[0] - b[0]);
  const covered: number[] = [];
  let doubled = 0;
  for (const [from, to] of pairs) {
    const end = covered.at(-1) ?? -Infinity;
    if (from > end) covered.push(from, to);
    else {
      doubled += Math.min(to, end) - from;
      covered[covered.length - 1] = Math.max(to, end);
    }
  }
  return { covered, doubled };
}

/** The stretches of [from, to) that are not covered, as start, end … */
export function uncovered(covered: readonly number[], from: number, to: number): number[] {
  const gaps: number[] = [];
  let at = from;
  for (let i = 0; i < covered.length && at < to; i += 2) {
    const start = Math.min(covered[i]!, to);
    if (start > at) gaps.push(at, start);
    at = Math.max(at, covered[i + 1]!);
  }
  if (at < to) gaps.push(at, to);
  return gaps;
}

/** As ms of a recording that begins at sample `from`; at most {@link MOST_GAPS}, the longest, in order. */
export function listGaps(gaps: readonly number[], from: number, rate: number): Gap[] {
  const ms = (sample: number): number => ((sample - from) * 1000) / rate;
  const all: Gap[] = [];
  for (let i = 0; i < gaps.length; i += 2) all.push({ fromMs: ms(gaps[i]!), toMs: ms(gaps[i + 1]!) });
  if (all.length <= MOST_GAPS) return all;
  return all
    .sort((a, b) => b.toMs - b.fromMs - (a.toMs - a.fromMs))
    .slice(0, MOST_GAPS)
    .sort((a, b) => a.fromMs - b.fromMs);
}
