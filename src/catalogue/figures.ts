import { sql, type Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** The catalogue in numbers, for metrics and the start page. */
export interface CatalogueFigures {
  /** Estimated from the planner's statistics above some thousands; exact below. */
  readonly recordings: number;
  readonly uncleanedTombstones: number;
  readonly overdue: number;
  readonly databaseBytes: number;
}

const EXACT_UP_TO = 10_000;

export async function catalogueFigures(db: Kysely<Schema>, now: Date): Promise<CatalogueFigures> {
  const { rows } = await sql<{ estimate: number; counted: number; uncleaned: number; overdue: number; bytes: number }>`
    select
      (select reltuples::bigint from pg_class where oid = 'recordings'::regclass) as estimate,
      (select count(*) from (select 1 from recordings limit ${EXACT_UP_TO}) as found) as counted,
      (select count(*) from (select 1 from tombstones where cleaned_at is null limit ${EXACT_UP_TO}) as found) as uncleaned,
      (select count(*) from (select 1 from recordings where retain_until <= ${now} limit ${EXACT_UP_TO}) as found) as overdue,
      pg_database_size(current_database()) as bytes`.execute(db);
  const row = rows[0]!;
  return {
    recordings: row.counted < EXACT_UP_TO ? row.counted : Math.max(row.counted, row.estimate),
    uncleanedTombstones: row.uncleaned,
    overdue: row.overdue,
    databaseBytes: row.bytes,
  };
}

/** Whether there is neither a recording nor a tombstone: then `rebuild` may fill it from the manifests. */
export async function isEmpty(db: Kysely<Schema>): Promise<boolean> {
  const { rows } = await sql<{ used: boolean }>`
    select exists (select 1 from recordings) or exists (select 1 from tombstones) as used`.execute(db);
  return rows[0]?.used === false;
}

/** The next sequential RecordID (F0); gone for good, even when the recording is never committed. */
export async function reserveRecordId(db: Kysely<Schema>): Promise<number> {
  const { rows } = await sql<{ id: number }>`select nextval('recording_ids') as id`.execute(db);
  return rows[0]!.id;
}

/** Makes sure that RecordIDs given out from now on are higher than `floor`; after a rebuild: the highest of the manifests. */
export async function setRecordIdFloor(db: Kysely<Schema>, floor: number): Promise<void> {
  if (floor < 1) return;
  await sql`
    select setval('recording_ids', greatest(${floor}, (select last_value from recording_ids)))
    where ${floor} > (select case when is_called then last_value else 0 end from recording_ids)`.execute(db);
}
