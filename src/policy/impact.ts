import type { CompiledSettings } from './compile.ts';
import { decide, redecide } from './decide.ts';
import type { CallFacts, Decided, PolicySettings, Verdict } from './types.ts';

/** A call of the past: what was known of it at each of its moments, oldest first. */
export interface PastCall {
  readonly id: string;
  readonly history: readonly CallFacts[];
}

/** A past call that other settings would have decided otherwise. */
export interface Changed {
  readonly id: string;
  readonly before: Verdict;
  readonly after: Verdict;
  /** Why it would be so, the words of the layers that speak for it. */
  readonly why: string;
}

/** Which of these calls would be decided otherwise; shown before a change of settings is saved. */
export function impact(
  calls: readonly PastCall[],
  before: CompiledSettings | PolicySettings,
  after: CompiledSettings | PolicySettings,
): Changed[] {
  return calls.flatMap(({ id, history }) => {
    const was = outcome(history, before);
    const is = outcome(history, after);
    if (was === null || is === null || was.verdict === is.verdict) return [];
    return [{ id, before: was.verdict, after: is.verdict, why: reasonOf(is) }];
  });
}

/** What becomes of the call in the end: the strongest word of its moments. */
const STRENGTH: readonly Verdict[] = ['ignore', 'offer', 'hold', 'record', 'forbid'];

function outcome(history: readonly CallFacts[], settings: CompiledSettings | PolicySettings): Decided | null {
  let last: Decided | null = null;
  let strongest: Decided | null = null;
  for (const facts of history) {
    last = last === null ? decide(facts, settings) : redecide(last, facts, settings);
    if (strongest === null || STRENGTH.indexOf(last.verdict) > STRENGTH.indexOf(strongest.verdict)) strongest = last;
  }
  return strongest;
}

function reasonOf({ layers, verdict }: Decided): string {
  const speaking = layers.filter((word) => word.says === verdict);
  const words = speaking.length > 0 ? speaking : layers.filter((word) => word.says !== 'nothing');
  if (words.length === 0) return 'No layer asks for it any more.';
  return words.map((word) => word.why).join(' ');
}
