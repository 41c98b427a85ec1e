import { sql, type Kysely, type Transaction } from 'kysely';
import type { Schema } from '../catalogue/schema.ts';

const WHERE = { account_id: 'main', key: 'version' } as const;
/** Any number that is ours alone; the migrations hold the one before. */
const CHANGE_LOCK = 3_277_469;

/** One change of the directory at a time, on all nodes, until the transaction ends. */
export async function lockDirectory(transaction: Transaction<Schema>): Promise<void> {
  await sql`select pg_advisory_xact_lock(${CHANGE_LOCK})`.execute(transaction);
}

/** The version of all settings together; each change raises it. */
export async function readVersion(db: Kysely<Schema>): Promise<number> {
  const row = await db
    .selectFrom('settings')
    .select('value')
    .where('account_id', '=', WHERE.account_id)
    .where('key', '=', WHERE.key)
    .executeTakeFirst();
  return Number(row?.value ?? 1);
}

export async function bumpVersion(transaction: Transaction<Schema>): Promise<number> {
  const row = await transaction
    .insertInto('settings')
    .values({ ...WHERE, value: '2' })
    .onConflict((conflict) =>
      conflict
        .columns(['account_id', 'key'])
        .doUpdateSet({ value: sql`to_jsonb((settings.value #>> '{}')::bigint + 1)`, changed_at: sql`now()` }),
    )
    .returning('value')
    .executeTakeFirstOrThrow();
  return Number(row.value);
}
