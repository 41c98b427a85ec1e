import { describe, expect, it } from 'vitest';
import { type Actor, anonymous, type Identity, operator, type TokenScope } from './actor.ts';
import { abilitiesOf, ACTIONS, accountOf, type Action, may } from './rules.ts';

const alice: Identity = { id: 'a', login: 'alice', name: 'Alice', role: 'administrator', accountId: 'one' };
const person: Actor = { kind: 'user', user: alice, sessionId: 's', expiresAt: new Date() };
const token = (scope: TokenScope, user: Identity | null = alice): Actor => ({
  kind: 'token',
  tokenId: 't',
  name: 'token',
  scope,
  accountId: 'one',
  user,
});

const refused = (actor: Actor): Action[] => ACTIONS.filter((action) => !may(actor, action));

describe('the rules', () => {
  it('let nobody in particular do nothing', () => {
    expect(abilitiesOf(anonymous)).toEqual([]);
    expect(refused(anonymous)).toEqual([...ACTIONS]);
  });

  it('let an administrator do everything within his account and nothing outside of it', () => {
    expect(refused(person)).toEqual([]);
    for (const action of ACTIONS) {
      expect(may(person, action, { accountId: 'one' })).toBe(true);
      expect(may(person, action, { accountId: 'two' })).toBe(false);
    }
    expect(accountOf(person)).toBe('one');
  });

  it('keep a token of any scope from making tokens and changing passwords', () => {
    for (const scope of ['full', 'read', 'metrics'] as const) {
      expect(refused(token(scope))).toEqual(expect.arrayContaining(['tokens.change', 'password.change']));
    }
    expect(refused(token('full'))).toEqual(['tokens.change', 'password.change']);
  });

  it('let a read token change nothing', () => {
    expect(refused(token('read'))).toEqual([
      'recordings.delete',
      'settings.change',
      'tokens.change',
      'password.change',
    ]);
  });

  it('show a metrics token metrics and status alone', () => {
    expect(abilitiesOf(token('metrics'))).toEqual(['status.read', 'metrics.read']);
  });

  it('hold a token to its account, the one of the operator too', () => {
    expect(may(token('full'), 'recordings.read', { accountId: 'two' })).toBe(false);
    expect(may(token('full', null), 'recordings.read', { accountId: 'two' })).toBe(false);
  });

  it('let the operator of the machine reach all accounts', () => {
    expect(refused(operator)).toEqual(['password.change']);
    expect(may(operator, 'recordings.delete', { accountId: 'any' })).toBe(true);
    expect(accountOf(operator)).toBeNull();
  });
});
