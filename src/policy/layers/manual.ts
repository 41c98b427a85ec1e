import type { LayerWord, Override } from '../types.ts';
import type { Case } from './case.ts';
import type { Exclusion } from './exclusion.ts';
import { matchingRules, whose, type RuleMatch } from './rule.ts';

/** Whether people may record the call by hand, and who. */
export interface Manual {
  readonly isAllowed: boolean;
  /** Users of the account who are in the call and may; with `isAllowed` and none known, whoever of the account is in it. */
  readonly userIds: readonly string[];
  /** All is held sealed, to be kept if somebody asks (S8). */
  readonly isLiveKeep: boolean;
  readonly words: readonly LayerWord[];
  /** The rules that permit it. */
  readonly rules: readonly RuleMatch[];
}

/** D9, D1, S1: the brand's permission, then the account's switch, then everybody or a manual rule. */
export function manualLayer(one: Case, override: Override, exclusion: Exclusion): Manual {
  const { name, onDemand, brandId } = one.account.settings;
  if (exclusion.forbidsManual) return refused(`${exclusion.silencedBy}, which excludes recording by hand too.`);
  const isAllowed = onDemand?.isAllowed ?? brandId === undefined;
  if (!isAllowed) return refused(`The brand does not allow account ${name} to record by hand.`);
  const everybody = usersInCall(one);
  if (override === 'manual') return allowed(everybody, 'The override manual permits recording by hand.', false);
  const pilot = one.known.pilot?.kind === 'live-keep' ? one.known.pilot.number : null;
  if (pilot !== null) {
    return allowed(everybody, `The live-keep pilot ${pilot} was called: all is held, and kept if somebody asks.`, true);
  }
  if (onDemand?.isOn !== true) return refused(`Account ${name} has not switched recording by hand on.`);
  const rules = matchingRules(one, 'manual');
  const isHeldByRule = rules.some(({ compiled }) => compiled.rule.liveKeep === true);
  const isHeld = onDemand.liveKeep === true || isHeldByRule;
  if (onDemand.who !== 'rules')
    return { ...allowed(everybody, `Account ${name} lets everybody record by hand.`, isHeld), rules };
  if (rules.length === 0)
    return refused(`Account ${name} lets people record by hand where a rule says so, and none does for this call.`);
  const userIds = new Set(rules.flatMap((match) => permittedBy(match, everybody)));
  const words = rules.slice(0, 4).map(({ compiled, views }): LayerWord => {
    const why = `The rule "${compiled.rule.description}" permits recording by hand for ${whose(compiled, views)}.`;
    return { layer: 'manual', says: 'offer', why };
  });
  return { isAllowed: true, userIds: [...userIds].sort(), isLiveKeep: isHeld, words, rules };
}

function refused(clause: string): Manual {
  const why = clause.charAt(0).toUpperCase() + clause.slice(1);
  return {
    isAllowed: false,
    userIds: [],
    isLiveKeep: false,
    words: [{ layer: 'manual', says: 'nothing', why }],
    rules: [],
  };
}

function allowed(userIds: readonly string[], why: string, isLiveKeep: boolean): Manual {
  return { isAllowed: true, userIds, isLiveKeep, words: [{ layer: 'manual', says: 'offer', why }], rules: [] };
}

/** With a role, its members who are in the call; without, everybody of the account who is. */
function permittedBy({ compiled, views }: RuleMatch, everybody: readonly string[]): readonly string[] {
  if (compiled.roleName === undefined) return everybody;
  return views.flatMap(({ user }) => user?.id ?? []);
}

export function usersInCall({ endpoints }: Pick<Case, 'endpoints'>): string[] {
  return [...new Set(endpoints.flatMap(({ user }) => user?.id ?? []))].sort();
}
