import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import { systemRandom } from '../base/ids.ts';
import { Access, LINK_LIFE_MS } from './access.ts';
import { operator } from './actor.ts';
import { MemoryAccessStore } from './memory.ts';
import { SESSION_IDLE_MS, SESSION_MOST_MS } from './sessions.ts';

const COST = { memory: 64, passes: 1, parallelism: 1 };
const HERE = '192.0.2.1';
const person = { name: 'Alice', login: 'alice', password: 'correct horse battery' };

let clock: VirtualClock;
let store: MemoryAccessStore;
let access: Access;

beforeEach(() => {
  clock = new VirtualClock();
  store = new MemoryAccessStore();
  access = new Access({ store, clock, random: systemRandom, localToken: 'local-token-of-this-machine', cost: COST });
});

const setUp = async () => access.setUp(await access.createSetupLink(), person, HERE);

describe('the one-time link', () => {
  it('makes the first administrator and signs him in', async () => {
    expect(await access.setupNeeded()).toBe(true);
    const opened = await setUp();
    expect(opened.actor.user).toMatchObject({ login: 'alice', role: 'operator', accountId: null });
    expect(await access.setupNeeded()).toBe(false);
    expect(await access.bySession(opened.secret, true)).not.toBeNull();
  });

  it('works once and for a day', async () => {
    const link = await access.createSetupLink();
    await access.setUp(link, person, HERE);
    await expect(access.setUp(link, { ...person, login: 'bob' }, HERE)).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    const late = await access.createSetupLink();
    clock.advance(LINK_LIFE_MS);
    await expect(access.setUp(late, { ...person, login: 'bob' }, HERE)).rejects.toMatchObject({ key: 'link' });
  });

  it('cannot be guessed for long', async () => {
    const guesses = Array.from({ length: 10 }, (_, i) => access.setUp(`guess-${i}`, person, HERE));
    await Promise.allSettled(guesses);
    const link = await access.createSetupLink();
    await expect(access.setUp(link, person, HERE)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    await expect(access.setUp(link, person, '192.0.2.2')).resolves.toBeDefined();
  });
});

describe('signing in', () => {
  it('takes the right password only and tells neither which part was wrong', async () => {
    await setUp();
    await expect(access.signIn('ALICE', person.password, HERE)).resolves.toBeDefined();
    const wrong = await access.signIn('alice', 'wrong', HERE).catch((error: unknown) => error);
    const nobody = await access.signIn('nobody', person.password, HERE).catch((error: unknown) => error);
    expect(wrong).toMatchObject({ code: 'NOT_SIGNED_IN' });
    expect(String(nobody)).toBe(String(wrong));
  });

  it('is refused after ten failures, a burst included, for that login from that address', async () => {
    await setUp();
    const burst = await Promise.allSettled(Array.from({ length: 15 }, () => access.signIn('alice', 'wrong', HERE)));
    const codes = burst.map((result) =>
      result.status === 'rejected' ? (result.reason as { code: string }).code : 'in',
    );
    expect(codes.filter((code) => code === 'NOT_SIGNED_IN')).toHaveLength(10);
    expect(codes.filter((code) => code === 'TOO_MANY_REQUESTS')).toHaveLength(5);
    await expect(access.signIn('alice', person.password, HERE)).rejects.toMatchObject({ code: 'TOO_MANY_REQUESTS' });
    await expect(access.signIn('alice', person.password, '192.0.2.9')).resolves.toBeDefined();
    clock.advance(10 * 60_000);
    await expect(access.signIn('alice', person.password, HERE)).resolves.toBeDefined();
  });

  it('leaves the right password unlimited', async () => {
    await setUp();
    for (let i = 0; i < 40; i++) await access.signIn('alice', person.password, HERE);
    expect(store.sessions).toHaveLength(41);
  });

  it('is in the audit log, refused ones too, without the password', async () => {
    await setUp();
    await access.signIn('alice', 'wrong-password', HERE).catch(() => undefined);
    await access.signIn('alice', person.password, HERE);
    const lines = await access.audit.list({ accountIds: null, action: 'session.start', limit: 10 });
    expect(lines.map((line) => [line.outcome, line.actor.name, line.address])).toEqual([
      ['done', 'alice', HERE],
      ['refused', null, HERE],
    ]);
    expect(JSON.stringify(store.audit)).not.toContain('wrong-password');
  });
});

describe('a session', () => {
  it('lives on by use, but not for ever, and not by an open page', async () => {
    const { secret } = await setUp();
    clock.advance(SESSION_IDLE_MS - 1000);
    expect(await access.bySession(secret, false)).toMatchObject({ renewed: false });
    expect(await access.bySession(secret, true)).toMatchObject({ renewed: true });
    for (let at = SESSION_IDLE_MS; at < SESSION_MOST_MS - SESSION_IDLE_MS; at += SESSION_IDLE_MS / 2) {
      clock.advance(SESSION_IDLE_MS / 2);
      expect(await access.bySession(secret, true)).not.toBeNull();
    }
    clock.advance(SESSION_IDLE_MS);
    expect(await access.bySession(secret, true)).toBeNull();
  });

  it('ends when it is not used', async () => {
    const { secret } = await setUp();
    clock.advance(SESSION_IDLE_MS);
    expect(await access.bySession(secret, true)).toBeNull();
  });

  it('is kept as a hash only', async () => {
    const { secret } = await setUp();
    expect(JSON.stringify(store.sessions)).not.toContain(secret);
    expect(await access.bySession(store.sessions[0]!.hash, true)).toBeNull();
  });

  it('ends by signing out, and all of them by a new password', async () => {
    const first = await setUp();
    const second = await access.signIn('alice', person.password, HERE);
    const third = await access.signIn('alice', person.password, HERE);
    await access.signOut(second.actor.sessionId);
    expect(await access.bySession(second.secret, true)).toBeNull();
    const { id } = first.actor.user;
    await expect(access.changePassword(id, 'wrong', 'another password', HERE)).rejects.toMatchObject({
      key: 'current',
    });
    const fresh = await access.changePassword(id, person.password, 'another password', HERE);
    expect(await access.bySession(first.secret, true)).toBeNull();
    expect(await access.bySession(third.secret, true)).toBeNull();
    expect(await access.bySession(fresh.secret, true)).not.toBeNull();
    await expect(access.signIn('alice', person.password, HERE)).rejects.toMatchObject({ code: 'NOT_SIGNED_IN' });
  });
});

describe('a bearer token', () => {
  it('is good until it is revoked or runs out', async () => {
    const { actor } = await setUp();
    const short = await access.tokens.create(actor, { name: 'short', scope: 'read', expiresInDays: 1 });
    const long = await access.tokens.create(actor, { name: 'long', scope: 'full' });
    expect(await access.byToken(short.secret, false)).toMatchObject({
      kind: 'token',
      scope: 'read',
      user: { login: 'alice' },
    });
    clock.advance(86_400_000);
    expect(await access.byToken(short.secret, false)).toBeNull();
    expect(await access.byToken(long.secret, false)).not.toBeNull();
    expect(await access.tokens.revoke(actor, long.row.id)).toMatchObject({ name: 'long' });
    expect(await access.tokens.revoke(actor, long.row.id)).toBeNull();
    expect(await access.byToken(long.secret, false)).toBeNull();
    expect(JSON.stringify(store.tokens)).not.toContain(long.secret);
  });

  it('cannot be made by a token', async () => {
    const { actor } = await setUp();
    const { secret } = await access.tokens.create(actor, { name: 'one', scope: 'full' });
    const bearer = await access.byToken(secret, false);
    await expect(access.tokens.create(bearer!, { name: 'two', scope: 'full' })).rejects.toMatchObject({
      code: 'NOT_ALLOWED',
    });
  });

  it('of the machine makes its holder the operator, on the machine itself only', async () => {
    expect(await access.byToken('local-token-of-this-machine', true)).toEqual(operator);
    expect(await access.byToken('local-token-of-this-machine', false)).toBeNull();
    expect(await access.byToken('local-token-of-this-machinE', true)).toBeNull();
  });
});
