import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { opaqueId } from '../base/ids.ts';
import { type Catalogue, MAIN_ACCOUNT, UNASSIGNED_ACCOUNT } from './catalogue.ts';
import { callInput, openTestCatalogue, party, recordingInput, type TestCatalogue } from './testing.ts';
import type { CallInput, RecordingInput } from './types.ts';

let test: TestCatalogue;
let catalogue: Catalogue;
const accountIds = [MAIN_ACCOUNT];
const OTHER = 'other';

beforeAll(async () => {
  test = await openTestCatalogue();
  catalogue = test.catalogue;
  await catalogue.ensureAccount(OTHER);
}, 60_000);
afterAll(async () => test.close());

const at = (minute: number): Date => new Date(Date.UTC(2026, 2, 1, 9, minute));

/** A call of its own account, so that the tests do not see each other's. */
async function account(): Promise<string> {
  const id = opaqueId();
  await catalogue.ensureAccount(id);
  return id;
}

async function put(change: Partial<CallInput>): Promise<CallInput> {
  const input = callInput(change);
  await catalogue.recordCall(input);
  return input;
}

/** A recording of a call whose parties are these users of the directory. */
async function record(change: Partial<RecordingInput>, ...users: string[]): Promise<RecordingInput> {
  const parties = users.map((userId, position) => ({ ...party(position, userId, null), userId, userName: userId }));
  const input = recordingInput({ ...change, parties });
  await catalogue.insertRecording(input);
  return input;
}

describe('the journal of calls', () => {
  it('has a call once, with the details that came last, and its audit once', async () => {
    const accountId = await account();
    const audit = [{ accountId, actor: 'system', action: 'call.destroyed', subject: 'x' }];
    const input = callInput({ accountId });
    await catalogue.recordCall(input, audit);
    const history = [{ at: 1, mono: 0, facts: { trunk: 'x' }, decision: { verdict: 'forbid' } }];
    await catalogue.recordCall({ ...input, verdict: 'forbid', reason: 'Denied.', history }, audit);
    expect((await catalogue.listCalls({ accountIds: [accountId] })).items).toHaveLength(1);
    const call = await catalogue.getCall({ accountIds: [accountId] }, input.id);
    expect(call).toMatchObject({ ...input, verdict: 'forbid', reason: 'Denied.', history });
    expect(call).toMatchObject({ recordings: [], heldUntil: null, userIds: [] });
    expect((await catalogue.listAudit({ accountId, subject: 'x' })).items).toHaveLength(1);
  });

  it('shows all recordings of a call in one row, also after one was deleted', async () => {
    const accountId = await account();
    const callId = opaqueId();
    const [first, second] = [
      await record({ accountId, callId, recording: 1 }),
      await record({ accountId, callId, recording: 2, by: 'hand', asker: 'Alice' }),
    ];
    const list = async () => (await catalogue.listCalls({ accountIds: [accountId], recorded: true })).items;
    expect(
      (await list()).map(({ recordings }) =>
        recordings.map(({ id, recording, by, asker }) => [id, recording, by, asker]),
      ),
    ).toEqual([
      [
        [first.id, 1, 'policy', null],
        [second.id, 2, 'hand', 'Alice'],
      ],
    ]);
    const remove = (id: string) => catalogue.deleteRecording({ accountId, id, actor: 'a', reason: 'user' });
    await remove(first.id);
    expect((await list())[0]?.recordings.map(({ id }) => id)).toEqual([second.id]);
    await remove(second.id);
    expect(await list()).toEqual([]);
    expect((await catalogue.listCalls({ accountIds: [accountId], recorded: false })).items).toHaveLength(1);
  });

  it('is filtered by all that may be asked, and goes page by page, each once', async () => {
    const accountId = await account();
    const [ignored, forbidden, lucy] = [
      await put({ accountId, startedAt: at(1) }),
      await put({ accountId, startedAt: at(2), verdict: 'forbid', direction: 'OUT' }),
      await put({ accountId, startedAt: at(3), parties: [{ ...callInput().parties[0]!, name: 'Lucy' }] }),
    ];
    const ids = async (filter: object) =>
      (await catalogue.listCalls({ accountIds: [accountId], ...filter })).items.map(({ id }) => id);
    expect(await ids({})).toEqual([lucy.id, forbidden.id, ignored.id]);
    expect(await ids({ verdict: ['forbid'] })).toEqual([forbidden.id]);
    expect(await ids({ verdict: ['forbid', 'ignore'], direction: ['IN'] })).toEqual([lucy.id, ignored.id]);
    expect(await ids({ text: 'lucy' })).toEqual([lucy.id]);
    expect(await ids({ from: at(2), to: at(3) })).toEqual([forbidden.id]);
    expect(await ids({ conversationId: ignored.conversationId })).toEqual([ignored.id]);
    const first = await catalogue.listCalls({ accountIds: [accountId] }, { limit: 2 });
    const next = await catalogue.listCalls({ accountIds: [accountId] }, { limit: 2, cursor: first.next ?? '' });
    expect([...first.items, ...next.items].map(({ id }) => id)).toEqual(await ids({}));
    expect(next.next).toBeNull();
  });

  it('gives the last calls with their facts, for the impact of other settings', async () => {
    const accountId = await account();
    const facts = (trunk: string) => ({ trunk, parties: [], direction: 'IN', vendorIds: {} });
    const history = ['a', 'b'].map((trunk) => ({ at: 0, mono: 0, facts: facts(trunk), decision: {} }));
    const calls = [await put({ accountId, startedAt: at(1), history }), await put({ accountId, startedAt: at(2) })];
    const past = await catalogue.pastCalls(accountId);
    expect(past.map(({ id }) => id)).toEqual([calls[1]!.id, calls[0]!.id]);
    expect(past[1]?.history).toEqual([facts('a'), facts('b')]);
    expect(await catalogue.pastCalls(accountId, 1)).toHaveLength(1);
  });

  it('takes what peers send', async () => {
    const odd = 'A\0\uD800';
    const parties = [{ ...callInput().parties[0]!, name: odd, number: odd }];
    const vendorIds = { [odd]: odd };
    const input = await put({ trunk: odd, reason: odd, parties, vendorIds, history: [{ facts: { trunk: odd } }] });
    expect(await catalogue.getCall({ accountIds }, input.id)).toMatchObject({ trunk: 'A\uFFFD\uFFFD' });
  });
});

