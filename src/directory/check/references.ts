import type { Draft, Edit } from '../change/draft.ts';
import { type AccountPolicy, type Kind, KINDS, type Value, type Values } from '../values.ts';
import { type Fault, listed } from './fault.ts';

/** One entry naming another. */
interface Reference {
  readonly kind: Kind;
  readonly id: string;
  readonly field: string;
}

const WORDS: Readonly<Record<Kind, readonly [string, string]>> = {
  users: ['user', 'users'],
  devices: ['device', 'devices'],
  numbers: ['number', 'numbers'],
  queues: ['queue', 'queues'],
  teams: ['team', 'teams'],
  groups: ['group', 'groups'],
  roles: ['role', 'roles'],
  rules: ['rule', 'rules'],
};

function referencesOf(kind: Kind, value: Value): Reference[] {
  switch (kind) {
    case 'users': {
      const { groupId, additionalGroupIds = [] } = value as Values['users'];
      return [...one('groups', 'groupId', groupId), ...many('groups', 'additionalGroupIds', additionalGroupIds)];
    }
    case 'devices':
      return one('users', 'userId', (value as Values['devices']).userId);
    case 'queues':
      return many(
        'users',
        'agents',
        ((value as Values['queues']).agents ?? []).map(({ userId }) => userId),
      );
    case 'teams':
      return many('users', 'userIds', (value as Values['teams']).userIds);
    case 'roles': {
      const { userIds = [], teamIds = [] } = value as Values['roles'];
      return [...many('users', 'userIds', userIds), ...many('teams', 'teamIds', teamIds)];
    }
    case 'rules':
      return one('roles', 'roleId', (value as Values['rules']).roleId);
    case 'numbers':
    case 'groups':
      return [];
  }
}

function referencesOfPolicy({ unassigned }: AccountPolicy): Reference[] {
  return unassigned?.to === 'catch-all' ? one('users', 'unassigned', unassigned.userId) : [];
}

function one(kind: Kind, field: string, id: string | undefined): Reference[] {
  return id === undefined ? [] : [{ kind, id, field }];
}

function many(kind: Kind, field: string, ids: readonly string[]): Reference[] {
  return ids.map((id) => ({ kind, id, field }));
}

/** Whom changed entries name must be there; what is deleted must not be named any more. */
export function referenceFaults(draft: Draft): Fault[] {
  const deleted = new Map(
    draft.edits.filter(({ after }) => after === null).map((edit) => [`${edit.kind}/${edit.id}`, edit]),
  );
  const missingOf = (kind: Kind | 'account', id: string, references: readonly Reference[]) =>
    missing(draft, deleted, kind, id, references);
  return [
    ...draft.edits.flatMap(({ kind, id, after }) =>
      after === null ? [] : missingOf(kind, id, referencesOf(kind, after.value)),
    ),
    ...missingOf('account', draft.account.id, referencesOfPolicy(draft.policy)),
    ...stillNamed(draft, deleted),
  ];
}

type Deleted = ReadonlyMap<string, Edit>;

/** Those who name what this very change deletes are told by the deletion. */
function missing(
  draft: Draft,
  deleted: Deleted,
  kind: Kind | 'account',
  id: string,
  references: readonly Reference[],
): Fault[] {
  return references
    .filter((to) => draft.get(to.kind, to.id) === undefined && !deleted.has(`${to.kind}/${to.id}`))
    .map(({ kind: absent, field, id: to }) => ({
      kind,
      id,
      field,
      message: `There is no ${WORDS[absent][0]} with the id ${to} in this account.`,
    }));
}

function stillNamed(draft: Draft, deleted: Deleted): Fault[] {
  if (deleted.size === 0) return [];
  const namers = new Map<string, Map<string, string[]>>();
  const note = (key: string, what: string, name: string) => {
    const words = namers.get(key) ?? new Map<string, string[]>();
    const names = words.get(what);
    if (names === undefined) words.set(what, [name]);
    else names.push(name);
    namers.set(key, words);
  };
  for (const kind of KINDS) {
    for (const { value, name } of draft.all(kind).values()) {
      for (const reference of new Set(referencesOf(kind, value).map((to) => `${to.kind}/${to.id}`))) {
        if (deleted.has(reference)) note(reference, kind, name);
      }
    }
  }
  for (const { kind, id } of referencesOfPolicy(draft.policy)) {
    if (deleted.has(`${kind}/${id}`)) note(`${kind}/${id}`, 'account', '');
  }
  return [...namers].map(([key, words]) => {
    const { kind, id, before } = deleted.get(key)!;
    const who = [...words].map(([what, names]) => wordsOf(what, names)).join(', ');
    const message = `${before?.name ?? id} cannot be deleted: it is named by ${who}.`;
    return { kind, id, field: null, message, isConflict: true };
  });
}

function wordsOf(what: string, names: readonly string[]): string {
  if (what === 'account') return 'the account as its catch-all user';
  return `the ${WORDS[what as Kind][names.length === 1 ? 0 : 1]} ${listed(names)}`;
}
