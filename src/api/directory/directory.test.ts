import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { silentLog } from '../../base/log.ts';
import { Imports } from '../../directory/imports.ts';
import { openTestDirectory, type TestDirectory } from '../../directory/testing.ts';
import { LOCAL_TOKEN, openTestApi, type TestApi } from '../testing.ts';

/** The routes of the directory on a real database, as the operator of the machine. */
let test: TestDirectory;
let api: TestApi;
beforeAll(async () => {
  test = await openTestDirectory();
  api = await openTestApi((context) => {
    const imports = new Imports({ ...test.parts, log: silentLog, ldapHosts: [] });
    Object.assign(context, { directory: test.directory, imports });
  });
}, 60_000);
afterAll(async () => {
  await api.app.close();
  await test.close();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function ask(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: object): Promise<Answer> {
  const answer = await api.app.inject({
    method,
    url: `/api/v1${path}`,
    headers: { authorization: `Bearer ${LOCAL_TOKEN}`, host: 'localhost' },
    remoteAddress: '127.0.0.1',
    ...(payload === undefined ? {} : { payload }),
  });
  return { status: answer.statusCode, body: answer.body === '' ? {} : answer.json() };
}

const VALUES = {
  users: { firstName: 'Alice', lastName: 'Example', extensions: ['1001'], own: { inboundExternal: 'on' } },
  devices: { name: 'Desk', mac: '00:17:95:bd:d1:6b' },
  numbers: { number: '+4930555100', record: 'all' },
  queues: { name: 'Support', numbers: ['2000'], record: 'agents' },
  teams: { name: 'Night', userIds: [] },
  groups: { name: 'Sales', handling: { retention: { amount: 12, unit: 'months' }, longestSeconds: null } },
  roles: { name: 'Sellers' },
  rules: { description: 'Sales outside', isOn: true, mode: 'automatic', direction: 'out', origin: 'external' },
};

describe('entries over HTTP', () => {
  it.each(Object.entries(VALUES))('%s are made, listed, read, changed and deleted', async (kind, value) => {
    const { body: account } = await ask('POST', '/accounts', { name: `For ${kind}` });
    const base = `/accounts/${String(account['id'])}/${kind}`;
    const made = await ask('POST', base, { value });
    expect(made).toMatchObject({
      status: 201,
      body: { revision: 1, value, source: null, changedBy: 'operator', warnings: [] },
    });
    const one = `${base}/${String(made.body['id'])}`;
    expect((await ask('GET', base)).body).toMatchObject({ items: [{ value }], next: null });
    expect((await ask('GET', one)).body).toMatchObject({ value });
    const change = { revision: 1, value: { ...value, handling: { storeId: 'cold' } } };
    const changed = await ask(
      'PUT',
      one,
      kind === 'teams' || kind === 'roles' ? { revision: 1, value: { ...value, name: 'Other' } } : change,
    );
    expect(changed).toMatchObject({ status: 200, body: { revision: 2 } });
    const late = await ask('PUT', one, { revision: 1, value });
    expect(late).toMatchObject({
      status: 409,
      body: { code: 'CONFLICT', current: { revision: 2, changedBy: 'operator' } },
    });
    expect((await ask('DELETE', `${one}?revision=2`)).status).toBe(204);
    expect((await ask('GET', one)).status).toBe(404);
  });

  it.each([
    ['users', { firstName: 'A', lastName: 'B', nickname: 'C' }, 'value.nickname'],
    ['users', { firstName: 'A', lastName: 'B', endpoints: { inbound: 'on' } }, 'value.endpoints'],
    ['rules', { description: 'X', isOn: 'yes', mode: 'automatic' }, 'value.isOn'],
    ['rules', { description: 'X', isOn: true, mode: 'always' }, 'value.mode'],
    ['groups', { name: 'G', handling: { retention: 'ever' } }, 'value.handling.retention'],
    ['users', { firstName: 'A', lastName: 'B', extensions: ['1x'] }, 'value.extensions'],
  ])('a value of %s that cannot be is a problem that names the place: %o', async (kind, value, key) => {
    const answer = await ask('POST', `/accounts/main/${kind}`, { value });
    expect([answer.status, answer.body['code']]).toEqual([400, 'BAD_REQUEST']);
    expect(String(answer.body['key'])).toContain(key.split('.').slice(0, 2).join('.'));
  });

  it('in an account that is not there are not found', async () => {
    expect(await ask('GET', '/accounts/nobody/users')).toMatchObject({ status: 404, body: { key: 'accountId' } });
  });
});

describe('the rest over HTTP', () => {
  it('accounts, brands, trunks and the platform are set and read back', async () => {
    const { body: brand } = await ask('POST', '/brands', { name: 'North' });
    const made = await ask('POST', '/accounts', { name: 'Shop', brandId: brand['id'], policy: { country: 'DE' } });
    expect(made).toMatchObject({ status: 201, body: { brandId: brand['id'], policy: { country: 'DE' } } });
    const path = `/accounts/${String(made.body['id'])}`;
    const policy = { country: 'DE', onDemand: { isAllowed: true, isOn: true, code: '*5' }, unassigned: { to: 'list' } };
    expect(await ask('PUT', path, { revision: 1, policy })).toMatchObject({
      status: 200,
      body: { revision: 2, policy },
    });
    expect(await ask('PUT', path, { revision: 1, name: 'X' })).toMatchObject({
      status: 409,
      body: { current: { name: 'Shop' } },
    });
    expect(await ask('DELETE', `/brands/${String(brand['id'])}?revision=1`)).toMatchObject({ status: 409 });
    const trunk = { name: 'sbc', value: { addresses: ['192.0.2.1'], digest: { username: 'a', password: 'secret' } } };
    expect(await ask('POST', '/trunks', trunk)).toMatchObject({
      status: 201,
      body: { value: { digest: { username: 'a' } } },
    });
    expect(JSON.stringify(await ask('GET', '/trunks/sbc'))).not.toContain('secret');
    const { body: platform } = await ask('GET', '/platform');
    const change = {
      revision: platform['revision'],
      unknownAccount: 'hold',
      pilots: [{ kind: 'record', number: '9000' }],
    };
    expect(await ask('PUT', '/platform', change)).toMatchObject({ status: 200, body: { unknownAccount: 'hold' } });
  });

  it('matrix, own switches, CSV, history and undo go the whole way', async () => {
    const { body: account } = await ask('POST', '/accounts', { name: 'Whole way' });
    const base = `/accounts/${String(account['id'])}`;
    const file = { kind: 'users', mode: 'sync', text: 'user name,name,extension\nalice,Alice Example,1001\n' };
    expect((await ask('POST', `${base}/imports/csv`, { ...file, dryRun: true })).body).toMatchObject({
      applied: false,
      counts: { created: 1 },
    });
    const { body: result } = await ask('POST', `${base}/imports/csv`, { ...file, dryRun: false });
    expect(result).toMatchObject({ applied: true, errors: [], unchanged: 0 });
    const { body: matrix } = await ask('GET', `${base}/matrix`);
    expect(matrix).toMatchObject({
      items: [{ user: { name: 'Alice Example', extensions: ['1001'] }, devices: [] }],
      next: null,
    });
    const { id } = (matrix['items'] as { user: { id: string } }[])[0]!.user;
    const own = await ask('PUT', `${base}/own/${id}`, { own: { inboundExternal: 'on' } });
    expect(own).toMatchObject({ status: 200, body: { effective: { inboundExternal: { value: 'on', from: 'own' } } } });
    const { body: history } = await ask('GET', `${base}/history?limit=1`);
    expect(history).toMatchObject({
      items: [{ kind: 'users', name: 'Alice Example', actorName: 'operator' }],
      next: expect.any(String),
    });
    const blocked = await ask('POST', `${base}/history/${String(result['changeId'])}/undo`);
    expect(blocked).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    const { changeId } = (history['items'] as { changeId: string }[])[0]!;
    expect((await ask('POST', `${base}/history/${changeId}/undo`)).status).toBe(200);
    expect(await ask('GET', `${base}/imports/ldap`)).toMatchObject({ status: 404 });
    const value = {
      url: 'ldaps://directory.example.com',
      baseDn: 'dc=example,dc=com',
      type: 'active-directory',
      schedule: '0 3 * * *',
    };
    const saved = await ask('PUT', `${base}/imports/ldap`, { revision: 0, value, password: 'of the server' });
    expect(saved).toMatchObject({
      status: 200,
      body: { revision: 1, hasPassword: true, lastRun: null, nextRun: expect.any(String) },
    });
    expect(JSON.stringify(saved)).not.toContain('of the server');
  });
});
