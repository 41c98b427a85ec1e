import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestDirectory, person, type TestDirectory } from '../../directory/testing.ts';
import type { AccountSettings, CallFacts } from '../../policy/types.ts';
import type { PastCallRow } from '../context.ts';
import { openTestApi, type TestApi } from '../testing.ts';

const RULE = { description: 'Sales', isOn: true, mode: 'automatic', roleId: 'sales', origin: 'external' } as const;

/** The API on a real directory, with calls of the past that the test makes up. */
let api: TestApi;
let test: TestDirectory;
let accountId: string;
let alice: string;
let past: PastCallRow[] = [];

beforeAll(async () => {
  test = await openTestDirectory();
  accountId = await test.account({ country: 'US' });
  alice = (await test.add(accountId, 'users', person('Alice', { extensions: ['1001'] }))).id;
  const role = await test.add(accountId, 'roles', { name: 'Sales', userIds: [alice] });
  await test.add(accountId, 'rules', { ...RULE, roleId: role.id });
  api = await openTestApi((context) =>
    Object.assign(context, { directory: test.directory, journal: { ...context.journal, past: async () => past } }),
  );
}, 60_000);
afterAll(async () => {
  await api.app.close();
  await test.close();
});
beforeEach(async () => {
  const mine = await test.directory.accountWith(accountId, []);
  const other: AccountSettings = {
    id: 'other',
    name: 'Secret Ltd',
    users: [{ id: 'x', name: 'X', extensions: ['1001'] }],
  };
  api.context.policySettings = { version: 7, accounts: [mine, other] };
});

const post = (path: string, payload: object, headers = api.cookie) =>
  api.app.inject({ method: 'POST', url: `/api/v1/accounts/${accountId}${path}`, payload, headers });
const explain = (call: object, headers = api.cookie) => post('/explain', call, headers);

describe('a made-up call', () => {
  it('is decided by the settings of its account alone, with the word of every layer', async () => {
    const answer = await explain({ from: { number: '+12125550100' }, to: { userId: alice } });
    expect(answer.json()).toMatchObject({
      verdict: 'record',
      summary: 'The call is recorded.',
      settingsVersion: 7,
      parties: [
        { id: 'from', side: 'external' },
        { id: 'to', userId: alice, by: 'extension' },
      ],
      terms: { direction: 'IN', asks: [{ name: 'Sales', isSilenced: false }] },
    });
    expect(answer.json<{ layers: { layer: string }[] }>().layers.map(({ layer }) => layer)).toContain('rule');
    expect(answer.body).not.toContain('Secret');
  });

  it('heeds what is told of it', async () => {
    const call = { from: { number: '+12125550100' }, to: { number: '1001' } };
    expect((await explain({ ...call, override: 'deny' })).json()).toMatchObject({ verdict: 'forbid' });
    expect((await explain({ ...call, from: { number: '1002' } })).json()).toMatchObject({ verdict: 'record' });
    expect((await explain({ ...call, to: { number: '1009' } })).json()).toMatchObject({ verdict: 'ignore' });
  });

  it.each([
    [{ from: {}, to: { userId: 'nobody' } }, 404, 'to.userId'],
    [{ from: {}, to: {}, override: 'maybe' }, 400, 'override'],
    [{ from: { phone: '1' }, to: {} }, 400, 'from.phone'],
  ])('%o is answered by %i naming %s', async (call, status, key) => {
    const answer = await explain(call);
    expect(answer.json()).toMatchObject({ status, key });
  });

  it('of a user has himself in it', async () => {
    const headers = await api.as({ role: 'user', accountId, userId: alice });
    expect((await explain({ from: { number: '+12125550100' }, to: { userId: alice } }, headers)).statusCode).toBe(200);
    expect((await explain({ from: { number: '+12125550100' }, to: { number: '1001' } }, headers)).statusCode).toBe(404);
  });
});

describe('a preview', () => {
  const facts = (from: string, to: string): CallFacts => ({
    trunk: 'default',
    parties: [
      { id: 'a', number: from, role: 'caller' },
      { id: 'b', number: to, role: 'callee' },
    ],
    direction: 'UNKNOWN',
    vendorIds: {},
  });
  const row = (id: string, from: string, to: string): PastCallRow => ({
    id,
    startedAt: new Date(0),
    parties: [
      { name: 'Carol', number: from, aor: null, role: 'caller', userId: null, userName: null },
      { name: null, number: to, aor: null, role: 'callee', userId: alice, userName: 'Alice Example' },
    ],
    history: [facts(from, to)],
  });

  it('names the calls of the past that would be decided otherwise, and saves nothing', async () => {
    past = [row('one', '+12125550100', '1001'), row('two', '+12125550100', '1009')];
    const [rule] = (await test.directory.list(accountId, 'rules', { limit: 10 })).items;
    const change = { kind: 'rules', id: rule!.id, value: { ...rule!.value, isOn: false } };
    const answer = await post('/preview', { changes: [change] });
    expect(answer.json()).toMatchObject({
      examined: 2,
      changed: [{ callId: 'one', from: 'Carol', to: 'Alice Example', before: 'record', after: 'ignore' }],
    });
    const all = { kind: 'rules', id: null, value: { description: 'All', isOn: true, mode: 'automatic' } };
    expect((await post('/preview', { changes: [change, all] })).json()).toMatchObject({
      changed: [{ callId: 'two', before: 'ignore', after: 'record' }],
    });
    const policy = { kind: 'policy', id: null, value: { country: 'US', filters: { traffic: 'internal' } } };
    expect((await post('/preview', { changes: [policy] })).json()).toMatchObject({ changed: [{ callId: 'one' }] });
    expect((await test.directory.get(accountId, 'rules', rule!.id))?.value.isOn).toBe(true);
  });

  it.each([
    [{ kind: 'rules', id: 'nothere', value: null }, 404],
    [{ kind: 'rules', id: null, value: { description: 'x' } }, 400],
    [{ kind: 'policy', id: null, value: { filters: { exclusions: [{ pattern: 'a?b' }] } } }, 400],
  ])('refuses what could not be saved: %o', async (change, status) => {
    expect((await post('/preview', { changes: [change] })).statusCode).toBe(status);
  });
});