describe('whose rows are seen', () => {
  it('none of another account, by any query', async () => {
    const recording = await record({ accountId: OTHER }, 'alice');
    const { callId, id, conversationId } = recording;
    const reaches = [{ accountIds }, { accountIds: [] }, { accountIds, userId: 'alice' }];
    for (const reach of reaches) {
      expect(await catalogue.getCall(reach, callId)).toBeNull();
      expect(await catalogue.getRecording(reach, id)).toBeNull();
      expect(await catalogue.recordingsOfConversation(reach, conversationId)).toEqual([]);
      expect((await catalogue.listCalls(reach)).items.filter((call) => call.id === callId)).toEqual([]);
      expect((await catalogue.listRecordings(reach)).items.filter((row) => row.id === id)).toEqual([]);
      expect(await catalogue.countRecordings({ ...reach, callId })).toBe(0);
      expect(await catalogue.heldCalls(reach, callId)).toEqual([]);
    }
    const all = [{ accountIds: null }, { accountIds: [MAIN_ACCOUNT, OTHER] }, { accountIds: [OTHER], userId: 'alice' }];
    for (const reach of all) {
      expect((await catalogue.getRecording(reach, id))?.id).toBe(id);
      expect((await catalogue.listCalls(reach)).items.map((call) => call.id)).toContain(callId);
    }
  });

  it('by a user: what he takes part in or owns, page by page', async () => {
    const accountId = await account();
    const owner = { kind: 'user' as const, userId: 'bob', name: 'Bob', groupId: 'sales' };
    const mine = [
      await record({ accountId, startedAt: at(1) }, 'bob', 'carol'),
      await record({ accountId, startedAt: at(2), owner }, 'carol'),
      await record({ accountId, startedAt: at(2) }, 'carol', 'bob'),
    ];
    const foreign = await record({ accountId, startedAt: at(3) }, 'carol');
    const reach = { accountIds: [accountId], userId: 'bob' };
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await catalogue.listRecordings(reach, { cursor, limit: 1 });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next ?? undefined;
    } while (cursor !== undefined);
    expect(new Set(seen)).toEqual(new Set(mine.map(({ id }) => id)));
    expect(seen).toHaveLength(3);
    expect(seen.at(-1)).toBe(mine[0]!.id);
    expect((await catalogue.listRecordings({ ...reach, from: at(2) })).items).toHaveLength(2);
    expect(await catalogue.getRecording(reach, foreign.id)).toBeNull();
    expect((await catalogue.getRecording(reach, mine[1]!.id))?.userIds).toEqual(['bob', 'carol']);
    expect((await catalogue.listCalls(reach)).items).toHaveLength(3);
    expect((await catalogue.getCall(reach, mine[0]!.callId))?.userIds).toEqual(['bob', 'carol']);
    expect(await catalogue.recordingsOfConversation(reach, foreign.conversationId)).toEqual([]);
  });

  it('lists what is nobody’s', async () => {
    const owner = { kind: 'unassigned' as const, userId: null, name: null, groupId: null };
    const nobodys = await record({ accountId: UNASSIGNED_ACCOUNT, owner });
    await record({ accountId: UNASSIGNED_ACCOUNT });
    const found = await catalogue.listRecordings({ accountIds: [UNASSIGNED_ACCOUNT], unassigned: true });
    expect(found.items.map(({ id }) => id)).toEqual([nobodys.id]);
  });
});

