import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ID, openTestApi, type TestApi } from './testing.ts';

/** Every route, whom it lets in, and a request that is good. */
interface Row {
  readonly route: string;
  readonly body?: object;
  readonly anonymous?: true;
  readonly metrics?: true;
  readonly read?: false;
  readonly full?: false;
  readonly control?: true;
}

const KINDS = ['users', 'devices', 'numbers', 'queues', 'teams', 'groups', 'roles', 'rules'];

/** What people set: read by those who read, changed by those who change. */
const DIRECTORY: readonly Row[] = [
  ...['/brands', '/accounts', '/trunks', ...KINDS.map((kind) => `/accounts/main/${kind}`)].flatMap((list): Row[] => {
    const one = `${list}/${ID}`;
    const reads = list === '/trunks' ? [`GET ${list}`] : [`GET ${list}`, `GET ${one}`];
    const changes = [`POST ${list}`, `PUT ${one}`, `DELETE ${one}`];
    const isAbove = !list.startsWith('/accounts');
    return [
      ...reads.map((route) => (isAbove ? { route, read: false as const } : { route })),
      ...changes.map((route) => ({ route, read: false as const })),
    ];
  }),
  { route: `GET /trunks/${ID}`, read: false },
  { route: 'GET /platform', read: false },
  { route: 'PUT /platform', read: false },
  { route: 'GET /accounts/main/matrix' },
  { route: `PUT /accounts/main/own/${ID}`, read: false },
  { route: 'GET /accounts/main/history' },
  { route: `POST /accounts/main/history/${ID}/undo`, read: false },
  { route: 'POST /accounts/main/imports/csv', read: false },
  { route: 'GET /accounts/main/imports/ldap' },
  { route: 'PUT /accounts/main/imports/ldap', read: false },
  { route: 'DELETE /accounts/main/imports/ldap', read: false },
  { route: 'POST /accounts/main/imports/ldap', read: false },
];

const ROUTES: readonly Row[] = [
  { route: 'GET /setup/state', anonymous: true },
  {
    route: 'POST /setup',
    body: { link: 'x'.repeat(43), name: 'Bob', login: 'bob', password: 'long enough' },
    anonymous: true,
  },
  { route: 'POST /session', body: { login: 'alice', password: 'wrong' }, anonymous: true },
  { route: 'GET /health', anonymous: true },
  { route: 'GET /openapi.json', anonymous: true },
  { route: 'GET /session', metrics: true, control: true },
  { route: 'POST /session/password', body: { current: 'x', next: 'long enough' }, read: false, full: false },
  { route: 'GET /tokens' },
  { route: 'POST /tokens', body: { name: 'x', scope: 'read' }, read: false, full: false },
  { route: `DELETE /tokens/${ID}`, read: false, full: false },
  { route: 'GET /recordings' },
  { route: `GET /recordings/${ID}` },
  { route: `GET /recordings/${ID}/manifest` },
  { route: `GET /recordings/${ID}/peaks` },
  { route: `GET /recordings/${ID}/trace` },
  { route: `GET /recordings/${ID}/audio` },
  { route: 'GET /calls/live' },
  { route: 'HEAD /events' },
  { route: 'GET /settings' },
  { route: 'PUT /settings', body: { version: 1 }, read: false },
  { route: 'GET /status', metrics: true },
  { route: 'GET /metrics', metrics: true },
  { route: 'GET /audit' },
  { route: `DELETE /recordings/${ID}`, read: false },
  { route: 'GET /people' },
  { route: 'POST /people', body: {}, read: false, full: false },
  { route: `GET /people/${ID}` },
  { route: `PUT /people/${ID}`, body: {}, read: false, full: false },
  { route: `DELETE /people/${ID}`, read: false, full: false },
  { route: `POST /people/${ID}/invitation`, read: false, full: false },
  { route: 'POST /invitations/state', body: { link: 'x'.repeat(43) }, anonymous: true },
  { route: 'POST /invitations', body: { link: 'x'.repeat(43), password: 'long enough' }, anonymous: true },
  { route: 'GET /calls' },
  { route: `GET /calls/${ID}` },
  { route: `POST /calls/${ID}/control`, body: { action: 'start' }, read: false, control: true },
  { route: `POST /calls/${ID}/override`, body: { value: 'deny' }, read: false, control: true },
  { route: `POST /calls/${ID}/flow`, body: { step: 'start' }, read: false, control: true },
  { route: `POST /calls/${ID}/hangup`, read: false },
  { route: 'POST /accounts/main/explain', body: { from: {}, to: {} } },
  { route: 'POST /accounts/main/preview', body: { changes: [] }, read: false },
  { route: 'GET /accounts/main/phones' },
  { route: 'PUT /accounts/main/phones', body: { revision: 0, ranges: [] }, read: false },
  ...DIRECTORY,
  { route: 'DELETE /session', metrics: true, control: true },
];

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api.app.close());

/** Not from this machine: loopback has rights of its own. */
const ELSEWHERE = '192.0.2.77';

