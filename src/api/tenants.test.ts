import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Access } from '../access/access.ts';
import { sqlAccessStore } from '../access/sql.ts';
import { opaqueId, systemRandom } from '../base/ids.ts';
import { party, recordingInput } from '../catalogue/testing.ts';
import { ALICE, openTestDirectory, person, type TestDirectory } from '../directory/testing.ts';
import { NO_CONTROLS } from '../policy/controls.ts';
import type { ApiContext } from './context.ts';
import { liveCall, liveDecision, openTestApi, settle, type TestApi } from './testing.ts';

/**
 * Two brands with two accounts each, with the same extensions and the same names (issue 4, shown by 4; D9): what each level is told through
 * the API on the real database, and that nothing crosses over.
 */
interface Tenant {
  readonly brandId: string;
  readonly accountId: string;
  /** The directory's Alice at extension 1001. */
  readonly alice: string;
  /** Hers, somebody else's; and a call of hers that was not recorded. */
  readonly recordings: readonly [string, string];
  readonly calls: readonly string[];
  readonly unrecorded: string;
}

interface Reader {
  readonly what: string;
  readonly headers: Record<string, string>;
  /** Tenants whose things it may see, and whether Alice's alone. */
  readonly sees: readonly Tenant[];
  readonly isAlice: boolean;
}

let test: TestDirectory;
let api: TestApi;
const tenants: Tenant[] = [];
const readers: Reader[] = [];

beforeAll(async () => {
  test = await openTestDirectory();
  const { catalogue } = test.catalogue;
  api = await openTestApi((context) => {
    const store = sqlAccessStore(catalogue.db);
    const parts = { clock: context.clock, random: systemRandom, localToken: null };
    const cost = { memory: 64, passes: 1, parallelism: 1 };
    Object.assign(context, {
      access: new Access({ store, ...parts, cost }),
      directory: test.directory,
      journal: {
        list: (filter, cursor, limit) => catalogue.listCalls(filter, { cursor: cursor ?? undefined, limit }),
        get: async (whose, id) => (await catalogue.getCall(whose, id)) ?? undefined,
        past: async () => [],
      } as Partial<ApiContext['journal']>,
    });
    Object.assign(context.recordings, {
      list: (filter, cursor, limit) =>
        catalogue.listRecordings({ ...filter, direction: undefined }, { cursor: cursor ?? undefined, limit }),
      get: async (id) => (await catalogue.getRecording({ accountIds: null, userId: null }, id)) ?? undefined,
      conversation: (whose, id) => catalogue.recordingsOfConversation(whose, id),
    } as Partial<ApiContext['recordings']>);
  });
  for (const brand of ['North', 'South']) await makeBrand(brand);
  await makeReaders();
}, 120_000);
afterAll(async () => {
  await api.app.close();
  await test.close();
});

async function makeBrand(name: string): Promise<void> {
  const { id: brandId } = await test.directory.createBrand(ALICE, name);
  for (const number of [1, 2]) {
    const account = { name: `${name} ${number}`, brandId, policy: {} };
    const { id: accountId } = await test.directory.createAccount(ALICE, account);
    const alice = (await test.add(accountId, 'users', person('Alice', { extensions: ['1001'] }))).id;
    const bob = (await test.add(accountId, 'users', person('Bob', { extensions: ['1002'] }))).id;
    const recordings = [await record(accountId, alice), await record(accountId, bob)] as const;
    const unrecorded = await record(accountId, alice);
    await test.catalogue.catalogue.db.deleteFrom('recordings').where('id', '=', unrecorded.id).execute();
    tenants.push({
      brandId,
      accountId,
      alice,
      recordings: [recordings[0].id, recordings[1].id],
      calls: [...recordings, unrecorded].map(({ callId }) => callId),
      unrecorded: unrecorded.callId,
    });
  }
}

