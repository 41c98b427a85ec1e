import { Kysely, PostgresDialect } from 'kysely';
import { Pool, TypeOverrides, types as pgTypes, type ClientConfig } from 'pg';
import { EarshotError, messageOf, systemCode } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { Schema } from './schema.ts';
import { describeTarget, type DatabaseTarget } from './target.ts';

/** pg gives bigint as text; our counters and RecordIDs stay far below 2^53. */
const types = new TypeOverrides();
types.setTypeParser(pgTypes.builtins.INT8, Number);

export interface Connection {
  readonly pool: Pool;
  readonly db: Kysely<Schema>;
}

/** Options of a single connection, for the pool and for the listener. */
export function clientConfig(target: DatabaseTarget): ClientConfig {
  const place: ClientConfig =
    target.kind === 'url'
      ? { connectionString: target.url }
      : { host: target.folder, user: target.user, database: target.database, password: target.password };
  return {
    ...place,
    application_name: 'earshot',
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    types,
  };
}

/** A pool and its query builder. Nothing is connected yet. */
export function openConnection(target: DatabaseTarget, log: Log, connections: number): Connection {
  const pool = new Pool({ ...clientConfig(target), max: connections, idleTimeoutMillis: 60_000 });
  // An idle connection that breaks (server restarted) is replaced at the next query.
  pool.on('error', (error) => log.warn({ error: error.message }, 'a database connection was lost'));
  // One that breaks between two queries of a transaction says so on its own; without a listener that would end the process.
  pool.on('connect', (client) =>
    client.on('error', (error) => log.debug({ error: error.message }, 'a connection broke')),
  );
  return { pool, db: new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) }) };
}

/** Turns a failure to connect into one clear line; anything else is passed on. */
export function asUnreachable(error: unknown, target: DatabaseTarget): unknown {
  if (error instanceof EarshotError || !isConnectionError(error)) return error;
  return new EarshotError('DATABASE_UNREACHABLE', `cannot use ${describeTarget(target)}: ${reasonOf(error)}.`, {
    ...(target.kind === 'url' ? { key: 'DATABASE_URL' } : {}),
    remedy:
      target.kind === 'url'
        ? 'Check host, port, user, password and database, and that the server takes connections from here.'
        : 'The embedded PostgreSQL is not running; its log is in the data folder under postgres/log.',
    cause: error,
  });
}

/** SQLSTATE classes 08 (connection), 28 (authorization), 3D (no such database), 57P (shutting down), 53 (no resources). */
const CONNECTION_STATES = /^(?:08|28|3D|57P|53)/;

/** Whether the database could not be reached or went away, so that the same may work later. */
export function isConnectionError(error: unknown): boolean {
  const code = systemCode(error);
  if (code !== undefined && code.length === 5 && CONNECTION_STATES.test(code)) return true;
  if (code !== undefined && /^E[A-Z]{3,}$|^(?:CERT|DEPTH|SELF|UNABLE|ERR_TLS|ERR_SSL)_/.test(code)) return true;
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|does not support SSL|SASL/.test(
    messageOf(error),
  );
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return messageOf(error);
}