async function ask(row: Row, headers: Record<string, string> = {}) {
  const [method = 'GET', path = ''] = row.route.split(' ');
  return api.app.inject({
    method: method as 'GET',
    url: `/api/v1${path}`,
    headers,
    remoteAddress: ELSEWHERE,
    ...(row.body === undefined ? {} : { payload: row.body }),
  });
}

const isRefused = (status: number): boolean => status === 401 || status === 403;

describe('without rights', () => {
  it('every route of the document is in this table', () => {
    const document = api.app.swagger() as unknown as { paths: Record<string, Record<string, unknown>> };
    const shape = (route: string) => route.replace('/accounts/main/', '/accounts/{}/').replaceAll(ID, '{}');
    const listed = new Set(ROUTES.map((row) => shape(row.route).replace('HEAD /events', 'GET /events')));
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(
        (method) => `${method.toUpperCase()} ${path.replace('/api/v1', '').replaceAll(/\{\w+\}/g, '{}')}`,
      ),
    );
    expect(described.filter((route) => !listed.has(route))).toEqual([]);
  });

  it.each(ROUTES.filter((row) => row.anonymous !== true))('$route refuses nobody in particular', async (row) => {
    const answer = await ask(row);
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toContain('Bearer');
    if (!row.route.startsWith('HEAD')) expect(answer.json()).toMatchObject({ code: 'NOT_SIGNED_IN', status: 401 });
  });

  it.each(ROUTES.filter((row) => row.anonymous !== true))('$route refuses bad credentials', async (row) => {
    for (const authorization of ['Bearer wrong', 'Bearer ', 'Basic YTpi', 'Bearer a b', 'x'.repeat(3000)]) {
      expect((await ask(row, { authorization })).statusCode).toBe(401);
    }
    expect(
      (await ask(row, { cookie: 'earshot=wrong; __Host-earshot=wrong', 'x-earshot-request': '1' })).statusCode,
    ).toBe(401);
  });

  it.each(ROUTES.filter((row) => row.anonymous === true))('$route is open to all', async (row) => {
    const { statusCode } = await ask(row);
    // A wrong password or link is refused by what it is, not by who asks.
    expect(row.body === undefined ? statusCode : [401, 403].includes(statusCode)).toBe(
      row.body === undefined ? 200 : true,
    );
  });
});

describe.each(['metrics', 'control', 'read', 'full'] as const)('a token of scope %s', (scope) => {
  it.each(ROUTES.filter((row) => row.anonymous !== true))('is let in or refused at $route', async (row) => {
    const isNarrow = scope === 'metrics' || scope === 'control';
    const allowed = isNarrow ? row[scope] === true : row[scope] !== false;
    const before = api.context.store.audit.length;
    const answer = await ask(row, await api.bearer(scope));
    expect(isRefused(answer.statusCode)).toBe(!allowed);
    const refusals = api.context.store.audit.slice(before).filter((line) => line.outcome === 'refused');
    if (!allowed && row.route !== 'GET /metrics') expect(refusals).toHaveLength(1);
  });
});

describe('a cookie session', () => {
  const change: Row = { route: 'PUT /settings', body: { version: -1 } };

  it('changes nothing without the header that other sites cannot send', async () => {
    const answer = await ask(change, { cookie: api.cookie['cookie']! });
    expect(answer.statusCode).toBe(403);
    expect(answer.json()).toMatchObject({ code: 'NOT_ALLOWED', key: 'x-earshot-request' });
    expect((await ask(change, api.cookie)).statusCode).toBe(400);
  });

  it.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: 'not a url' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('changes nothing when it comes from elsewhere: %o', async (headers) => {
    expect((await ask(change, { ...api.cookie, ...headers })).statusCode).toBe(403);
  });

  it.each([{ origin: 'http://recorder.example:8080', 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }])(
    'may when it comes from our own pages: %o',
    async (headers) => {
      const host = { host: 'recorder.example:8080' };
      const answer = await ask(change, { ...api.cookie, ...host, ...headers });
      expect(answer.statusCode).toBe(400);
    },
  );

  it('cannot be opened by a page of another site', async () => {
    const signIn: Row = { route: 'POST /session', body: { login: 'alice', password: 'correct horse battery' } };
    expect((await ask(signIn, { origin: 'https://evil.example' })).statusCode).toBe(403);
    expect((await ask(signIn)).statusCode).toBe(200);
  });
});

describe('metrics', () => {
  const get = (headers: Record<string, string>, remoteAddress = '127.0.0.1') =>
    api.app.inject({ method: 'GET', url: '/api/v1/metrics', headers, remoteAddress });

  it('are open on the machine itself, but not through a proxy or to a page that made its name point here', async () => {
    expect((await get({ host: 'localhost:8080' })).statusCode).toBe(200);
    expect((await get({ host: '[::1]:8080' }, '::1')).statusCode).toBe(200);
    expect((await get({ host: 'localhost:8080', 'x-forwarded-for': '192.0.2.1' })).statusCode).toBe(401);
    expect((await get({ host: 'evil.example:8080' })).statusCode).toBe(401);
    expect((await get({ host: 'localhost:8080' }, ELSEWHERE)).statusCode).toBe(401);
  });
});
