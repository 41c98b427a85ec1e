import { describe, expect, it } from 'vitest';
import {
  type Actor,
  anonymous,
  type Identity,
  operator,
  type Place,
  type Role,
  ROLES,
  type TokenScope,
} from './actor.ts';
import { isWithin, narrowingOf, reachOf, reachOfPlace } from './reach.ts';
import { abilitiesOf, ACTIONS, type Action, may, type Subject } from './rules.ts';

/** Brand `b` has the accounts `one` and `two`; account `three` is of another brand. */
const PLACES: Readonly<Record<Role, Place>> = {
  operator: { role: 'operator', accountId: null, brandId: null, userId: null },
  brand: { role: 'brand', accountId: null, brandId: 'b', userId: null, brandAccountIds: ['one', 'two'] },
  administrator: { role: 'administrator', accountId: 'one', brandId: null, userId: null },
  user: { role: 'user', accountId: 'one', brandId: null, userId: 'alice' },
};

const identity = (role: Role): Identity => ({ ...PLACES[role], id: 'p', login: 'p', name: 'P' });
const person = (role: Role): Actor => ({ kind: 'user', user: identity(role), sessionId: 's', expiresAt: new Date() });
const token = (scope: TokenScope, place: Place, maker: Identity | null = null): Actor => ({
  kind: 'token',
  tokenId: 't',
  name: 'token',
  scope,
  ...place,
  user: maker,
});
const refused = (actor: Actor): Action[] => ACTIONS.filter((action) => !may(actor, action));

/** The levels once more, as docs/access.md promises them: who may take an action within his reach. */
const WHO: Readonly<Record<Action, string>> = {
  'recordings.list': 'operator brand administrator user',
  'recordings.read': 'operator brand administrator user',
  'recordings.play': 'operator brand administrator user',
  'recordings.download': 'operator brand administrator user',
  'recordings.delete': 'operator brand administrator',
  'recordings.trace': 'operator brand administrator',
  'calls.live': 'operator brand administrator user',
  'calls.list': 'operator brand administrator user',
  'calls.control': 'operator brand administrator user',
  'calls.flow': 'operator brand administrator',
  'calls.hangup': 'operator brand administrator',
  explain: 'operator brand administrator user',
  'events.read': 'operator brand administrator user',
  'directory.read': 'operator brand administrator',
  'directory.change': 'operator brand administrator',
  'own.change': 'operator brand administrator user',
  'brand.change': 'operator brand',
  'platform.change': 'operator',
  'people.read': 'operator brand administrator',
  'people.change': 'operator brand administrator',
  'settings.read': 'operator brand administrator',
  'settings.change': 'operator',
  'tokens.read': 'operator brand administrator user',
  'tokens.change': 'operator brand administrator user',
  'audit.read': 'operator brand administrator',
  'status.read': 'operator',
  'metrics.read': 'operator',
  'password.change': 'operator brand administrator user',
};

/** Things, and the levels that reach them. */
const THINGS: readonly (readonly [what: string, subject: Subject, reachedBy: string])[] = [
  ['a list', {}, 'operator brand administrator user'],
  ['a call of his own', { accountId: 'one', userIds: ['bob', 'alice'] }, 'operator brand administrator user'],
  ['a call of others in the account', { accountId: 'one', userIds: ['bob'] }, 'operator brand administrator'],
  ['a call of nobody', { accountId: 'one', userIds: [] }, 'operator brand administrator'],
  ['a thing of the account', { accountId: 'one' }, 'operator brand administrator'],
  ['the same extension in another account of the brand', { accountId: 'two', userIds: ['alice'] }, 'operator brand'],
  ['the same extension in an account of another brand', { accountId: 'three', userIds: ['alice'] }, 'operator'],
  ['an account that was just made in the brand', { accountId: 'new', brandId: 'b' }, 'operator brand'],
  ['the brand itself', { accountId: null, brandId: 'b' }, 'operator brand'],
  ['another brand', { accountId: null, brandId: 'c' }, 'operator'],
  ['a call whose account cannot be told', { accountId: '', userIds: ['alice'] }, 'operator'],
  ['a thing of the platform', { accountId: null, brandId: null }, 'operator'],
];

describe.each(ROLES)('a person of the level %s', (role) => {
  const actor = person(role);

  it.each(ACTIONS)('and %s, on each thing', (action) => {
    for (const [what, subject, reachedBy] of THINGS) {
      const expected = WHO[action].split(' ').includes(role) && reachedBy.split(' ').includes(role);
      expect([what, may(actor, action, subject)]).toEqual([what, expected]);
    }
  });

  it('is told the same by his abilities', () => {
    expect(abilitiesOf(actor)).toEqual(ACTIONS.filter((action) => WHO[action].split(' ').includes(role)));
  });
});

