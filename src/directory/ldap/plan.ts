import { bareNumber } from '../../policy/number.ts';
import type { Random } from '../../base/ids.ts';
import type { Draft } from '../change/draft.ts';
import { tidyValue } from '../check/tidy.ts';
import { valueFaults } from '../check/value.ts';
import type { Report } from '../import/report.ts';
import { countOf, keptBy, Matcher, removeMissing } from '../import/sync.ts';
import { planUsers, type UserRow } from '../import/users.ts';
import type { LdapField, LdapValue } from '../port.ts';
import type { UserValue } from '../values.ts';
import { type LdapAnswer, type LdapPerson, plainDn } from './read.ts';

const MANY = ['extensions', 'aliases'] as const;
const ONE = [
  'firstName',
  'lastName',
  'userName',
  'department',
  'language',
  'pbxUserName',
  'numericUserId',
  'numericPartitionId',
  'agentId',
] as const;

export interface LdapPlan {
  readonly random: Random;
  readonly force: boolean;
  readonly adopt: boolean;
  /** What groups of the server become; null: they were not asked for. */
  readonly groupsAs: NonNullable<LdapValue['groups']>['as'] | null;
}

/** Makes users, and teams or groups, follow the directory server. */
export function planAnswer(draft: Draft, answer: LdapAnswer, report: Report, plan: LdapPlan): void {
  const { random, force, adopt, groupsAs } = plan;
  const options = { source: 'ldap' as const, random, deleteMissing: true, force, adopt };
  const before = groupsAs === null ? 0 : countOf(draft, groupsAs, 'ldap');
  if (groupsAs === 'groups') planGroups(draft, answer, report, plan);
  const namesOf = groupsAs === 'groups' ? groupNames(answer) : null;
  const rows = answer.people.map((person) => rowOf(person, report, namesOf));
  const ids = planUsers(draft, rows, report, options);
  if (groupsAs === 'teams') planTeams(draft, answer, report, plan, ids);
  if (groupsAs !== null) removeMissing(draft, groupsAs, 'ldap', report, { before, force });
}

function rowOf(
  { dn, key, values }: LdapPerson,
  report: Report,
  namesOf: ReadonlyMap<string, string[]> | null,
): UserRow {
  const fields: Partial<Record<keyof UserValue, unknown>> = {};
  const says = (field: LdapField) => values[field] !== undefined;
  for (const field of ONE) if (says(field)) fields[field] = values[field]?.[0] ?? (isName(field) ? '' : undefined);
  for (const field of MANY) {
    if (says(field)) fields[field] = values[field]?.filter((text) => isNumber(text, dn, field, report));
  }
  const [first = null, ...others] = namesOf?.get(plainDn(dn)) ?? [];
  return {
    line: null,
    key,
    fields: withoutFaults(fields, dn, report),
    ...(says('mail') ? { further: (before) => mailField(before, values.mail?.[0]) } : {}),
    ...(namesOf === null ? {} : { group: first, additionalGroups: others }),
  };
}

function mailField(before: UserValue | undefined, address: string | undefined) {
  const { address: _, ...rest } = before?.mail ?? {};
  if (address === undefined) return { mail: undefined };
  return { mail: { ...rest, address } };
}

const isName = (field: string) => field === 'firstName' || field === 'lastName';

/** One telephone number like "n/a" must not keep a thousand people from being synchronised. */
function isNumber(text: string, dn: string, field: string, report: Report): boolean {
  if (bareNumber(text) !== null) return true;
  report.warnings.push(`${dn}: "${text}" is not a number (${field}); it is left out.`);
  return false;
}

/** What would be refused is left out, and told. */
function withoutFaults(
  fields: Partial<Record<keyof UserValue, unknown>>,
  dn: string,
  report: Report,
): Partial<Record<keyof UserValue, unknown>> {
  const value = { firstName: '-', lastName: '-', ...fields } as UserValue;
  const kept = { ...fields };
  for (const { field, message } of valueFaults('users', value)) {
    const [name = ''] = (field ?? '').split('.');
    if (!(name in kept) || isName(name)) continue;
    report.warnings.push(`${dn}: ${message} It is left out.`);
    kept[name as keyof UserValue] = undefined;
  }
  return kept;
}

/** Names of the groups of each member, by DN; the groups are in the order of their names. */
function groupNames({ groups }: LdapAnswer): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const { name, memberDns } of groups) {
    for (const dn of memberDns) names.set(dn, [...(names.get(dn) ?? []), name]);
  }
  return names;
}

function planGroups(draft: Draft, { groups }: LdapAnswer, report: Report, plan: LdapPlan): void {
  const matcher = new Matcher(draft.all('groups').values(), 'ldap', plan.random, ({ name }) => [name.toLowerCase()]);
  for (const { dn, name } of groups) {
    const { id, entry } = matcher.find(dn, [name.toLowerCase()]);
    report.meant('groups', id, null);
    draft.put(
      'groups',
      id,
      tidyValue('groups', { ...entry?.value, name }),
      keptBy(entry, dn, report, { ...plan, source: 'ldap' }),
    );
  }
}

function planTeams(
  draft: Draft,
  { groups, people }: LdapAnswer,
  report: Report,
  plan: LdapPlan,
  ids: ReadonlyMap<string, string>,
): void {
  const byDn = new Map(people.map(({ dn, key }) => [plainDn(dn), ids.get(key)]));
  const matcher = new Matcher(draft.all('teams').values(), 'ldap', plan.random, ({ name }) => [name.toLowerCase()]);
  for (const { dn, name, memberDns } of groups) {
    const { id, entry } = matcher.find(dn, [name.toLowerCase()]);
    report.meant('teams', id, null);
    const userIds = memberDns.flatMap((member) => byDn.get(member) ?? []).sort();
    draft.put(
      'teams',
      id,
      tidyValue('teams', { name, userIds }),
      keptBy(entry, dn, report, { ...plan, source: 'ldap' }),
    );
  }
}
