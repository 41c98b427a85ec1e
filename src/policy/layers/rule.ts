import type { CompiledRule } from '../rule-index.ts';
import { handlingOfUser, termsOf } from '../terms.ts';
import type { Ask, LayerWord, RuleSettings } from '../types.ts';
import { isWithin, partyWords, type View } from '../view.ts';
import { silent, type Case, type LayerAnswer } from './case.ts';
import { filteredBy } from './exclusion.ts';
import { externalAnchors } from './number.ts';

/** A rule that takes the call in, and the sides by which it does. */
export interface RuleMatch {
  readonly compiled: CompiledRule;
  readonly views: readonly View[];
}

/** Beyond so many, rules are counted and not named. */
const NAMED = 8;

/** Rules of a mode that take the call in (D1), in the order of their ids. */
export function matchingRules({ account, endpoints, whole }: Case, mode: RuleSettings['mode']): RuleMatch[] {
  const index = account.rules[mode];
  const found = new Map<CompiledRule, View[]>();
  const consider = (rules: readonly CompiledRule[], view: View) => {
    for (const compiled of rules) {
      if (!isWithin(view, compiled.rule.direction, compiled.rule.origin)) continue;
      const views = found.get(compiled);
      if (views === undefined) found.set(compiled, [view]);
      else views.push(view);
    }
  };
  for (const view of endpoints) {
    if (view.user === undefined) continue;
    for (const roleId of index.roleIdsOf.get(view.user.id) ?? []) consider(index.byRole.get(roleId) ?? [], view);
  }
  for (const view of endpoints) consider(index.forEverybody, view);
  for (const view of whole) consider(index.forEverybody, view);
  const matches: RuleMatch[] = [];
  for (const [compiled, views] of found) matches.push({ compiled, views });
  return matches.sort((a, b) => a.compiled.order - b.compiled.order);
}

/** D1: automatic rules. */
export function ruleLayer(one: Case): LayerAnswer {
  const { automatic, manual } = one.account.rules;
  const count = automatic.count + manual.count;
  if (count === 0) return silent('rule', `Account ${one.account.settings.name} has no rules.`);
  const matches = matchingRules(one, 'automatic');
  if (matches.length === 0) return silent('rule', `None of the ${count} rules records this call by itself.`);
  const asks = matches.map((match) => askOf(match, one));
  const words = matches.slice(0, NAMED).map((match, index) => wordOf(match, asks[index]!));
  if (matches.length > NAMED) {
    words.push({ layer: 'rule', says: 'record', why: `${matches.length - NAMED} more rules record this call.` });
  }
  return { words, asks };
}

function wordOf({ compiled, views }: RuleMatch, ask: Ask): LayerWord {
  const says = ask.silencedBy === undefined ? 'record' : 'nothing';
  return { layer: 'rule', says, why: `The rule "${compiled.rule.description}" records ${whose(compiled, views)}.` };
}

/** `calls of Alice (1001), who has the role Support`. */
export function whose({ roleName }: CompiledRule, views: readonly View[]): string {
  const people = views.flatMap(({ party }) => (party === undefined ? [] : [partyWords(party)]));
  if (roleName === undefined || people.length === 0) return 'this call';
  return `calls of ${people.join(', ')}, by the role ${roleName}`;
}

function askOf({ compiled: { rule, roleName }, views }: RuleMatch, one: Case): Ask {
  const scope = rule.scope ?? (roleName === undefined ? 'call' : 'endpoint');
  const filters = views.map((view) => filteredBy(view, one));
  const silencedBy = filters.every((clause) => clause !== null) ? filters[0] : null;
  const user = views.find((view) => view.user !== undefined)?.user;
  return {
    layer: 'rule',
    id: rule.id,
    name: rule.description,
    scope,
    anchors: anchorsOf(scope, views, one),
    ...(silencedBy === null || silencedBy === undefined ? {} : { silencedBy }),
    terms: termsOf(one.account, [
      rule.handling,
      ...handlingOfUser(one.account, roleName === undefined ? undefined : user),
    ]),
  };
}

function anchorsOf(scope: Ask['scope'], views: readonly View[], one: Case): readonly string[] {
  if (scope === 'call') return [];
  if (scope === 'external-party') return externalAnchors(one);
  return views.flatMap(({ party }) => (party === undefined ? [] : [party.decided.id]));
}