describe('the rules', () => {
  it('let nobody in particular do nothing', () => {
    expect(abilitiesOf(anonymous)).toEqual([]);
    expect(refused(anonymous)).toEqual([...ACTIONS]);
    expect(narrowingOf(anonymous).accountIds).toEqual([]);
  });

  it('let the operator of the machine reach all accounts', () => {
    expect(refused(operator)).toEqual(['password.change']);
    expect(may(operator, 'recordings.delete', { accountId: 'any' })).toBe(true);
    expect(narrowingOf(operator)).toEqual({ accountIds: null, userId: null });
  });

  it('let a person whose place is not whole reach nothing', () => {
    const half: Actor = { ...person('user'), user: { ...identity('user'), userId: null } } as Actor;
    expect(may(half, 'recordings.read', { accountId: 'one', userIds: ['alice'] })).toBe(false);
    expect(may(half, 'recordings.list')).toBe(false);
    expect(narrowingOf(half).accountIds).toEqual([]);
  });
});

describe('a token', () => {
  const all = PLACES.operator;

  it('of any scope makes no tokens and no people, and changes no passwords', () => {
    for (const scope of ['full', 'read', 'metrics', 'control'] as const) {
      expect(refused(token(scope, all))).toEqual(
        expect.arrayContaining(['tokens.change', 'people.change', 'password.change']),
      );
    }
    expect(refused(token('full', all))).toEqual(['people.change', 'tokens.change', 'password.change']);
  });

  it('that reads changes nothing', () => {
    const changes = ACTIONS.filter((action) => /\.(change|delete|control|flow|hangup)$/.test(action));
    expect(refused(token('read', all)).toSorted()).toEqual(changes.toSorted());
  });

  it('of scope metrics shows metrics and status alone, and only to the platform', () => {
    expect(abilitiesOf(token('metrics', all))).toEqual(['status.read', 'metrics.read']);
    expect(abilitiesOf(token('metrics', PLACES.administrator))).toEqual([]);
  });

  it('of scope control controls calls alone, within its own reach', () => {
    expect(abilitiesOf(token('control', PLACES.administrator))).toEqual(['calls.control', 'calls.flow']);
    expect(abilitiesOf(token('control', PLACES.user))).toEqual(['calls.control']);
    const phone = token('control', PLACES.user, identity('administrator'));
    expect(may(phone, 'calls.control', { accountId: 'one', userIds: ['alice'] })).toBe(true);
    expect(may(phone, 'calls.control', { accountId: 'one', userIds: ['bob'] })).toBe(false);
  });

  it('may at most what its maker may', () => {
    expect(abilitiesOf(token('full', PLACES.user, identity('user')))).not.toContain('directory.read');
    expect(abilitiesOf(token('full', PLACES.administrator, identity('user')))).not.toContain('directory.read');
  });

  it('reaches nothing once its maker does not reach as far any more', () => {
    const orphan = token('full', PLACES.administrator, { ...identity('administrator'), accountId: 'two' });
    expect(may(orphan, 'recordings.list')).toBe(false);
    expect(reachOf(orphan)).toEqual({ kind: 'nothing' });
  });
});

describe('a phone', () => {
  it('controls calls within its reach, and nothing else', () => {
    const phone: Actor = { ...PLACES.administrator, kind: 'phone', deviceId: 'd', name: 'Desk' };
    expect(abilitiesOf(phone)).toEqual(['calls.control']);
    expect(may(phone, 'calls.control', { accountId: 'one', userIds: [] })).toBe(true);
    expect(may(phone, 'calls.control', { accountId: 'two', userIds: [] })).toBe(false);
  });
});

describe('levels that are given', () => {
  it.each([
    ['operator', 'operator brand administrator user'],
    ['brand', 'brand administrator user'],
    ['administrator', 'administrator user'],
    ['user', 'user'],
  ] as const)('by %s are not above his own', (giver, given) => {
    const outer = reachOfPlace(PLACES[giver]);
    expect(ROLES.filter((role) => isWithin(reachOfPlace(PLACES[role]), outer)).join(' ')).toBe(given);
  });

  it('are not outside of his reach', () => {
    const other = reachOfPlace({ ...PLACES.administrator, accountId: 'three' });
    expect(ROLES.filter((role) => isWithin(other, reachOfPlace(PLACES[role])))).toEqual(['operator']);
    const sibling = reachOfPlace({ ...PLACES.user, userId: 'bob' });
    expect(isWithin(sibling, reachOfPlace(PLACES.user))).toBe(false);
    expect(isWithin(reachOfPlace({ ...PLACES.brand, brandId: 'c' }), reachOfPlace(PLACES.brand))).toBe(false);
  });
});
