import { describe, expect, it } from 'vitest';
import { opaqueId } from '../base/ids.ts';
import type { AccessStore, UserRow } from './store.ts';

const T0 = new Date('2026-03-01T10:00:00.000Z');
const later = (ms: number): Date => new Date(T0.getTime() + ms);

/** What every access store must do; run against each of them. */
export function accessStoreContract(name: string, open: () => AccessStore): void {
  describe(`${name} as an access store`, () => {
    usersAndLinks(open);
    sessions(open);
    invitations(open);
    olderInvitations(open);
    tokens(open);
    audit(open);
  });
}

const newUser = (login: string): UserRow => ({
  id: opaqueId(),
  login,
  name: 'Alice',
  role: 'administrator',
  accountId: 'main',
  brandId: null,
  userId: null,
  brandAccountIds: [],
  passwordHash: 'hash',
});

async function withUser(store: AccessStore, login = `user-${opaqueId()}`): Promise<UserRow> {
  const user = newUser(login);
  const hash = opaqueId();
  await store.createLink({ hash, personId: null, createdAt: T0, expiresAt: later(1000) });
  expect(await store.redeemLink(hash, T0, user)).toBe(true);
  return user;
}

function usersAndLinks(open: () => AccessStore): void {
  it('finds a user by login whatever the case', async () => {
    const user = await withUser(open(), `Alice-${opaqueId()}`);
    expect(await open().userByLogin(user.login.toUpperCase())).toEqual(user);
    expect(await open().userById(user.id)).toEqual(user);
    expect(await open().userByLogin('nobody')).toBeUndefined();
  });

  it('lets a link be used once, by one of many at the same time', async () => {
    const hash = opaqueId();
    await open().createLink({ hash, personId: null, createdAt: T0, expiresAt: later(1000) });
    const tries = Array.from({ length: 5 }, () => open().redeemLink(hash, T0, newUser(`user-${opaqueId()}`)));
    const results = await Promise.all(tries);
    expect(results.filter(Boolean)).toHaveLength(1);
  });

  it('refuses a link that is too old', async () => {
    const hash = opaqueId();
    await open().createLink({ hash, personId: null, createdAt: T0, expiresAt: later(1000) });
    expect(await open().redeemLink(hash, later(1000), newUser('late'))).toBe(false);
    expect(await open().redeemLink(opaqueId(), T0, newUser('wrong'))).toBe(false);
  });

  it('keeps the link good when the login is taken', async () => {
    const user = await withUser(open());
    const hash = opaqueId();
    await open().createLink({ hash, personId: null, createdAt: T0, expiresAt: later(1000) });
    const again = open().redeemLink(hash, T0, newUser(user.login.toUpperCase()));
    await expect(again).rejects.toMatchObject({ code: 'CONFLICT', key: 'login' });
    expect(await open().redeemLink(hash, T0, newUser(`other-${opaqueId()}`))).toBe(true);
  });
}

function sessions(open: () => AccessStore): void {
  it('keeps sessions, extends them, and drops them with the password', async () => {
    const user = await withUser(open());
    const session = { hash: opaqueId(), userId: user.id, createdAt: T0, seenAt: T0 };
    await open().createSession({ ...session, expiresAt: later(5000), address: '192.0.2.1' });
    expect(await open().sessionByHash(session.hash)).toMatchObject({
      user: { id: user.id, login: user.login, role: 'administrator' },
      createdAt: T0,
      expiresAt: later(5000),
    });
    await open().extendSession(session.hash, later(1000), later(9000));
    expect(await open().sessionByHash(session.hash)).toMatchObject({ seenAt: later(1000), expiresAt: later(9000) });
    await open().setPassword(user.id, 'new');
    expect(await open().sessionByHash(session.hash)).toBeUndefined();
    expect(await open().userById(user.id)).toMatchObject({ passwordHash: 'new' });
  });

  it('drops sessions one by one and by age', async () => {
    const user = await withUser(open());
    const session = { userId: user.id, createdAt: T0, seenAt: T0, address: null };
    const [one, two, three] = [opaqueId(), opaqueId(), opaqueId()];
    await open().createSession({ ...session, hash: one, expiresAt: later(5000) });
    await open().createSession({ ...session, hash: two, expiresAt: later(1000) });
    await open().createSession({ ...session, hash: three, expiresAt: later(9000) });
    await open().deleteSession(three);
    await open().deleteExpired(later(1000));
    const left = await Promise.all([one, two, three].map((hash) => open().sessionByHash(hash)));
    expect(left.map((found) => found !== undefined)).toEqual([true, false, false]);
  });
}

function olderInvitations(open: () => AccessStore): void {
  it('lets no older invitation set the password anew', async () => {
    const user = await withUser(open());
    const [first, second, third] = [opaqueId(), opaqueId(), opaqueId()];
    const invite = (hash: string) =>
      open().createLink({ hash, personId: user.id, createdAt: T0, expiresAt: later(1000) });
    await invite(first);
    await invite(second);
    expect(await open().redeemInvitation(first, T0, 'of somebody who found it')).toBeUndefined();
    expect(await open().redeemInvitation(second, T0, 'hash of it')).toMatchObject({ id: user.id });
    await invite(third);
    await open().setPassword(user.id, 'another');
    expect(await open().invitedBy(third, T0)).toBeUndefined();
  });
}

