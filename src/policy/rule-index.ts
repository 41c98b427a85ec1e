import type { AccountSettings, RuleSettings } from './types.ts';

export interface CompiledRule {
  readonly rule: RuleSettings;
  /** Place in the order of the ids. */
  readonly order: number;
  /** Undefined: everybody. */
  readonly roleName: string | undefined;
}

/** The automatic and the manual rules of an account. */
export interface RuleIndexes {
  readonly automatic: RuleIndex;
  readonly manual: RuleIndex;
}

/** The rules of one mode that are on, found by the users they mean, each list in the order of the ids: the settings' order does not matter. */
export interface RuleIndex {
  /** Rules without a role. */
  readonly forEverybody: readonly CompiledRule[];
  readonly roleIdsOf: ReadonlyMap<string, readonly string[]>;
  readonly byRole: ReadonlyMap<string, readonly CompiledRule[]>;
  /** How many there are, those that are off included. */
  readonly count: number;
}

export function indexRules(account: AccountSettings): RuleIndexes {
  const rules = rulesOf(account);
  const of = (mode: RuleSettings['mode']) =>
    indexMode(
      account,
      rules.filter((rule) => rule.mode === mode),
    );
  return { automatic: of('automatic'), manual: of('manual') };
}

function indexMode(account: AccountSettings, rules: readonly RuleSettings[]): RuleIndex {
  const roles = new Map((account.roles ?? []).map((role) => [role.id, role]));
  const teams = new Map((account.teams ?? []).map((team) => [team.id, team.userIds]));
  const forEverybody: CompiledRule[] = [];
  const byRole = new Map<string, CompiledRule[]>();
  for (const [order, rule] of rules.entries()) {
    if (!rule.isOn) continue;
    if (rule.roleId === undefined) {
      forEverybody.push({ rule, order, roleName: undefined });
      continue;
    }
    // A rule whose role is gone means nobody.
    const role = roles.get(rule.roleId);
    if (role === undefined) continue;
    const list = byRole.get(role.id) ?? [];
    list.push({ rule, order, roleName: role.name });
    byRole.set(role.id, list);
  }
  const roleIdsOf = new Map<string, string[]>();
  for (const roleId of [...byRole.keys()].sort()) {
    const role = roles.get(roleId)!;
    const members = new Set([...(role.userIds ?? []), ...(role.teamIds ?? []).flatMap((id) => teams.get(id) ?? [])]);
    for (const userId of members) {
      const ids = roleIdsOf.get(userId);
      if (ids === undefined) roleIdsOf.set(userId, [roleId]);
      else ids.push(roleId);
    }
  }
  return { forEverybody, byRole, roleIdsOf, count: rules.length };
}

function rulesOf(account: AccountSettings): RuleSettings[] {
  return [...(account.rules ?? [])].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}