async function record(accountId: string, userId: string): Promise<{ id: string; callId: string }> {
  const parties = [
    { ...party(0, 'Alice Example', '1001'), userId, userName: 'Alice Example' },
    party(1, 'Carol', '+15550100'),
  ];
  const owner = { kind: 'user' as const, userId, name: 'Alice Example', groupId: null };
  const input = recordingInput({ id: opaqueId(), callId: opaqueId(), accountId, parties, owner });
  await test.catalogue.catalogue.insertRecording(input);
  return input;
}

async function makeReaders(): Promise<void> {
  readers.push({ what: 'the operator', headers: api.cookie, sees: tenants, isAlice: false });
  for (const brandId of new Set(tenants.map((one) => one.brandId))) {
    const place = { role: 'brand', brandId, accountId: null } as const;
    const sees = tenants.filter((one) => one.brandId === brandId);
    readers.push({ what: 'a brand administrator', headers: await api.as(place), sees, isAlice: false });
  }
  for (const tenant of tenants) {
    const { accountId, alice: userId } = tenant;
    const sees = [tenant];
    readers.push({ what: 'an administrator', headers: await api.as({ accountId }), sees, isAlice: false });
    const headers = await api.as({ role: 'user', accountId, userId });
    readers.push({ what: 'a user', headers, sees, isAlice: true });
  }
}

const get = (reader: Reader, path: string) => api.app.inject({ url: `/api/v1${path}`, headers: reader.headers });
const post = (reader: Reader, path: string, payload: object) =>
  api.app.inject({ method: 'POST', url: `/api/v1${path}`, headers: reader.headers, payload });
const ids = async (reader: Reader, path: string): Promise<string[]> => {
  const answer = await get(reader, path);
  expect([reader.what, path, answer.statusCode]).toEqual([reader.what, path, 200]);
  return answer.json<{ items: { id: string }[] }>().items.map(({ id }) => id);
};

const recordingsOf = ({ sees, isAlice }: Reader): string[] =>
  sees.flatMap(({ recordings }) => (isAlice ? [recordings[0]] : recordings)).toSorted();
const callsOf = ({ sees, isAlice }: Reader): string[] =>
  sees.flatMap(({ calls, unrecorded }) => (isAlice ? [calls[0]!, unrecorded] : calls)).toSorted();

