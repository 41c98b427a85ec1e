import { sql, type Kysely, type Transaction } from 'kysely';
import type { Schema } from './schema.ts';

export type ChangeKind = 'recording.created' | 'recording.changed' | 'recording.deleted' | 'setting.changed';

/** Something in the catalogue that clients may want to look at again. */
export interface Change {
  readonly accountId: string;
  readonly kind: ChangeKind;
  /** The id of what changed. */
  readonly subject: string;
  readonly at: Date;
}

/** The channel of NOTIFY; the payload is empty: it only wakes, the rows tell. */
export const CHANGES_CHANNEL = 'earshot_changes';

/** Writes a change in the transaction that makes it, and wakes the listeners when that commits. */
export async function announce(
  transaction: Transaction<Schema>,
  accountId: string,
  kind: ChangeKind,
  subject: string,
): Promise<void> {
  await transaction.insertInto('changes').values({ account_id: accountId, kind, subject }).execute();
  await sql`select pg_notify(${CHANGES_CHANNEL}, '')`.execute(transaction);
}

/** Where a reader of changes stands; opaque. */
export type ChangeMark = string;

/** The mark of now: only what commits later comes after it. */
export async function currentMark(db: Kysely<Schema>): Promise<ChangeMark> {
  const { rows } = await sql<{ xmin: string }>`select pg_snapshot_xmin(pg_current_snapshot())::text as xmin`.execute(
    db,
  );
  return `${rows[0]?.xmin ?? '0'}.0`;
}

/**
 * What was committed after a mark, oldest first, and the new mark. Rows that an older, still open transaction may precede are left for the
 * next time, so nothing is skipped and nothing comes twice; `more` says that there are such rows, or that the limit cut.
 */
export async function changesSince(
  db: Kysely<Schema>,
  mark: ChangeMark,
  limit = 500,
): Promise<{ changes: Change[]; mark: ChangeMark; more: boolean }> {
  const [xid = '0', seq = '0'] = /^\d+\.\d+$/.test(mark) ? mark.split('.') : [];
  const { rows } = await sql<ChangeRow>`
    select xid::text, seq::text, account_id, kind, subject, at, xid < pg_snapshot_xmin(pg_current_snapshot()) as settled
    from changes where (xid, seq) > (${xid}::xid8, ${seq}::bigint) order by xid, seq limit ${limit}`.execute(db);
  const settled = rows.filter((row) => row.settled);
  const last = settled.at(-1);
  return {
    changes: settled.map((row) => ({ accountId: row.account_id, kind: row.kind, subject: row.subject, at: row.at })),
    mark: last === undefined ? mark : `${last.xid}.${last.seq}`,
    more: settled.length < rows.length || rows.length === limit,
  };
}

interface ChangeRow {
  xid: string;
  seq: string;
  account_id: string;
  kind: ChangeKind;
  subject: string;
  at: Date;
  settled: boolean;
}

/** Forgets changes that no live client can still be waiting for. */
export async function pruneChanges(db: Kysely<Schema>, before: Date): Promise<number> {
  const result = await db.deleteFrom('changes').where('at', '<', before).executeTakeFirst();
  return Number(result.numDeletedRows);
}
