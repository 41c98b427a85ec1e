import type { Stretch } from './types.ts';

/**
 * What is taken out of a recording: absolute samples start, end …, rising, apart, and within [from, to). A moment is the same sample on all
 * channels.
 */
export type Cuts = readonly number[];

export function cutsOf(stretches: readonly Stretch[], rate: number, from: number, to: number): Cuts {
  const sample = (us: number): number => Math.round((us * rate) / 1e6);
  const pairs = stretches
    .map(({ fromUs, toUs }) => [
      Math.max(from, fromUs === null ? from : sample(fromUs)),
      Math.min(to, toUs === null ? to : sample(toUs)),
    ])
    .filter(([start, end]) => end! > start!)
    .toSorted((a, b) => a[0]! - b[0]!);
  const cuts: number[] = [];
  for (const [start, end] of pairs) {
    if (cuts.length > 0 && start! <= cuts.at(-1)!) cuts[cuts.length - 1] = Math.max(cuts.at(-1)!, end!);
    else cuts.push(start!, end!);
  }
  return cuts;
}

/** How many samples before this one are taken out; of one within a cut, those of the cut before it count. */
export function cutBefore(cuts: Cuts, sample: number): number {
  let count = 0;
  for (let i = 0; i < cuts.length && cuts[i]! < sample; i += 2) count += Math.min(cuts[i + 1]!, sample) - cuts[i]!;
  return count;
}

export function isCut(cuts: Cuts, sample: number): boolean {
  for (let i = 0; i < cuts.length && cuts[i]! <= sample; i += 2) if (sample < cuts[i + 1]!) return true;
  return false;
}

/** Stretches, start, end …, where they are when the cuts have been taken out; what lies in a cut is gone, what touches then is one. */
export function withoutCuts(stretches: readonly number[], cuts: Cuts): readonly number[] {
  if (cuts.length === 0) return stretches;
  const moved: number[] = [];
  for (let i = 0; i < stretches.length; i += 2) {
    const start = stretches[i]! - cutBefore(cuts, stretches[i]!);
    const end = stretches[i + 1]! - cutBefore(cuts, stretches[i + 1]!);
    if (end <= start) continue;
    if (moved.at(-1) === start) moved[moved.length - 1] = end;
    else moved.push(start, end);
  }
  return moved;
}
