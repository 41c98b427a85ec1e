import { fromCode } from './call.ts';
import { keptWords, lasting } from './duration.ts';
import { CELL_WORDS } from './policy.ts';

/** One thing that differs between two values of an entry. */
export interface Difference {
  /** Where it stands in the value, e.g. `handling.retention`. */
  readonly path: string;
  readonly label: string;
  readonly before: string;
  readonly after: string;
}

/** Names of entries by id, where they are known. */
export type NameOf = (id: string) => string | undefined;

const NOT_SET = 'not set';

const LABELS: Readonly<Record<string, string>> = {
  isOn: 'Switch',
  mode: 'Mode',
  roleId: 'Whose calls',
  groupId: 'Recording group',
  brandId: 'Brand',
  userId: 'User',
  userIds: 'Users',
  teamIds: 'Teams',
  additionalGroupIds: 'Additional groups',
  accountIds: 'Accounts',
  liveKeep: 'Hold, and keep if asked',
  liveKeepMinutes: 'Minutes within which a held call may be asked for',
  longestSeconds: 'Longest duration',
  retention: 'Kept',
  storeId: 'Store',
  mac: 'MAC address',
  pbxUserName: 'User name at the phone system',
  numericUserId: 'Numeric user id',
  numericPartitionId: 'Numeric partition id',
  usersMaySet: 'Users may set it themselves',
  internalPatterns: 'Internal numbers',
  notRecordedDays: 'Days that calls without a recording stay in the journal',
  keepDigits: 'Keep dialled digits in events',
  onDemand: 'Recording by hand',
  isAllowed: 'allowed',
  endpoints: 'Recording',
  entire: 'Entire account',
  own: 'Own setting',
  ...CELL_WORDS,
};

/** Fields whose label says nothing without that of what they stand in. */
const SILENT = new Set(['handling', 'policy']);

/** Every field that differs, flat and in words; lists and ids as people would say them. */
export function differences(before: unknown, after: unknown, nameOf: NameOf = () => undefined): Difference[] {
  const [was, is] = [flat(before), flat(after)];
  const paths = [...new Set([...was.keys(), ...is.keys()])].toSorted((a, b) => a.localeCompare(b));
  return paths
    .filter((path) => JSON.stringify(was.get(path)) !== JSON.stringify(is.get(path)))
    .map((path) => ({
      path,
      label: labelOf(path),
      before: wordsOf(path, was.get(path), nameOf),
      after: wordsOf(path, is.get(path), nameOf),
    }));
}

/** Fields as `a.b` → value; lists, retention and nothing are values, other objects are looked into. */
function flat(value: unknown, path = '', into = new Map<string, unknown>()): Map<string, unknown> {
  if (isFields(value) && !path.endsWith('retention') && !path.endsWith('unassigned')) {
    for (const [key, inner] of Object.entries(value)) flat(inner, path === '' ? key : `${path}.${key}`, into);
  } else if (path !== '' && value !== undefined && !isEmpty(value)) into.set(path, value);
  return into;
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isEmpty = (value: unknown): boolean => value === '' || (Array.isArray(value) && value.length === 0);

function labelOf(path: string): string {
  const words = path
    .split('.')
    .filter((key) => !SILENT.has(key))
    .map((key) => LABELS[key] ?? spaced(key));
  return words.map((text, i) => (i === 0 ? text : text.charAt(0).toLowerCase() + text.slice(1))).join(', ');
}

const spaced = (key: string): string => fromCode(key.replaceAll(/([a-z])([A-Z])/g, '$1 $2').toLowerCase());

/** One value in words. */
function wordsOf(path: string, value: unknown, nameOf: NameOf): string {
  const key = path.split('.').at(-1) ?? '';
  if (value === undefined) return NOT_SET;
  if (value === null) return key === 'longestSeconds' ? 'no limit' : NOT_SET;
  if (key === 'isOn') return value === true ? 'on' : 'off';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (key === 'longestSeconds' && typeof value === 'number') return lasting(value);
  if (key === 'retention') return keptWords(value as Parameters<typeof keptWords>[0]);
  if (key === 'unassigned') return unassignedWords(value, nameOf);
  if (Array.isArray(value)) return listWords(value, nameOf);
  if (typeof value === 'string') return nameOf(value) ?? value;
  return typeof value === 'number' ? String(value) : NOT_SET;
}

function unassignedWords(value: unknown, nameOf: NameOf): string {
  const { to, userId } = value as { to: string; userId?: string };
  if (to === 'list') return 'listed as unassigned';
  return to === 'discard' ? 'discarded' : `given to ${nameOf(userId ?? '') ?? 'the catch-all user'}`;
}

const SHOWN = 6;

function listWords(list: readonly unknown[], nameOf: NameOf): string {
  const words = list.map((item) => itemWords(item, nameOf));
  return words.length <= SHOWN
    ? words.join(', ')
    : `${words.slice(0, SHOWN).join(', ')} and ${words.length - SHOWN} more`;
}

/** An agent, a pilot, an exclusion, an id or a text. */
function itemWords(item: unknown, nameOf: NameOf): string {
  if (!isFields(item)) return nameOf(String(item)) ?? String(item);
  if (typeof item['userId'] === 'string') {
    const name = nameOf(item['userId']) ?? item['userId'];
    return item['record'] === true ? `${name} (recorded)` : name;
  }
  if (typeof item['pattern'] === 'string') {
    return [item['pattern'], item['manualToo'] === true ? '(nor by hand)' : ''].join(' ').trim();
  }
  return typeof item['number'] === 'string' ? item['number'] : Object.values(item).map(String).join(' ');
}

/** All ids that stand in the differing parts, so that their names can be asked for. */
export function idsIn(value: unknown): { users: string[]; groups: string[]; roles: string[]; teams: string[] } {
  const found = {
    users: new Set<string>(),
    groups: new Set<string>(),
    roles: new Set<string>(),
    teams: new Set<string>(),
  };
  collect(value, '', found);
  return { users: [...found.users], groups: [...found.groups], roles: [...found.roles], teams: [...found.teams] };
}

const ID_FIELDS: Readonly<Record<string, 'users' | 'groups' | 'roles' | 'teams'>> = {
  userId: 'users',
  userIds: 'users',
  groupId: 'groups',
  additionalGroupIds: 'groups',
  roleId: 'roles',
  teamIds: 'teams',
};

function collect(value: unknown, key: string, found: Readonly<Record<string, Set<string>>>): void {
  const kind = ID_FIELDS[key];
  if (typeof value === 'string' && kind !== undefined) found[kind]?.add(value);
  else if (Array.isArray(value)) for (const item of value) collect(item, key, found);
  else if (isFields(value)) for (const [inner, item] of Object.entries(value)) collect(item, inner, found);
}
