import { Migrator } from 'kysely/migration';
import type { Log } from '../base/log.ts';
import { EarshotError } from '../base/errors.ts';
import type { Connection } from './connect.ts';
import { migrations, provider } from './migrations/index.ts';

/** Any number that is ours alone: "earshot" on a telephone keypad. */
const MIGRATION_LOCK = 3_277_468;

/**
 * Brings the schema up to date. Nodes that start at once queue on an advisory lock; the migrations of one run are one transaction.
 * @throws EarshotError DATABASE_VERSION when a newer Earshot has been here
 */
export async function migrate(connection: Connection, log: Log): Promise<void> {
  const client = await connection.pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await refuseNewer(connection);
    const { error, results } = await new Migrator({ db: connection.db, provider }).migrateToLatest();
    for (const result of results ?? [])
      log.info({ migration: result.migrationName, status: result.status }, 'schema changed');
    if (error !== undefined) throw error;
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    client.release();
  }
}

async function refuseNewer({ pool }: Connection): Promise<void> {
  const table = await pool.query<{ found: string | null }>(`select to_regclass('kysely_migration')::text as found`);
  if ((table.rows[0]?.found ?? null) === null) return;
  const applied = await pool.query<{ name: string }>('select name from kysely_migration order by name');
  const unknown = applied.rows.find(({ name }) => !(name in migrations));
  if (unknown === undefined) return;
  throw new EarshotError(
    'DATABASE_VERSION',
    `the database has been used by a newer Earshot (schema ${unknown.name}).`,
    {
      remedy: 'Start that version, or restore a backup made by this one.',
    },
  );
}