describe('nothing crosses over', () => {
  it('in lists and searches of recordings', async () => {
    for (const reader of readers) {
      for (const query of ['limit=200', 'limit=200&q=alice', 'limit=200&number=1001', 'limit=200&party=Carol']) {
        expect((await ids(reader, `/recordings?${query}`)).toSorted()).toEqual(recordingsOf(reader));
      }
    }
  });

  it('in lists and searches of calls, nor by naming another account', async () => {
    for (const reader of readers) {
      for (const query of ['limit=200', 'limit=200&text=1001', 'limit=200&text=alice%20example']) {
        expect((await ids(reader, `/calls?${query}`)).toSorted()).toEqual(callsOf(reader));
      }
      for (const tenant of tenants) {
        const found = await ids(reader, `/calls?limit=200&accountId=${tenant.accountId}`);
        expect(found.every((id) => tenant.calls.includes(id) && callsOf(reader).includes(id))).toBe(true);
        expect(found.length > 0).toBe(reader.sees.includes(tenant));
      }
    }
  });

  it('by id: a recording or call of others looks like none', { timeout: 90_000 }, async () => {
    for (const reader of readers) {
      for (const tenant of tenants) {
        for (const id of tenant.recordings) {
          const expected = recordingsOf(reader).includes(id) ? 200 : 404;
          expect((await get(reader, `/recordings/${id}`)).statusCode).toBe(expected);
          if (expected === 200) continue;
          for (const inside of ['/manifest', '/peaks', '/audio']) {
            expect((await get(reader, `/recordings/${id}${inside}`)).statusCode).toBe(404);
          }
          expect([403, 404]).toContain((await get(reader, `/recordings/${id}/trace`)).statusCode);
        }
        for (const id of tenant.calls) {
          const expected = callsOf(reader).includes(id) ? 200 : 404;
          expect((await get(reader, `/calls/${id}`)).statusCode).toBe(expected);
        }
      }
    }
  });

  it('among running calls: neither seen, nor told of, nor controlled', async () => {
    const streams = await Promise.all(readers.map(listen));
    const callOf = (tenant: Tenant, userId: string, at: number) =>
      liveCall({
        callId: `${tenant.accountId}-${at}`,
        facts: { trunk: 'default', parties: [{ id: 'a' }], direction: 'IN', vendorIds: { callId: 'same@pbx' } },
        decision: {
          ...liveDecision(tenant.accountId),
          controls: NO_CONTROLS,
          parties: [{ id: 'a', side: 'internal', userId }],
        },
      });
    api.context.say(...tenants.flatMap((one) => [callOf(one, one.alice, 0), callOf(one, 'somebody', 1)]));
    await settle();
    for (const [index, reader] of readers.entries()) {
      const expected = reader.sees.flatMap(({ accountId }) =>
        reader.isAlice ? [`${accountId}-0`] : [`${accountId}-0`, `${accountId}-1`],
      );
      const live = (await get(reader, '/calls/live')).json<{ items: { callId: string }[] }>();
      expect(live.items.map(({ callId }) => callId)).toEqual(expected);
      expect(streams[index]!().map(({ callId }) => callId)).toEqual(expected);
      for (const { accountId } of tenants) {
        const isMine = expected.includes(`${accountId}-0`);
        const answer = await post(reader, `/calls/${accountId}-0/control`, { action: 'start' });
        expect(answer.statusCode).toBe(isMine ? 200 : 404);
      }
      const named = await post(reader, '/calls/sip%3Asame%40pbx/control', { action: 'start' });
      expect(named.statusCode).toBe(expected.length === 1 ? 200 : 409);
    }
  });

  it('among accounts, people, tokens, the audit log and explanations', async () => {
    for (const reader of readers) {
      const own = reader.sees.map(({ accountId }) => accountId);
      for (const { accountId } of tenants) {
        const isMine = own.includes(accountId);
        const administers = isMine && !reader.isAlice;
        const users = await get(reader, `/accounts/${accountId}/users`);
        expect(users.statusCode).toBe(administers ? 200 : reader.isAlice ? 403 : 404);
        const tried = await post(reader, `/accounts/${accountId}/explain`, { from: {}, to: { number: '1001' } });
        expect(tried.statusCode === 404).toBe(!isMine || reader.isAlice);
      }
      if (reader.isAlice || reader.what === 'the operator') continue;
      const people = (await get(reader, '/people')).json<{ items: { accountId: string | null }[] }>().items;
      expect(people.every((one) => one.accountId === null || own.includes(one.accountId))).toBe(true);
      const audit = (await get(reader, '/audit?limit=200')).json<{ items: { accountId: string | null }[] }>().items;
      expect(audit.every((line) => line.accountId !== null && own.includes(line.accountId))).toBe(true);
      for (const path of ['/status', '/metrics', '/trunks', '/platform']) {
        const answer = await api.app.inject({
          url: `/api/v1${path}`,
          headers: reader.headers,
          remoteAddress: '192.0.2.7',
        });
        expect(answer.statusCode).toBe(403);
      }
    }
  });
});

