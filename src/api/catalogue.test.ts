import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sqlAccessStore } from '../access/sql.ts';
import { Access } from '../access/access.ts';
import { opaqueId, systemRandom } from '../base/ids.ts';
import { openTestCatalogue, party, recordingInput, type TestCatalogue } from '../catalogue/testing.ts';
import { writeCursor } from './cursor.ts';
import { openTestApi, type TestApi } from './testing.ts';

/** The API on a real catalogue: what is asked reaches the database, and nothing that is asked breaks there. */
let test: TestCatalogue;
let api: TestApi;
const ids: string[] = [];

beforeAll(async () => {
  test = await openTestCatalogue();
  const { catalogue } = test;
  for (let i = 0; i < 7; i++) {
    const input = recordingInput({
      id: opaqueId(),
      startedAt: new Date(Date.UTC(2026, 2, 1 + i, 9)),
      durationMs: 10_000 * (i + 1),
      direction: i % 2 === 0 ? 'IN' : 'OUT',
      parties: [party(0, `Älice ${i}`, `+1555010${i}`), party(1, 'Bob', '1001')],
      conversationId: i < 2 ? 'conversation-1' : `conversation-${i}`,
      ...(i === 4 ? { callId: 'call-4', recording: 2, by: 'hand', asker: 'Carol', askerUserId: 'carol' } : {}),
      ...(i === 5 ? { owner: { kind: 'unassigned', userId: null, name: null, groupId: null } } : {}),
      ...(i === 6 ? { pauses: [{ offsetMs: 1.5, lengthMs: 2, mode: 'cut', reason: 'card', asker: 'Carol' }] } : {}),
    });
    await catalogue.insertRecording(input);
    ids.unshift(input.id);
  }
  api = await openTestApi((context) => {
    Object.assign(context.recordings, {
      list: (filter: Narrowed, cursor: string | null, limit: number) => {
        const { direction, minDurationMs, maxDurationMs, ...rest } = filter;
        return catalogue.listRecordings(
          {
            ...inCatalogue(rest),
            direction: direction === undefined ? undefined : [direction as 'IN'],
            durationMinMs: minDurationMs,
            durationMaxMs: maxDurationMs,
          },
          { cursor: cursor ?? undefined, limit },
        );
      },
      get: async (id: string) => (await catalogue.getRecording({ accountIds: null }, id)) ?? undefined,
      conversation: (whose: Narrowed, id: string) => catalogue.recordingsOfConversation(inCatalogue(whose), id),
    });
  });
}, 60_000);
afterAll(async () => {
  await api.app.close();
  await test.close();
});

interface Narrowed {
  readonly accountIds: readonly string[] | null;
  readonly userId: string | null;
  readonly direction?: string;
  readonly minDurationMs?: number;
  readonly maxDurationMs?: number;
}

const inCatalogue = ({ userId, ...rest }: Narrowed) => ({ ...rest, userId: userId ?? undefined });

const get = (path: string) => api.app.inject({ url: `/api/v1${path}`, headers: api.cookie });
const listed = async (query: string): Promise<string[]> =>
  (await get(`/recordings?${query}`)).json<{ items: { id: string }[] }>().items.map((item) => item.id);