function invitations(open: () => AccessStore): void {
  const person = (): UserRow => ({ ...newUser(`invited-${opaqueId()}`), passwordHash: null });

  it('lets an invitation set the password once', async () => {
    const invited = person();
    await open().createPerson(invited, T0);
    const hash = opaqueId();
    await open().createLink({ hash, personId: invited.id, createdAt: T0, expiresAt: later(1000) });
    expect(await open().invitedBy(hash, later(999))).toMatchObject({ login: invited.login });
    expect(await open().invitedBy(hash, later(1000))).toBeUndefined();
    expect(await open().redeemLink(hash, T0, newUser('sneaked'))).toBe(false);
    expect(await open().personById(invited.id)).toMatchObject({ hasPassword: false });
    const tries = Array.from({ length: 5 }, () => open().redeemInvitation(hash, T0, 'hash of it'));
    const results = await Promise.all(tries);
    expect(results.filter((result) => result?.id === invited.id)).toHaveLength(1);
    expect(await open().userById(invited.id)).toMatchObject({ passwordHash: 'hash of it' });
    expect(await open().invitedBy(hash, T0)).toBeUndefined();
  });

  it('shuts the door to a disabled person: session, token, invitation', async () => {
    const user = await withUser(open());
    const [session, token, link] = [opaqueId(), opaqueId(), opaqueId()];
    const times = { createdAt: T0, seenAt: T0, expiresAt: later(5000) };
    await open().createSession({ ...times, hash: session, userId: user.id, address: null });
    await open().createToken({ ...newToken(), hash: token, makerId: user.id });
    await open().createLink({ hash: link, personId: user.id, createdAt: T0, expiresAt: later(5000) });
    await open().changePerson(user.id, { disabledAt: T0 });
    expect(await open().sessionByHash(session)).toBeUndefined();
    expect(await open().tokenByHash(token)).toBeUndefined();
    expect(await open().invitedBy(link, T0)).toBeUndefined();
    expect(await open().userByLogin(user.login)).toBeUndefined();
    expect(await open().personById(user.id)).toMatchObject({ disabledAt: T0 });
    await open().changePerson(user.id, { disabledAt: null, name: 'Alice again' });
    expect(await open().userById(user.id)).toMatchObject({ name: 'Alice again' });
    expect(await open().sessionByHash(session)).toBeUndefined();
    expect(await open().removePerson(user.id)).toBe(true);
    expect(await open().tokenByHash(token)).toBeUndefined();
  });

  it('lists people and tokens of those accounts alone', async () => {
    const mine = person();
    await open().createPerson(mine, T0);
    const logins = async (accountIds: readonly string[] | null, userId: string | null = null) =>
      (await open().listPeople({ accountIds, brandId: null, userId })).map((one) => one.login);
    expect(await logins(['main'])).toContain(mine.login);
    expect(await logins(null)).toContain(mine.login);
    expect(await logins(['other'])).toEqual([]);
    expect(await logins([])).toEqual([]);
    expect(await logins(['main'], 'nobody')).toEqual([]);
    await expect(open().changePerson(mine.id, { login: (await withUser(open())).login })).rejects.toMatchObject({
      code: 'CONFLICT',
    });
  });
}

const newToken = () => ({
  id: opaqueId(),
  name: 'export',
  scope: 'read' as const,
  role: 'administrator' as const,
  accountId: 'main',
  brandId: null,
  userId: null,
  createdAt: T0,
  expiresAt: null,
});

function tokens(open: () => AccessStore): void {
  const within = (...accountIds: string[]) => ({ accountIds, brandId: null, userId: null });

  it('keeps tokens within their account and names their maker', async () => {
    const user = await withUser(open());
    const [mine, operators] = [opaqueId(), opaqueId()];
    await open().createToken({ ...newToken(), id: mine, hash: `h${mine}`, makerId: user.id });
    await open().createToken({ ...newToken(), id: operators, hash: `h${operators}`, makerId: null });
    await open().touchToken(mine, later(60_000));
    expect(await open().tokenByHash(`h${mine}`)).toMatchObject({
      scope: 'read',
      createdBy: user.login,
      lastUsedAt: later(60_000),
      user: { id: user.id },
    });
    expect(await open().tokenByHash(`h${operators}`)).toMatchObject({ createdBy: null, user: null });
    expect((await open().listTokens(within('main'))).map((row) => row.id)).toContain(mine);
    expect(await open().listTokens(within('other'))).toEqual([]);
    expect(await open().tokenById(mine)).toMatchObject({ accountId: 'main', role: 'administrator' });
    expect(await open().deleteToken(mine)).toBe(true);
    expect(await open().tokenByHash(`h${mine}`)).toBeUndefined();
  });
}

function audit(open: () => AccessStore): void {
  it('gives the audit log newest first, filtered and page by page', async () => {
    const subject = opaqueId();
    for (let i = 0; i < 5; i++) {
      await open().writeAudit({
        at: later(i * 1000),
        actor: { kind: 'anonymous' },
        action: 'session.start',
        outcome: i % 2 === 0 ? 'done' : 'refused',
        accountId: 'main',
        subject,
        address: '192.0.2.1',
        detail: { i },
      });
    }
    const filter = { accountIds: ['main'], subject, limit: 2 };
    const first = await open().listAudit(filter);
    expect(first.map((row) => row.detail)).toEqual([{ i: 4 }, { i: 3 }]);
    expect(first[1]).toMatchObject({ outcome: 'refused', address: '192.0.2.1', actor: { kind: 'anonymous' } });
    const second = await open().listAudit({ ...filter, before: first[1]!.id });
    expect(second.map((row) => row.detail)).toEqual([{ i: 2 }, { i: 1 }]);
    const refused = await open().listAudit({ ...filter, outcome: 'refused', from: later(2000), to: later(3001) });
    expect(refused.map((row) => row.detail)).toEqual([{ i: 3 }]);
    expect(await open().listAudit({ ...filter, accountIds: ['other'] })).toEqual([]);
    expect(await open().listAudit({ ...filter, accountIds: [] })).toEqual([]);
    expect(await open().listAudit({ ...filter, accountIds: null })).toHaveLength(2);
  });
}