describe('levels that are given', () => {
  it('are neither above the giver nor outside of his reach', async () => {
    const [operator, north, , first] = readers as [Reader, Reader, Reader, Reader];
    const [one, two, three] = tenants as [Tenant, Tenant, Tenant];
    const give = async (giver: Reader, place: object) =>
      (await post(giver, '/people', { login: `p${opaqueId()}`, name: 'P', ...place })).statusCode;
    expect(await give(first, { role: 'administrator', accountId: one.accountId })).toBe(201);
    expect(await give(first, { role: 'user', accountId: one.accountId, userId: one.alice })).toBe(201);
    expect(await give(first, { role: 'user', accountId: one.accountId, userId: two.alice })).toBe(404);
    expect(await give(first, { role: 'administrator', accountId: two.accountId })).toBe(403);
    expect(await give(first, { role: 'brand', brandId: one.brandId })).toBe(403);
    expect(await give(north, { role: 'administrator', accountId: two.accountId })).toBe(201);
    expect(await give(north, { role: 'brand', brandId: three.brandId })).toBe(403);
    expect(await give(north, { role: 'operator' })).toBe(403);
    expect(await give(operator, { role: 'operator' })).toBe(201);
    expect(await give(operator, { role: 'brand', accountId: one.accountId })).toBe(400);
    expect(await give(operator, { role: 'brand', brandId: 'nobody' })).toBe(404);
  });

  it('are taken up at the one-time address, once, and are at once as they were given', async () => {
    const first = readers[3]!;
    const { accountId, alice } = tenants[0]!;
    const wish = { login: 'dora', name: 'Dora', role: 'user', accountId, userId: alice };
    const { url } = (await post(first, '/people', wish)).json<{ url: string }>();
    const link = new URL(url).hash.slice(1);
    const nobody: Reader = { ...first, headers: {} };
    expect((await post(nobody, '/invitations/state', { link })).json()).toMatchObject({ login: 'dora', role: 'user' });
    const taken = await post(nobody, '/invitations', { link, password: 'correct horse battery' });
    expect(taken.json()).toMatchObject({ user: { login: 'dora' }, reach: { kind: 'user', accountId, userId: alice } });
    expect((await post(nobody, '/invitations', { link, password: 'another password' })).statusCode).toBe(403);
    const [cookie] = taken.cookies;
    const headers = { cookie: `${cookie!.name}=${cookie!.value}` };
    expect((await get({ ...first, headers }, '/people')).statusCode).toBe(403);
    expect((await ids({ ...first, headers }, '/recordings')).length).toBe(1);
  });

  it('of tokens neither', async () => {
    const first = readers[3]!;
    const [one, two] = tenants as [Tenant, Tenant];
    const make = async (wish: object) =>
      (await post(first, '/tokens', { name: 't', scope: 'control', ...wish })).statusCode;
    expect(await make({ accountId: one.accountId, userId: one.alice })).toBe(201);
    expect(await make({ accountId: two.accountId })).toBe(403);
    expect(await make({ brandId: one.brandId })).toBe(403);
    expect(await make({ userId: one.alice })).toBe(400);
  });
});

describe('what an account may not set', () => {
  const put = (reader: Reader, path: string, payload: object) =>
    api.app.inject({ method: 'PUT', url: `/api/v1${path}`, headers: reader.headers, payload });

  it('is the ids by which calls of others would be drawn to it', async () => {
    const [operator, north, , first] = readers as [Reader, Reader, Reader, Reader];
    const { accountId, brandId } = tenants[0]!;
    const path = `/accounts/${accountId}`;
    const revision = async () => (await get(operator, path)).json<{ revision: number }>().revision;
    const change = async (reader: Reader, policy: object) =>
      (await put(reader, path, { revision: await revision(), policy })).statusCode;
    expect(await change(first, { tenants: ['of-somebody-else'] })).toBe(403);
    expect(await change(north, { tenants: ['of-somebody-else'] })).toBe(403);
    const made = { name: 'North 9', brandId, policy: { tenants: ['of-somebody-else'] } };
    expect((await post(north, '/accounts', made)).statusCode).toBe(403);
    expect(await change(operator, { tenants: ['t-1'] })).toBe(200);
    expect(await change(first, { tenants: ['t-1'], country: 'DE' })).toBe(200);
    expect(await change(first, { country: 'DE' })).toBe(403);
    expect(await change(operator, {})).toBe(200);
    const [last] = (await get(first, `${path}/history`)).json<{ items: { changeId: string }[] }>().items;
    expect((await post(first, `${path}/history/${last!.changeId}/undo`, {})).statusCode).toBe(403);
    expect((await put(first, path, { revision: 1, name: 'Other' })).statusCode).toBe(409);
  });

  it('is its name, from which it would learn who else is a customer', async () => {
    const [operator, north, , first] = readers as [Reader, Reader, Reader, Reader];
    const path = `/accounts/${tenants[0]!.accountId}`;
    const { revision, name } = (await get(operator, path)).json<{ revision: number; name: string }>();
    expect((await put(first, path, { revision, name })).statusCode).toBe(200);
    for (const wish of ['South 1', 'Of nobody']) {
      const answer = await put(first, path, { revision, name: wish });
      expect([answer.statusCode, answer.json()]).toMatchObject([403, { code: 'NOT_ALLOWED' }]);
    }
    expect((await put(north, path, { revision, name: 'North 1 anew' })).statusCode).toBe(200);
    const [last] = (await get(first, `${path}/history`)).json<{ items: { changeId: string }[] }>().items;
    expect((await post(first, `${path}/history/${last!.changeId}/undo`, {})).statusCode).toBe(403);
    expect((await post(north, `${path}/history/${last!.changeId}/undo`, {})).statusCode).toBe(200);
  });
});

