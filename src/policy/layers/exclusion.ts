import { numberOf } from '../account.ts';
import { isPilot, type KnownParty } from '../party.ts';
import { matchesPattern, numberForms } from '../pattern.ts';
import type { LayerWord } from '../types.ts';
import { isOutside, partyWords, viewWords, type View } from '../view.ts';
import type { Case } from './case.ts';

/** What keeps automatic recording from the call as a whole (D7). */
export interface Exclusion {
  /** A clause for what is silenced; null = nobody is excluded. */
  readonly silencedBy: string | null;
  readonly forbidsManual: boolean;
  readonly words: readonly LayerWord[];
}

/**
 * Remote parties that the account's list names, and the recorder's own numbers. One excluded party excludes the call: recording it for
 * another side would record that party all the same. As soon as the party has left, the call is decided without it.
 */
export function exclusionLayer(one: Case): Exclusion {
  for (const remote of remotesOf(one)) {
    const pilot = pilotOf(remote, one);
    if (pilot !== null) return excluded(pilot, false, 'a call to the recorder itself is never recorded');
    const found = exclusionOf(remote, one);
    if (found === null) continue;
    const { setting } = found;
    const note = setting.note === undefined || setting.note === '' ? '' : ` (${setting.note})`;
    const manual =
      setting.manualToo === true ? 'recorded neither automatically nor by hand' : 'not recorded automatically';
    const clause = `${partyWords(remote)} matches the exclusion ${setting.pattern}${note}`;
    return excluded(clause, setting.manualToo === true, `such calls are ${manual}`);
  }
  const word: LayerWord = { layer: 'exclusion', says: 'nothing', why: 'No remote party is excluded from recording.' };
  return { silencedBy: null, forbidsManual: false, words: [word] };
}

function excluded(clause: string, forbidsManual: boolean, meaning: string): Exclusion {
  const why = `${clause.charAt(0).toUpperCase()}${clause.slice(1)}: ${meaning}.`;
  return { silencedBy: clause, forbidsManual, words: [{ layer: 'exclusion', says: 'ignore', why }] };
}

/** Everybody whom a side of ours talks to; where no side is known, everybody. */
function remotesOf({ known, endpoints }: Case): Iterable<KnownParty> {
  return endpoints.length === 0 ? known.parties : new Set(endpoints.flatMap((view) => view.remotes));
}

/** A pilot among the parties; unless the call was sent to the recorder on purpose (S8). */
function pilotOf(remote: KnownParty, { account, known }: Case): string | null {
  if (known.pilot !== null || !remote.isService) return null;
  const number = numberOf(remote.facts);
  return isPilot(number, account) ? `${number} is a pilot number of the recorder` : null;
}

function exclusionOf(remote: KnownParty, { account }: Case) {
  const text = numberOf(remote.facts);
  if (account.exclusions.length === 0 || text === '') return null;
  const forms = numberForms(text, account.plan);
  return account.exclusions.find(({ pattern }) => matchesPattern(pattern, forms)) ?? null;
}

/** What the account's filter leaves out of a side's view, as a clause; null = nothing (D7). */
export function filteredBy(view: View, { account }: Case): string | null {
  const { direction, traffic } = account.settings.filters ?? {};
  if (!isOutside(view, direction, traffic)) return null;
  return `the filter of account ${account.settings.name} records only ${filterWords(direction, traffic)} calls, and this is ${viewWords(view)}`;
}

/** The filter's word on the call as a whole: it is left out when every side of it is. */
export function filterLayer(one: Case): { silencedBy: string | null; word: LayerWord } {
  const { direction, traffic } = one.account.settings.filters ?? {};
  const isAnything = (value: string | undefined) => value === undefined || value === 'both';
  if (isAnything(direction) && isAnything(traffic)) {
    return {
      silencedBy: null,
      word: { layer: 'filter', says: 'nothing', why: 'No filter limits automatic recording.' },
    };
  }
  const views = one.endpoints.length > 0 ? one.endpoints : one.whole;
  const reasons = views.map((view) => filteredBy(view, one));
  const [reason] = reasons;
  if (reason === undefined || reasons.some((clause) => clause === null)) {
    const why = `The filter lets this call through: it records ${filterWords(direction, traffic)} calls.`;
    return { silencedBy: null, word: { layer: 'filter', says: 'nothing', why } };
  }
  const why = `It is not recorded automatically: ${reason}.`;
  return { silencedBy: reason, word: { layer: 'filter', says: 'ignore', why } };
}

function filterWords(direction: string | undefined, traffic: string | undefined): string {
  const way = direction === 'in' ? 'incoming' : direction === 'out' ? 'outgoing' : '';
  const origin = traffic === undefined || traffic === 'both' ? '' : traffic;
  return [way, origin].filter((word) => word !== '').join(' ');
}
