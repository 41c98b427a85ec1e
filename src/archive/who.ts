import type { OwnerInput } from '../catalogue/types.ts';
import type { CallState } from '../link/fold.ts';
import type { Asker } from '../link/journal.ts';
import type { DecidedParty, Decision, Direction, LayerWord, Verdict } from '../policy/types.ts';
import type { Decided } from './wanted.ts';

/** Each party as the directory knows it, by its id in the call, latest first known user kept. */
export function knownParties(decided: readonly Decided[]): ReadonlyMap<string, DecidedParty> {
  const known = new Map<string, DecidedParty>();
  for (const { decision } of decided) {
    for (const party of decision.parties ?? []) {
      if (party.userId !== undefined || known.get(party.id)?.userId === undefined) known.set(party.id, party);
    }
  }
  return known;
}

/** Whose it is by a decision, with his name where he is in the call. */
export function ownerOf({ owner }: Decision, known: ReadonlyMap<string, DecidedParty>): OwnerInput {
  if (owner === undefined) return { kind: null, userId: null, name: null, groupId: null };
  if (owner.kind === 'unassigned' || owner.kind === 'discard')
    return { kind: owner.kind, userId: null, name: null, groupId: null };
  const name = [...known.values()].find(({ userId }) => userId === owner.userId)?.userName ?? null;
  return { kind: owner.kind, userId: owner.userId, name, groupId: owner.groupId };
}

/** As policy saw it from the account, else as it was signalled (F0). */
export function directionOf(decided: readonly Decided[]): Direction {
  const byPolicy = decided.findLast(({ decision: { direction = 'UNKNOWN' } }) => direction !== 'UNKNOWN');
  if (byPolicy?.decision.direction !== undefined) return byPolicy.decision.direction;
  return decided.findLast(({ facts }) => facts.direction !== 'UNKNOWN')?.facts.direction ?? 'UNKNOWN';
}

/** What became of the call in the end is the strongest word of its moments. */
const STRENGTH: readonly Verdict[] = ['ignore', 'offer', 'hold', 'record', 'forbid'];

/** The decision with the strongest word, the latest of several. */
export function strongest(decided: readonly { readonly decision: Decision }[]): Decision | undefined {
  const rank = ({ verdict }: Decision): number => STRENGTH.indexOf(verdict);
  return decided
    .map(({ decision }) => decision)
    .reduce<Decision | undefined>(
      (best, one) => (best === undefined || rank(one) >= rank(best) ? one : best),
      undefined,
    );
}

/** The words that speak for a verdict, as one text. */
export function reasonOf({
  layers,
  verdict,
}: {
  readonly layers: readonly LayerWord[];
  readonly verdict: Verdict;
}): string {
  const speaking = layers.filter(({ says }) => says === verdict);
  const words = speaking.length > 0 ? speaking : layers.filter(({ says }) => says !== 'nothing');
  return words.length === 0 ? 'Nothing asks for it.' : words.map(({ why }) => why).join(' ');
}

/** How an asker is named in the audit log. */
export function actorOf({ kind, id }: Asker): string {
  return id === null ? kind : `${kind}:${id}`;
}

const END_WORDS: Readonly<Record<string, string>> = {
  stopped: 'stopped on purpose',
  parties: 'nobody in the call asked for it any more',
  longest: 'the longest duration was reached',
  denied: 'it was forbidden',
  dropped: 'it was dropped',
  'taken-over': 'another recording goes on',
};

/** What happened to the recordings of a call, for its timeline, but for those that ran from its beginning to its end by policy. */
export function recordingEvents(
  call: CallState,
): { readonly mono: number; readonly type: string; readonly text: string }[] {
  return call.recordings.flatMap(({ recording, by, asker, fromMono, toMono, endReason }) => {
    const name = by === 'live-keep' ? 'Holding for live-keep' : `Recording ${recording}`;
    const begun = { mono: fromMono, type: 'recording-started', text: `${name} was started by ${asker.name}.` };
    const events = fromMono > 0 || by === 'hand' ? [begun] : [];
    if (toMono === null) return events;
    const why = END_WORDS[endReason ?? ''] ?? 'as told';
    return [...events, { mono: toMono, type: 'recording-ended', text: `${name} ended: ${why}.` }];
  });
}
