import { sql, type Kysely, type Transaction } from 'kysely';
import { announce } from './changes.ts';
import { pageOf, pageSize, readCursor, type Page } from './cursor.ts';
import { within, type Reach } from './reach.ts';
import type { PageRequest } from './recordings.ts';
import type { Schema } from './schema.ts';

export interface Deletion {
  readonly accountId: string;
  readonly id: string;
  /** Who wanted it, as in the audit log: a user's id, `retention` … */
  readonly actor: string;
  readonly reason: 'user' | 'retention' | 'policy';
}

/** What is left of a deleted recording. */
export interface Tombstone {
  readonly id: string;
  readonly recordId: number;
  readonly accountId: string;
  /** Null, as the next two: it was found in the vault by a rebuild, and all is gone but the tombstone. */
  readonly callId: string | null;
  readonly startedAt: Date | null;
  readonly durationMs: number | null;
  readonly objectKey: string | null;
  readonly manifestKey: string;
  readonly manifestSha256: string;
  readonly reason: string;
  readonly actor: string;
  readonly deletedAt: Date;
  /** Null = its objects have still to be removed from the vault. */
  readonly cleanedAt: Date | null;
}

/**
 * Takes a recording out of the catalogue and leaves a tombstone, with an audit entry, in one transaction. The objects are removed
 * afterwards by whoever looks at {@link uncleanedTombstones}, so a crash in between loses no deletion.
 * @returns the tombstone, or null when there is no such recording
 */
export async function deleteRecording(db: Kysely<Schema>, deletion: Deletion, now: Date): Promise<Tombstone | null> {
  return db.transaction().execute(async (transaction) => {
    const row = await transaction
      .deleteFrom('recordings')
      .where('account_id', '=', deletion.accountId)
      .where('id', '=', deletion.id)
      .returning([
        'id',
        'record_id',
        'account_id',
        'call_id',
        'started_at',
        'duration_ms',
        'object_key',
        'manifest_key',
        'manifest_sha256',
      ])
      .executeTakeFirst();
    if (row === undefined) return null;
    await lookForOthers(transaction, row.call_id);
    const tombstone = { ...row, reason: deletion.reason, actor: deletion.actor, deleted_at: now, cleaned_at: null };
    await transaction.insertInto('tombstones').values(tombstone).execute();
    await transaction
      .insertInto('audit')
      .values({
        account_id: deletion.accountId,
        actor: deletion.actor,
        action: 'recording.deleted',
        subject: deletion.id,
        detail: JSON.stringify({
          recordId: row.record_id,
          reason: deletion.reason,
          manifestSha256: row.manifest_sha256,
        }),
      })
      .execute();
    await announce(transaction, deletion.accountId, 'recording.deleted', deletion.id);
    return tombstoneOf(tombstone);
  });
}

/**
 * Puts in a tombstone that was found in the vault, unless it is known: what was deleted stays deleted when the catalogue is made anew. A row of
 * that recording goes.
 */
export async function insertTombstone(db: Kysely<Schema>, tombstone: Tombstone): Promise<boolean> {
  const { id, recordId, accountId, callId, startedAt, durationMs, objectKey, manifestKey, manifestSha256 } = tombstone;
  return db.transaction().execute(async (transaction) => {
    const row = await transaction
      .insertInto('tombstones')
      .values({
        id,
        record_id: recordId,
        account_id: accountId,
        call_id: callId,
        started_at: startedAt,
        duration_ms: durationMs,
        object_key: objectKey,
        manifest_key: manifestKey,
        manifest_sha256: manifestSha256,
        reason: tombstone.reason,
        actor: tombstone.actor,
        deleted_at: tombstone.deletedAt,
        cleaned_at: tombstone.cleanedAt,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst();
    if (row === undefined) return false;
    const gone = await transaction
      .deleteFrom('recordings')
      .where('id', '=', id)
      .returning('call_id')
      .executeTakeFirst();
    if (gone !== undefined) await lookForOthers(transaction, gone.call_id);
    return true;
  });
}

/** A recording of the call is gone: whether there are others is what the journal of calls goes by. */
async function lookForOthers(transaction: Transaction<Schema>, callId: string): Promise<void> {
  await transaction
    .updateTable('calls')
    .set({ has_recordings: sql`exists (select 1 from recordings where call_id = ${callId})` })
    .where('id', '=', callId)
    .execute();
}

/** Tombstones whose objects are still in the vault, oldest first. */
export async function uncleanedTombstones(db: Kysely<Schema>, limit = 100): Promise<Tombstone[]> {
  const rows = await db
    .selectFrom('tombstones')
    .selectAll()
    .where('cleaned_at', 'is', null)
    .orderBy('deleted_at')
    .limit(limit)
    .execute();
  return rows.map(tombstoneOf);
}

/** The objects of a tombstone are gone. */
export async function markCleaned(db: Kysely<Schema>, id: string, now: Date): Promise<void> {
  await db
    .updateTable('tombstones')
    .set({ cleaned_at: now })
    .where('id', '=', id)
    .where('cleaned_at', 'is', null)
    .execute();
}

/** A page of tombstones, the last deleted first. */
export async function listTombstones(
  db: Kysely<Schema>,
  reach: Reach,
  page: PageRequest = {},
): Promise<Page<Tombstone>> {
  const limit = pageSize(page.limit);
  let query = db
    .selectFrom('tombstones')
    .selectAll()
    .where(within(reach, 'account_id'))
    .orderBy('deleted_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (page.cursor !== undefined) {
    const { at, id } = readCursor(page.cursor);
    query = query.where(sql<boolean>`(deleted_at, id) < (${at}, ${id})`);
  }
  const rows = await query.execute();
  return pageOf(rows.map(tombstoneOf), limit, (row) => ({ at: row.deletedAt, id: row.id }));
}

export interface DueRecording {
  readonly id: string;
  readonly accountId: string;
  readonly retainUntil: Date;
}

/** Recordings whose time of keeping is over, the longest overdue first. */
export async function dueForDeletion(db: Kysely<Schema>, now: Date, limit = 100): Promise<DueRecording[]> {
  const rows = await db
    .selectFrom('recordings')
    .select(['id', 'account_id', 'retain_until'])
    .where('retain_until', '<=', now)
    .orderBy('retain_until')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ id: row.id, accountId: row.account_id, retainUntil: row.retain_until! }));
}

interface TombstoneRow {
  id: string;
  record_id: number;
  account_id: string;
  call_id: string | null;
  started_at: Date | null;
  duration_ms: number | null;
  object_key: string | null;
  manifest_key: string;
  manifest_sha256: string;
  reason: string;
  actor: string;
  deleted_at: Date;
  cleaned_at: Date | null;
}

function tombstoneOf(row: TombstoneRow): Tombstone {
  return {
    id: row.id,
    recordId: row.record_id,
    accountId: row.account_id,
    callId: row.call_id,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    objectKey: row.object_key,
    manifestKey: row.manifest_key,
    manifestSha256: row.manifest_sha256,
    reason: row.reason,
    actor: row.actor,
    deletedAt: row.deleted_at,
    cleanedAt: row.cleaned_at,
  };
}