describe('recordings out of the catalogue', () => {
  it('come newest first, page by page, each once', async () => {
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null;) {
      const page: { items: { id: string }[]; next: string | null } = (
        await get(`/recordings?limit=3${next === '' ? '' : `&cursor=${next}`}`)
      ).json();
      seen.push(...page.items.map((item) => item.id));
      next = page.next;
    }
    expect(seen).toEqual(ids);
  });

  it('are filtered by each parameter', async () => {
    expect(await listed('direction=OUT')).toEqual([ids[1], ids[3], ids[5]]);
    expect(await listed('from=2026-03-03T00:00:00Z&to=2026-03-05T00:00:00Z')).toEqual([ids[3], ids[4]]);
    expect(await listed('minDuration=30&maxDuration=40')).toEqual([ids[3], ids[4]]);
    expect(await listed(`q=${encodeURIComponent('älice 2')}`)).toEqual([ids[4]]);
    expect(await listed('number=%2B15550103')).toEqual([ids[3]]);
    expect(await listed('party=Bob&direction=IN')).toHaveLength(4);
    expect(await listed('conversation=conversation-1')).toEqual([ids[5], ids[6]]);
    expect(await listed('call=call-4')).toEqual([ids[2]]);
    expect(await listed('unassigned=true')).toEqual([ids[1]]);
    expect(await listed('unassigned=false')).toHaveLength(7);
  });

  it('tell which of the call’s they are, who asked for them, and what is not in them', async () => {
    const at = async (index: number) => (await get(`/recordings/${ids[index]}`)).json<object>();
    expect(await at(2)).toMatchObject({ recording: 2, by: 'hand', asker: 'Carol', askerUserId: 'carol', pauses: [] });
    expect(await at(1)).toMatchObject({ recording: 1, by: 'policy', asker: null, owner: { kind: 'unassigned' } });
    const pause = { offsetMs: 2, lengthMs: 2, mode: 'cut', reason: 'card', asker: 'Carol' };
    expect(await at(0)).toMatchObject({ pauses: [pause], deliveries: [] });
  });

  it('tell of their relatives', async () => {
    const detail = (await get(`/recordings/${ids[6]}`)).json<{ related: { id: string }[]; parties: object[] }>();
    expect(detail.related.map((other) => other.id)).toEqual([ids[5]]);
    expect(detail.parties).toHaveLength(2);
  });

  it('are never a 500, whatever is searched for', async () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('%', '_', '\\', "'", '"', '%%%', '\ud800'),
    );
    const time = fc.constantFrom('0000-01-01T00:00:00Z', '9999-12-31T23:59:60Z', '2026-03-01T09:00:00+14:00');
    const cursor = fc
      .tuple(fc.maxSafeInteger(), fc.string())
      .map(([at, id]) => Buffer.from(`${at}:${id}`).toString('base64url'));
    const query = fc.record({ q: text, party: text, from: time, to: time, inner: cursor }, { requiredKeys: [] });
    await fc.assert(
      fc.asyncProperty(query, async ({ inner, ...rest }) => {
        const parameters = Object.fromEntries(
          Object.entries(rest).map(([name, value]) => [name, value.toWellFormed()]),
        );
        const search = new URLSearchParams(parameters);
        if (inner !== undefined) search.set('cursor', writeCursor([inner], parameters));
        expect((await get(`/recordings?${search.toString()}`)).statusCode).toBeLessThan(500);
      }),
      { numRuns: 200, examples: [[{ inner: Buffer.from('-999999999999999:a').toString('base64url') }]] },
    );
  });
});

describe('access in the database', () => {
  it('goes the whole way: link, session, token, audit', async () => {
    const access = new Access({
      store: sqlAccessStore(test.catalogue.db),
      clock: api.context.clock,
      random: systemRandom,
      localToken: null,
      cost: { memory: 64, passes: 1, parallelism: 1 },
    });
    const person = { name: 'Carol', login: 'carol', password: 'correct horse battery' };
    const opened = await access.setUp(await access.createSetupLink(), person, '192.0.2.1');
    expect(await access.bySession(opened.secret, true)).toMatchObject({ actor: { user: { login: 'carol' } } });
    const { secret } = await access.tokens.create(opened.actor, { name: 'export', scope: 'read', expiresInDays: 1 });
    expect(await access.byToken(secret, false)).toMatchObject({ scope: 'read', user: { login: 'carol' } });
    const fresh = await access.changePassword(opened.actor.user.id, person.password, 'another password', '192.0.2.1');
    expect(await access.bySession(opened.secret, true)).toBeNull();
    expect(await access.bySession(fresh.secret, true)).not.toBeNull();
    const [line] = await access.audit.list({ accountIds: null, action: 'setup', limit: 1 });
    expect(line).toMatchObject({ outcome: 'done', actor: { kind: 'user', name: 'carol' }, address: '192.0.2.1' });
  });
});