describe('what is not there and what is out of reach', () => {
  it('look the same, in the answer and in the audit log that one may read', async () => {
    const [, north, , first] = readers as [Reader, Reader, Reader, Reader];
    const [, , far] = tenants as [Tenant, Tenant, Tenant];
    const nothing = opaqueId();
    api.context.say(liveCall({ callId: far.calls[0]!, decision: liveDecision(far.accountId) }));
    const pairs: [Reader, string, string, ('GET' | 'POST' | 'PUT')?, object?][] = [
      [north, `/brands/${far.brandId}`, `/brands/${nothing}`],
      [first, `/accounts/${far.accountId}`, `/accounts/${nothing}`],
      [first, `/recordings/${far.recordings[0]}`, `/recordings/${nothing}`],
      [first, `/calls/${far.calls[0]}/control`, `/calls/${nothing}/control`, 'POST', { action: 'pause' }],
      [first, `/calls/${far.calls[0]}/hangup`, `/calls/${nothing}/hangup`, 'POST', {}],
      [
        first,
        `/accounts/${far.accountId}/own/${far.alice}`,
        `/accounts/${far.accountId}/own/${nothing}`,
        'PUT',
        { own: {} },
      ],
    ];
    for (const [reader, there, absent, method = 'GET', payload = {}] of pairs) {
      const seen: unknown[] = [];
      for (const path of [there, absent]) {
        const before = (await get(readers[0]!, '/audit?limit=200')).json<{ items: { id: string }[] }>().items[0]?.id;
        const { headers } = reader;
        const body = method === 'GET' ? {} : { payload };
        const answer = await api.app.inject({ method, url: `/api/v1${path}`, headers, ...body });
        const lines = (await get(readers[0]!, '/audit?limit=5')).json<{ items: { id: string; action: string }[] }>()
          .items;
        const fresh = lines.slice(
          0,
          lines.findIndex(({ id }) => id === before),
        );
        const { requestId: _, ...problem } = answer.json<{ requestId: string }>();
        seen.push([answer.statusCode, problem, fresh.map(({ action }) => action)]);
      }
      expect(seen[0]).toEqual(seen[1]);
      expect(seen[0]).toMatchObject([404, {}, [expect.any(String)]]);
    }
  });

  it('is told as missing to whoever makes a token for it', async () => {
    const answer = await post(readers[0]!, '/tokens', { name: 't', scope: 'read', accountId: opaqueId() });
    expect([answer.statusCode, answer.json()]).toMatchObject([404, { code: 'NOT_FOUND' }]);
  });
});

/** What the reader has been told of calls so far. */
async function listen(reader: Reader): Promise<() => { callId: string }[]> {
  const answer = await api.app.inject({ url: '/api/v1/events', headers: reader.headers, payloadAsStream: true });
  let text = '';
  answer
    .stream()
    .setEncoding('utf8')
    .on('data', (chunk: string) => (text += chunk));
  return () => [...text.matchAll(/^data: (\{"callId".*)$/gm)].map(([, data = '']) => JSON.parse(data));
}
