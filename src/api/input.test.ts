import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FOREIGN_ID, ID, openTestApi, recording, type TestApi } from './testing.ts';

let api: TestApi;
let administrator: Record<string, string>;
beforeAll(async () => {
  api = await openTestApi((context) => {
    context.rows = [
      ...Array.from({ length: 5 }, (_, i) => recording({ id: `${i}${ID.slice(1)}`, recordId: i })),
      recording({ id: FOREIGN_ID, accountId: 'other' }),
    ];
  });
  administrator = await api.as({ accountId: 'main' });
});
afterAll(() => api.app.close());

const get = (path: string) => api.app.inject({ method: 'GET', url: `/api/v1${path}`, headers: api.cookie });
const getAs = (headers: Record<string, string>, path: string) =>
  api.app.inject({ method: 'GET', url: `/api/v1${path}`, headers });
const send = (method: 'POST' | 'PUT', path: string, payload: string, type = 'application/json') =>
  api.app.inject({ method, url: `/api/v1${path}`, payload, headers: { ...api.cookie, 'content-type': type } });

describe('bad input', () => {
  it.each([
    ['/recordings?cursor=x', 'cursor'],
    [`/recordings?cursor=${Buffer.from('["x",1,2]').toString('base64url')}`, 'cursor'],
    ['/recordings?from=yesterday', 'from'],
    ['/recordings?from=2026-02-30T00:00:00Z', 'from'],
    ['/recordings?to=2016-12-31T23:59:60Z', 'to'],
    ['/audit?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', 'from'],
    ['/recordings?from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z', 'from'],
    ['/recordings?limit=0', 'limit'],
    ['/recordings?limit=9999', 'limit'],
    ['/recordings?limit=ten', 'limit'],
    ['/recordings?direction=UP', 'direction'],
    ['/recordings?minDuration=5&maxDuration=4', 'minDuration'],
    ['/recordings?minDuration=-1', 'minDuration'],
    ["/recordings?number=1'--", 'number'],
    ['/recordings?q=', 'q'],
    [`/recordings?q=${'x'.repeat(201)}`, 'q'],
    ['/recordings?form=2026-03-02T00:00:00Z', 'form'],
    ['/recordings/1', 'id'],
    ['/recordings/..%2f..%2fetc', 'id'],
    [`/recordings/${ID.toUpperCase()}`, 'id'],
    [`/recordings/${ID}/peaks?width=1`, 'width'],
    [`/recordings/${ID}/audio?format=ogg`, 'format'],
    ['/audit?outcome=maybe', 'outcome'],
    ['/audit?cursor=zzz', 'cursor'],
  ])('%s is a problem that names %s', async (path, key) => {
    const answer = await get(path);
    expect(answer.statusCode).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({ code: 'BAD_REQUEST', status: 400, key });
  });

  it('that nobody knows is called so', async () => {
    expect((await get('/recordings?form=1')).json()).toMatchObject({
      detail: 'the query member form is not known here.',
    });
  });

  it.each([
    ['POST', '/tokens', '{"name":"x"}', 'scope'],
    ['POST', '/tokens', '{"name":"x","scope":"root"}', 'scope'],
    ['POST', '/tokens', '{"name":5,"scope":"read"}', 'name'],
    ['POST', '/tokens', '{"name":"x","scope":"read","admin":true}', 'admin'],
    ['POST', '/session', '{"login":"a","password":["x"]}', 'password'],
    ['POST', '/session/password', '{"current":"x","next":"short"}', 'next'],
    ['PUT', '/settings', '{"version":"1"}', 'version'],
    ['PUT', '/settings', '{"version":1,"retentionDays":0}', 'retentionDays'],
    ['PUT', '/settings', '{"version":1,"noticeAcknowledged":false}', 'noticeAcknowledged'],
  ] as const)('%s %s %s is a problem that names %s', async (method, path, body, key) => {
    const answer = await send(method, path, body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code: 'BAD_REQUEST', key });
  });

  it.each([
    ['{"a":', 'application/json', 400],
    ['', 'application/json', 400],
    ['null', 'application/json', 400],
    ['[]', 'application/json', 400],
    ['{"__proto__":{"x":1}}', 'application/json', 400],
    ['{"name":"\\u0000","scope":"read"}', 'application/json', 400],
    ['name=x', 'application/x-www-form-urlencoded', 415],
    ['{"name":"x","scope":"read"}', 'text/plain', 415],
    [JSON.stringify({ name: 'x'.repeat(70_000), scope: 'read' }), 'application/json', 413],
  ])('a body like %.40s of %s answers %i', async (body, type, status) => {
    const answer = await send('POST', '/tokens', body, type);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ code: 'BAD_REQUEST', status });
  });

  it.each(['["x",', '{"a":'])('a body that is nested thousands deep is refused as such: %s', async (open) => {
    const depth = 7000;
    const payload = `${open.repeat(depth)}1${(open.startsWith('[') ? ']' : '}').repeat(depth)}`;
    const headers = { 'content-type': 'application/json' };
    const answer = await api.app.inject({ method: 'POST', url: '/api/v1/session', headers, payload });
    expect([answer.statusCode, answer.json()]).toMatchObject([400, { code: 'BAD_REQUEST' }]);
  });

  it('U+0000 never reaches the database', async () => {
    expect((await get('/recordings?q=%00')).statusCode).toBe(400);
    expect((await get('/audit?subject=a%00b')).statusCode).toBe(400);
  });

  it('what is not there is a problem too, also outside of the API', async () => {
    for (const url of ['/api/v1/nothing', '/api/v2/recordings', '/nothing', '/%', '/%zz/..']) {
      const answer = await api.app.inject({ method: 'GET', url });
      expect([400, 404]).toContain(answer.statusCode);
      expect(answer.headers['content-type']).toContain('application/problem+json');
    }
    const missing = await get('/recordings/zzzzzzzzzzzzzzzzzzzzzzzzzz');
    expect(missing.json()).toMatchObject({ code: 'NOT_FOUND', status: 404, key: 'id' });
  });

  it('a recording of another account looks like none, and the look is on record', async () => {
    for (const path of ['', '/manifest', '/peaks', '/trace', '/audio']) {
      const answer = await getAs(administrator, `/recordings/${FOREIGN_ID}${path}`);
      expect(answer.statusCode).toBe(404);
    }
    const lines = await api.context.access.audit.list({ accountIds: null, subject: FOREIGN_ID, limit: 50 });
    expect(lines.map((line) => line.outcome)).toEqual(Array(5).fill('refused'));
    expect(
      (await getAs(administrator, '/recordings')).json().items.map((item: { id: string }) => item.id),
    ).not.toContain(FOREIGN_ID);
  });

  it('a database that is away is 503 with its code, and health says so', async () => {
    api.context.databaseUp = false;
    expect((await get('/recordings')).json()).toMatchObject({ status: 503, code: 'DATABASE_UNREACHABLE' });
    const health = await get('/health');
    expect([health.statusCode, health.json()]).toEqual([503, { status: 'degraded' }]);
    expect((await get('/status')).json()).toMatchObject({
      database: { ok: false },
      alarms: [{ code: 'DATABASE_UNREACHABLE' }],
    });
    api.context.databaseUp = true;
    expect((await get('/health')).json()).toEqual({ status: 'ok' });
  });

  it('a defect is 500 without its text', async () => {
    const manifest = api.context.recordings.manifest.bind(api.context.recordings);
    api.context.recordings.manifest = () => Promise.reject(new Error('secret inner text'));
    const answer = await get(`/recordings/${ID}/manifest`);
    api.context.recordings.manifest = manifest;
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ code: 'INTERNAL' });
    expect(answer.body).not.toContain('secret inner text');
  });

  it('of any kind never makes a 500', async () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.constantFrom('%00', '../..', "';--", '\u{1F600}', 'null'));
    const names = [
      'from',
      'to',
      'direction',
      'party',
      'number',
      'q',
      'limit',
      'cursor',
      'minDuration',
      'x',
      '__proto__',
    ];
    const query = fc.array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(query, async (pairs) => {
        const text = pairs.map(([name, v]) => `${name}=${encodeURIComponent(String(v).toWellFormed())}`).join('&');
        expect((await get(`/recordings?${text}`)).statusCode).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.json(),
        fc.constantFrom('/tokens', '/session', '/setup', '/session/password'),
        async (body, path) => {
          expect((await send('POST', path, body)).statusCode).toBeLessThan(500);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe('pages', () => {
  it('follow one another to the end, and belong to their filters', async () => {
    const seen: number[] = [];
    let next: string | null = '';
    while (next !== null) {
      const answer = await getAs(administrator, `/recordings?limit=2${next === '' ? '' : `&cursor=${next}`}`);
      expect(answer.statusCode).toBe(200);
      const page: { items: { recordId: number }[]; next: string | null } = answer.json();
      seen.push(...page.items.map((item) => item.recordId));
      if (page.next !== null && next !== '') {
        const other = await getAs(administrator, `/recordings?limit=2&direction=IN&cursor=${page.next}`);
        expect(other.json()).toMatchObject({ code: 'BAD_REQUEST', key: 'cursor' });
      }
      next = page.next;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4]);
  });
});
