import type { Stretch } from '../audio/types.ts';
import type { CallState, FactsSince } from '../link/fold.ts';
import type { CallFacts, Decision } from '../policy/types.ts';

/** What of a call is kept, and by which decision. */
export interface Keeping {
  readonly decision: Decision;
  /** Stretches that policy did not want: they become silence. */
  readonly blank: readonly Stretch[];
}

/**
 * Goes through the call's decisions. A stretch that was held for want of settings is decided now.
 * @returns null when no part of the call is to be kept
 */
export async function keepingOf(
  call: CallState,
  decide: (facts: CallFacts) => Promise<Decision> | Decision,
): Promise<Keeping | null> {
  const decided: { since: FactsSince; decision: Decision }[] = [];
  for (const since of call.history) {
    const decision = since.decision.verdict === 'hold' ? await decide(since.facts) : since.decision;
    // Still undecided: what cannot be decided is not lost.
    decided.push({ since, decision: decision.verdict === 'hold' ? { ...decision, verdict: 'record' } : decision });
  }
  const wanted = decided.findLast(({ decision }) => decision.verdict === 'record');
  if (wanted === undefined) return null;
  const blank: Stretch[] = [];
  decided.forEach(({ since, decision }, index) => {
    if (decision.verdict === 'record') return;
    const next = decided[index + 1];
    const fromUs = index === 0 ? null : Math.round(since.mono * 1000);
    const toUs = next === undefined ? null : Math.round(next.since.mono * 1000);
    const last = blank.at(-1);
    if (last !== undefined && last.toUs === fromUs) blank[blank.length - 1] = { fromUs: last.fromUs, toUs };
    else blank.push({ fromUs, toUs });
  });
  return { decision: wanted.decision, blank };
}

export function isBlank(blank: readonly Stretch[], atUs: number): boolean {
  return blank.some(({ fromUs, toUs }) => (fromUs === null || atUs >= fromUs) && (toUs === null || atUs < toUs));
}
