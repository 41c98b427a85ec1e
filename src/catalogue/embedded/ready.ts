import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Client, type ClientConfig } from 'pg';
import type { Clock } from '../../base/clock.ts';
import { EarshotError, messageOf } from '../../base/errors.ts';
import type { SocketTarget } from '../target.ts';
import type { Layout } from './layout.ts';
import type { EmbeddedServer } from './server.ts';

/** The server's own administrator has a password of its own: the program's role can neither read files nor run programs. */
export function administratorPassword(password: string): string {
  return createHash('sha256').update(`postgres administrator ${password}`).digest('base64url');
}

/**
 * Waits until the server answers; recovery after a crash may take a while.
 * @throws EarshotError DATABASE_START when it ended or the time is over, KEY_MISSING when it does not know our password
 */
export async function waitReady(
  server: EmbeddedServer,
  layout: Layout,
  clock: Clock,
  deadlineMs: number,
): Promise<void> {
  const until = clock.mono() + deadlineMs;
  for (;;) {
    const refusal = await tryConnect(administrator(server.target));
    if (refusal === null) return;
    if (/password authentication failed/.test(refusal)) throw strangePassword(layout);
    if (!server.isAlive()) throw ended(layout);
    if (clock.mono() > until) throw notReady(refusal);
    await new Promise<void>((resolve) => void clock.after(50, resolve));
  }
}

async function tryConnect(options: ClientConfig): Promise<string | null> {
  const client = new Client({ ...options, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return null;
  } catch (error) {
    return messageOf(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

function administrator(target: SocketTarget): ClientConfig {
  return {
    host: target.folder,
    user: 'postgres',
    database: 'postgres',
    password: administratorPassword(target.password),
  };
}

/** Makes the program's role and database where they are missing. */
export async function ensureDatabase(target: SocketTarget): Promise<void> {
  const client = new Client(administrator(target));
  client.on('error', () => undefined);
  await client.connect();
  try {
    const role = await client.query('select 1 from pg_roles where rolname = $1', [target.user]);
    if (role.rowCount === 0) {
      await client.query(`create role ${target.user} login password ${client.escapeLiteral(target.password)}`);
    }
    const database = await client.query('select 1 from pg_database where datname = $1', [target.database]);
    if (database.rowCount === 0) await client.query(`create database ${target.database} owner ${target.user}`);
  } finally {
    await client.end();
  }
}

function ended(layout: Layout): EarshotError {
  const said = startMessages(layout);
  const line = said.split('\n').find((text) => /FATAL|PANIC|ERROR|error while loading|unshare:|setpriv:/.test(text));
  if (/No space left/.test(said)) {
    return new EarshotError('DISK_FULL', 'PostgreSQL found no space left.', {
      key: 'EARSHOT_DATA',
      remedy: 'Free at least 200 MB.',
    });
  }
  return new EarshotError('DATABASE_START', `PostgreSQL ended at its start: ${line?.trim() ?? 'see its log'}.`, {
    remedy: `Its log is in ${layout.data}/log and ${layout.startLog}.`,
  });
}

function notReady(refusal: string): EarshotError {
  return new EarshotError('DATABASE_START', `PostgreSQL does not answer: ${refusal}.`, {
    remedy: 'It may be recovering after a crash; start again in some minutes.',
  });
}

function strangePassword(layout: Layout): EarshotError {
  return new EarshotError('KEY_MISSING', `${layout.password} is not the password of ${layout.data}.`, {
    remedy: 'Restore the secrets and the database from the same backup.',
  });
}

/** The last lines that a server wrote before its log file was open. */
function startMessages(layout: Layout): string {
  try {
    return readFileSync(layout.startLog, 'utf8').slice(-4000);
  } catch {
    return '';
  }
}
