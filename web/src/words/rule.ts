import type { RuleValue, Scope } from '../directory/types.ts';
import { keptWords, lasting } from './duration.ts';

type Direction = NonNullable<RuleValue['direction']>;
type Origin = NonNullable<RuleValue['origin']>;

/** Which calls, seen from the phone of whoever is meant; after "calls". */
const WHICH: Readonly<Record<Direction, Readonly<Record<Origin, string>>>> = {
  both: { both: '', external: ' with people outside', internal: ' among colleagues' },
  in: { both: ' that come in', external: ' that come in from outside', internal: ' that come from colleagues' },
  out: { both: ' that go out', external: ' that go to the outside', internal: ' that go to colleagues' },
};

/** For how long it holds when the parties of a call change. */
const WHILE: Readonly<Record<Scope, string>> = {
  call: 'from beginning to end',
  'external-party': 'while the outside party is in the call',
  endpoint: 'while the member is in the call',
};

/** @param role name of the role that the rule is about; null: everybody */
export function ruleSentences(rule: RuleValue, role: string | null): readonly [string, string] {
  const which = WHICH[rule.direction ?? 'both'][rule.origin ?? 'both'];
  const first = rule.mode === 'automatic' ? automatic(which, role) : byHand(which, role, rule.liveKeep === true);
  const second = afterwards(rule, role);
  return rule.isOn ? [first, second] : [`Switched off. If it were on: ${lowerFirst(first)}`, second];
}

function automatic(which: string, role: string | null): string {
  const whose =
    role === null ? (which === '' ? 'All calls' : 'Calls') : `${which === '' ? 'All calls' : 'Calls'} of ${role}`;
  return `${whose}${which} are recorded automatically.`;
}

function byHand(which: string, role: string | null, isHeld: boolean): string {
  const who = role === null ? 'Everybody' : `The members of ${role}`;
  const calls = which === '' ? 'any of their calls' : `calls${which}`;
  if (!isHeld) return `${who} may record ${calls} by hand.`;
  return `${who} may keep ${calls}: each is held sealed, and destroyed unless somebody asks for it.`;
}

function afterwards({ mode, scope, handling }: RuleValue, role: string | null): string {
  const longest =
    typeof handling?.longestSeconds === 'number' ? `for ${lasting(handling.longestSeconds)} at most` : null;
  const kept =
    handling?.retention === undefined ? 'kept as long as the account says' : `kept ${keptWords(handling.retention)}`;
  if (mode === 'manual')
    return longest === null ? `What they record is ${kept}.` : `They record ${longest}; it is ${kept}.`;
  const span = WHILE[scope ?? (role === null ? 'call' : 'endpoint')];
  return `Each is recorded ${longest === null ? span : `${span}, ${longest},`} and ${kept}.`;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