describe('a held call', () => {
  async function held(until: Date): Promise<CallInput> {
    const input = await put({ accountId: await account() });
    await catalogue.holdCall({ callId: input.id, accountId: input.accountId, until });
    return input;
  }
  const soon = new Date(Date.now() + 3_600_000);
  const word = (callId: string, choice: 'keep' | 'drop' | 'expired') => ({
    callId,
    choice,
    asker: { name: 'Alice' },
    actor: 'user:1',
  });

  it('is listed with its decision until somebody says something, whose word is the first alone', async () => {
    const { id, accountId } = await held(soon);
    const reach = { accountIds: [accountId] };
    expect(await catalogue.heldCalls(reach)).toMatchObject([
      { callId: id, until: soon, decision: { verdict: 'ignore' } },
    ]);
    expect((await catalogue.listCalls(reach)).items[0]?.heldUntil).toEqual(soon);
    const words = ['keep', 'drop', 'keep', 'drop'] as const;
    const taken = await Promise.all(words.map((choice) => catalogue.chooseHeld(word(id, choice))));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect((await catalogue.holdingOf(id))?.choice).toBe(words[taken.indexOf(true)]);
    expect(await catalogue.heldCalls(reach)).toEqual([]);
    expect((await catalogue.listAudit({ accountId, subject: id })).items).toHaveLength(1);
    expect(await catalogue.holdCall({ callId: id, accountId, until: new Date(0) })).toMatchObject({
      until: soon,
      asker: { name: 'Alice' },
    });
  });

  it('cannot be asked for when its time is over, nor expire before', async () => {
    const early = await held(soon);
    expect(await catalogue.chooseHeld(word(early.id, 'expired'))).toBe(false);
    const late = await held(new Date(Date.now() - 1000));
    expect(await catalogue.chooseHeld(word(late.id, 'keep'))).toBe(false);
    expect(await catalogue.chooseHeld(word(late.id, 'expired'))).toBe(true);
    expect(await catalogue.chooseHeld(word('nothing', 'keep'))).toBe(false);
  });

  it('is let go with an audit entry where no word was noted', async () => {
    const { id, accountId } = await held(soon);
    const audit = [{ accountId, actor: 'system', action: 'call.destroyed', subject: id }];
    await catalogue.releaseHeld(id, audit);
    await catalogue.releaseHeld(id, audit);
    expect((await catalogue.listAudit({ accountId, subject: id })).items).toHaveLength(1);
    expect(await catalogue.holdingOf(id)).toBeNull();
  });
});

describe('forgetting', () => {
  it('takes old calls without a recording, and nothing else', async () => {
    const accountId = await account();
    const [old, young, held] = [
      await put({ accountId, startedAt: at(0) }),
      await put({ accountId, startedAt: at(30) }),
      await put({ accountId, startedAt: at(0) }),
    ];
    const recorded = await record({ accountId, startedAt: at(0) });
    await catalogue.holdCall({ callId: held.id, accountId, until: new Date() });
    expect(await catalogue.forgetCalls({ accountId, before: at(10), limit: 10 })).toBe(1);
    const left = (await catalogue.listCalls({ accountIds: [accountId] })).items.map(({ id }) => id);
    expect(new Set(left)).toEqual(new Set([young.id, held.id, recorded.callId]));
    const conversations = await catalogue.db
      .selectFrom('conversations')
      .select('id')
      .where('id', '=', old.id)
      .execute();
    expect(conversations).toEqual([]);
  });

  it('knows for how long each account wants it', async () => {
    const [set, odd] = [await account(), await account()];
    const policy = (value: string) => sql`update accounts set policy = ${value}::jsonb where id =`;
    await sql`${policy('{"notRecordedDays": 7}')} ${set}`.execute(catalogue.db);
    await sql`${policy('{"notRecordedDays": "x"}')} ${odd}`.execute(catalogue.db);
    const days = new Map((await catalogue.notRecordedDays()).map((one) => [one.accountId, one.days]));
    expect([days.get(set), days.get(odd), days.get(MAIN_ACCOUNT)]).toEqual([7, null, null]);
  });
});

describe('tombstones of a rebuild', () => {
  it('come in once, and what they stand for does not come back', async () => {
    const accountId = await account();
    const input = await record({ accountId });
    const tombstone = {
      id: input.id,
      recordId: input.recordId,
      accountId,
      callId: null,
      startedAt: null,
      durationMs: null,
      objectKey: null,
      manifestKey: input.manifestKey,
      manifestSha256: input.manifestSha256,
      reason: 'user',
      actor: 'a',
      deletedAt: at(1),
      cleanedAt: at(1),
    };
    expect(await catalogue.insertTombstone(tombstone)).toBe(true);
    expect(await catalogue.insertTombstone(tombstone)).toBe(false);
    expect(await catalogue.getRecording({ accountIds: null }, input.id)).toBeNull();
    expect(await catalogue.insertRecording(input)).toBe('deleted');
    expect((await catalogue.listTombstones({ accountIds: [accountId] })).items).toEqual([tombstone]);
  });
});
