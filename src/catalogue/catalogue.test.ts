import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { opaqueId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { Catalogue, MAIN_ACCOUNT } from './catalogue.ts';
import { openTestCatalogue, party, recordingInput, type TestCatalogue } from './testing.ts';

let test: TestCatalogue;
let catalogue: Catalogue;

beforeAll(async () => {
  test = await openTestCatalogue();
  catalogue = test.catalogue;
}, 60_000);
afterAll(async () => test.close());

const accountId = MAIN_ACCOUNT;
const accountIds = [MAIN_ACCOUNT];
const count = async (table: 'recordings' | 'parties' | 'audit' | 'calls' | 'conversations'): Promise<number> =>
  (
    await catalogue.db
      .selectFrom(table)
      .select((from) => from.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
  ).n;

describe('a new catalogue', () => {
  it('has the account Main that visibly records all calls, and no recordings', async () => {
    const rules = await catalogue.db.selectFrom('directory_entries').select(['account_id', 'name']).execute();
    expect(rules).toEqual([{ account_id: accountId, name: 'Record all calls' }]);
    expect(await catalogue.isEmpty()).toBe(true);
  });

  it('is migrated once when several nodes start together', async () => {
    await sql`drop schema public cascade`.execute(catalogue.db);
    await sql`create schema public`.execute(catalogue.db);
    const others = await Promise.all(
      [1, 2, 3].map(() => Catalogue.open({ target: test.server.target, log: silentLog, connections: 2 })),
    );
    await Promise.all(others.map((other) => other.close()));
    expect(await catalogue.isEmpty()).toBe(true);
  });

  it('is not opened when a newer program has changed its schema', async () => {
    await sql`insert into kysely_migration (name, timestamp) values ('9999-later', '')`.execute(catalogue.db);
    await expect(Catalogue.open({ target: test.server.target, log: silentLog })).rejects.toMatchObject({
      code: 'DATABASE_VERSION',
    });
    await sql`delete from kysely_migration where name = '9999-later'`.execute(catalogue.db);
  });
});

describe('inserting', () => {
  it('gives back everything that was put in', async () => {
    const input = recordingInput({ vendorIds: { ucid: '4711' }, warnings: ['metadata unreadable'] });
    expect(await catalogue.insertRecording(input)).toBe('inserted');
    const found = await catalogue.getRecording({ accountIds }, input.id);
    const { call: _call, ...own } = input;
    expect(found).toEqual({ ...own, userIds: [], createdAt: expect.any(Date) as Date });
  });

  it('happens once however often it is tried, and says so', async () => {
    const input = recordingInput();
    const jobs: string[] = [];
    const along = async (): Promise<void> => void jobs.push('job');
    const outcomes = await Promise.all([1, 2, 3, 4].map(() => catalogue.insertRecording(input, along)));
    expect(outcomes.sort()).toEqual(['existing', 'existing', 'existing', 'inserted']);
    expect(jobs).toEqual(['job']);
  });

  it('leaves nothing behind when what goes along with it fails', async () => {
    const before = await Promise.all([count('recordings'), count('calls'), count('conversations'), count('audit')]);
    const failing = catalogue.insertRecording(recordingInput(), () => Promise.reject(new Error('no queue')));
    await expect(failing).rejects.toThrow('no queue');
    expect(await Promise.all([count('recordings'), count('calls'), count('conversations'), count('audit')])).toEqual(
      before,
    );
  });

  it('refuses the RecordID of another recording', async () => {
    const input = recordingInput();
    await catalogue.insertRecording(input);
    const clash = catalogue.insertRecording(recordingInput({ recordId: input.recordId }));
    await expect(clash).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('takes what peers send: U+0000, half surrogates, no parties at all', async () => {
    const strange = recordingInput({
      parties: [party(0, 'A\0lice \uD800', null)],
      tracks: [],
      events: [],
      warnings: ['\0'],
    });
    expect(await catalogue.insertRecording(strange)).toBe('inserted');
    expect((await catalogue.getRecording({ accountIds }, strange.id))?.parties[0]?.name).toBe('A\uFFFDlice \uFFFD');
    expect(await catalogue.insertRecording(recordingInput({ parties: [] }))).toBe('inserted');
  });

  it('takes a call with more events than one statement has parameters for', async () => {
    const at = new Date('2026-03-01T09:00:00Z');
    const events = Array.from({ length: 12_000 }, (_, n) => ({
      at,
      offsetMs: n,
      type: 'stream-held',
      text: String(n),
    }));
    const input = recordingInput({ events });
    await catalogue.insertRecording(input);
    expect((await catalogue.getRecording({ accountIds }, input.id))?.events.at(-1)?.text).toBe('11999');
  });

  it('joins the calls of a conversation, in whatever order they come', async () => {
    const conversationId = opaqueId();
    const second = recordingInput({ conversationId, startedAt: new Date('2026-03-02T09:05:00Z') });
    const first = recordingInput({ conversationId, startedAt: new Date('2026-03-02T09:00:00Z') });
    await catalogue.insertRecording(second);
    await catalogue.insertRecording(first);
    const found = await catalogue.recordingsOfConversation({ accountIds }, conversationId);
    expect(found.map((row) => row.id)).toEqual([first.id, second.id]);
    const { started_at: start } = await catalogue.db
      .selectFrom('conversations')
      .selectAll()
      .where('id', '=', conversationId)
      .executeTakeFirstOrThrow();
    expect(start).toEqual(first.startedAt);
  });
});

describe('RecordIDs', () => {
  it('are never given twice, and go on above the highest of a rebuild', async () => {
    const given = await Promise.all(Array.from({ length: 20 }, () => catalogue.reserveRecordId()));
    expect(new Set(given).size).toBe(20);
    await catalogue.setRecordIdFloor(5000);
    expect(await catalogue.reserveRecordId()).toBe(5001);
    await catalogue.setRecordIdFloor(10);
    expect(await catalogue.reserveRecordId()).toBe(5002);
  });
});

describe('deleting', () => {
  it('leaves a tombstone, an audit entry and nothing else, and cannot be undone by a late retry', async () => {
    const input = recordingInput();
    await catalogue.insertRecording(input);
    const tombstone = await catalogue.deleteRecording({ accountId, id: input.id, actor: 'admin', reason: 'user' });
    expect(tombstone).toMatchObject({ id: input.id, objectKey: input.objectKey, cleanedAt: null });
    expect(await catalogue.getRecording({ accountIds }, input.id)).toBeNull();
    const rest = await sql<{ n: number }>`
      select (select count(*) from parties where recording_id = ${input.id})
        + (select count(*) from tracks where recording_id = ${input.id})
        + (select count(*) from events where recording_id = ${input.id}) as n`.execute(catalogue.db);
    expect(rest.rows[0]?.n).toBe(0);
    const audit = await catalogue.listAudit({ accountId, subject: input.id });
    expect(audit.items.map((entry) => entry.action)).toEqual(['recording.deleted', 'recording.created']);
    expect(await catalogue.insertRecording(input)).toBe('deleted');
    expect(await catalogue.deleteRecording({ accountId, id: input.id, actor: 'admin', reason: 'user' })).toBeNull();
  });

  it('remembers whose objects are still in the vault', async () => {
    const input = recordingInput();
    await catalogue.insertRecording(input);
    await catalogue.deleteRecording({ accountId, id: input.id, actor: 'retention', reason: 'retention' });
    const ids = async (): Promise<string[]> => (await catalogue.uncleanedTombstones()).map((row) => row.id);
    expect(await ids()).toContain(input.id);
    await catalogue.markCleaned(input.id);
    expect(await ids()).not.toContain(input.id);
    expect((await catalogue.listTombstones({ accountIds }, { limit: 1 })).items[0]).toMatchObject({ id: input.id });
  });

  it('is due when the time of keeping is over, not before, and never without one', async () => {
    const now = new Date('2030-01-01T00:00:00Z');
    const due = recordingInput({ retainUntil: now });
    const later = recordingInput({ retainUntil: new Date(now.getTime() + 1) });
    const never = recordingInput();
    for (const input of [due, later, never]) await catalogue.insertRecording(input);
    expect((await catalogue.dueForDeletion(now)).map((row) => row.id)).toEqual([due.id]);
  });
});

describe('accounts', () => {
  it('never see each other', async () => {
    await catalogue.db.insertInto('accounts').values({ id: 'other', name: 'Other' }).execute();
    const input = recordingInput({ accountId: 'other' });
    await catalogue.insertRecording(input);
    expect(await catalogue.getRecording({ accountIds }, input.id)).toBeNull();
    expect(await catalogue.deleteRecording({ accountId, id: input.id, actor: 'admin', reason: 'user' })).toBeNull();
    expect(await catalogue.recordingsOfConversation({ accountIds }, input.conversationId)).toEqual([]);
    expect((await catalogue.listRecordings({ accountIds: ['other'] })).items.map((row) => row.id)).toEqual([input.id]);
  });
});

describe('settings', () => {
  it('are changed and removed with the value before in the audit log', async () => {
    await catalogue.changeSetting({ accountId, key: 'retention_days', value: 30, actor: 'admin' });
    await catalogue.changeSetting({ accountId, key: 'notice', value: true, actor: 'admin' });
    await catalogue.changeSetting({ accountId, key: 'notice', value: undefined, actor: 'admin' });
    expect(await catalogue.listSettings(accountId)).toEqual({ retention_days: 30 });
    const [entry] = (await catalogue.listAudit({ accountId, subject: 'notice' })).items;
    expect(entry).toMatchObject({ actor: 'admin', action: 'setting.changed', detail: { before: true, after: null } });
  });
});

describe('figures', () => {
  it('count what is there', async () => {
    const figures = await catalogue.figures();
    expect(figures.recordings).toBe(await count('recordings'));
    expect(figures.databaseBytes).toBeGreaterThan(1_000_000);
  });
});
