import { Cron } from 'croner';
import { sql, type Kysely, type Selectable } from 'kysely';
import { FilterParser } from 'ldapts';
import { EarshotError, messageOf } from '../../base/errors.ts';
import type { PlatformEntryTable, Schema } from '../../catalogue/schema.ts';
import type { ChangeParts } from '../change/change.ts';
import { conflict } from '../change/conflict.ts';
import { record } from '../change/record.ts';
import type { ImportCounts, LdapConnection, LdapValue } from '../port.ts';
import type { SecretBox } from '../secret-box.ts';
import type { Author } from '../values.ts';
import { lockDirectory } from '../version.ts';
import type { LdapHosts } from './hosts.ts';

const CONNECTION = 'ldap';
const RUN = 'ldap-run';

/** As it is stored, under the id of its account. */
interface StoredConnection {
  readonly value: LdapValue;
  readonly sealed: string | null;
}

/** How the last synchronisation went. */
export interface LdapRunNote {
  /** Ms since 1970. */
  readonly at: number;
  readonly ok: boolean;
  readonly text: string;
  readonly counts: ImportCounts | null;
}

export interface OpenConnection {
  readonly value: LdapValue;
  readonly password: string | null;
}

export interface ConnectionParts extends ChangeParts {
  readonly box: SecretBox;
  readonly hosts: LdapHosts;
}

export async function readConnection(
  { db, clock }: ChangeParts,
  accountId: string,
): Promise<LdapConnection | undefined> {
  const row = await rowOf(db, CONNECTION, accountId);
  if (row === undefined) return undefined;
  const { value, sealed } = row.value as unknown as StoredConnection;
  const run = (await rowOf(db, RUN, accountId))?.value as LdapRunNote | undefined;
  return {
    revision: row.revision,
    value,
    hasPassword: sealed !== null,
    lastRun: run === undefined ? null : { at: new Date(run.at), ok: run.ok, text: run.text, counts: run.counts },
    nextRun: nextRun(value, new Date(clock.now())),
  };
}

/** @throws EarshotError KEY_INVALID when the password was sealed under another key; NOT_FOUND */
export async function openConnection({ db, box }: ConnectionParts, accountId: string): Promise<OpenConnection> {
  const row = await rowOf(db, CONNECTION, accountId);
  if (row === undefined) throw new EarshotError('NOT_FOUND', 'no directory server is set.', { key: 'accountId' });
  const { value, sealed } = row.value as unknown as StoredConnection;
  return { value, password: sealed === null ? null : box.open(sealed) };
}

/** @param password undefined: stays as it is. @throws EarshotError CONFLICT, BAD_REQUEST, NOT_ALLOWED */
export async function saveConnection(
  parts: ConnectionParts,
  author: Author,
  accountId: string,
  change: { readonly revision: number; readonly value: LdapValue; readonly password: string | null | undefined },
): Promise<void> {
  const { revision, value, password } = change;
  checkConnection(value);
  parts.hosts.check(value.url);
  await parts.db.transaction().execute(async (transaction) => {
    await lockDirectory(transaction);
    const row = await newest(transaction, accountId, revision);
    const before = row?.value as unknown as StoredConnection | undefined;
    if (password === undefined && before !== undefined && before.sealed !== null && isElsewhere(before.value, value)) {
      const message = 'give the password again: it was set for another server, bind DN or encryption.';
      throw new EarshotError('BAD_REQUEST', message, { key: 'password' });
    }
    const kept = before?.sealed ?? null;
    const sealed =
      password === undefined ? kept : password === null || password === '' ? null : parts.box.seal(password);
    await put(transaction, CONNECTION, accountId, { value, sealed }, revision + 1, author.name);
    const detail = { before: before?.value ?? null, after: value };
    await record(transaction, author, { accountId, action: 'ldap.change', subject: accountId, detail });
  });
}

export async function deleteConnection(
  parts: ConnectionParts,
  author: Author,
  accountId: string,
  revision: number,
): Promise<void> {
  await parts.db.transaction().execute(async (transaction) => {
    await lockDirectory(transaction);
    const row = await newest(transaction, accountId, revision);
    if (row === undefined) throw new EarshotError('NOT_FOUND', 'no directory server is set.', { key: 'accountId' });
    await transaction
      .deleteFrom('platform_entries')
      .where('kind', 'in', [CONNECTION, RUN])
      .where('id', '=', accountId)
      .execute();
    const { value } = row.value as unknown as StoredConnection;
    await record(transaction, author, {
      accountId,
      action: 'ldap.delete',
      subject: accountId,
      detail: { before: value },
    });
  });
}

export async function noteRun(db: Kysely<Schema>, accountId: string, run: LdapRunNote): Promise<void> {
  await put(db, RUN, accountId, run, 1, 'system');
}

/** The accounts that are synchronised by themselves, with how it went last. */
export async function scheduledConnections(
  db: Kysely<Schema>,
): Promise<{ accountId: string; value: LdapValue; lastRun: LdapRunNote | null }[]> {
  const rows = await db.selectFrom('platform_entries').selectAll().where('kind', 'in', [CONNECTION, RUN]).execute();
  const runs = new Map(
    rows.filter(({ kind }) => kind === RUN).map((row) => [row.id, row.value as unknown as LdapRunNote]),
  );
  return rows
    .filter(({ kind }) => kind === CONNECTION)
    .map((row) => {
      const { value } = row.value as unknown as StoredConnection;
      return { accountId: row.id, value, lastRun: runs.get(row.id) ?? null };
    });
}

/** @returns null: only by hand */
export function nextRun({ schedule }: LdapValue, after: Date): Date | null {
  if (schedule === undefined || schedule === null) return null;
  return new Cron(schedule, { paused: true }).nextRun(after);
}

/** A password goes only to the server that it was given for, and never with less encryption than it was given for. */
function isElsewhere(before: LdapValue, after: LdapValue): boolean {
  if (before.url !== after.url || before.bindDn !== after.bindDn) return true;
  return after.startTls === false && before.startTls !== false;
}

function checkConnection({ url, filter, groups, schedule, ca, startTls }: LdapValue): void {
  if (!URL.canParse(url) || new URL(url).hostname === '')
    throw wrong('url', `"${url}" is not an address such as ldaps://directory.example.com.`);
  if (url.startsWith('ldaps:') && startTls === true)
    throw wrong('startTls', 'ldaps:// is encrypted already; STARTTLS belongs to ldap://.');
  for (const [key, text] of [
    ['filter', filter],
    ['groups.filter', groups?.filter],
  ] as const) {
    if (text === undefined) continue;
    try {
      FilterParser.parseString(text);
    } catch (error) {
      throw wrong(key, `the filter cannot be read: ${messageOf(error)}`);
    }
  }
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----'))
    throw wrong('ca', 'must be a certificate in PEM form.');
  if (schedule === undefined || schedule === null) return;
  try {
    if (new Cron(schedule, { paused: true }).nextRun() === null) throw new Error('it never comes');
  } catch (error) {
    throw wrong('schedule', `"${schedule}" is not a cron expression: ${messageOf(error)}`);
  }
}

function wrong(key: string, message: string): EarshotError {
  return new EarshotError('BAD_REQUEST', message, { key: `value.${key}` });
}

function rowOf(db: Kysely<Schema>, kind: string, id: string) {
  return db.selectFrom('platform_entries').selectAll().where('kind', '=', kind).where('id', '=', id).executeTakeFirst();
}

async function newest(
  db: Kysely<Schema>,
  accountId: string,
  revision: number,
): Promise<Selectable<PlatformEntryTable> | undefined> {
  const row = await rowOf(db, CONNECTION, accountId);
  if ((row?.revision ?? 0) === revision) return row;
  const { changed_at: changedAt = new Date(0), changed_by: changedBy = 'somebody' } = row ?? {};
  throw conflict({ changedAt, changedBy, revision: row?.revision ?? 0 });
}

async function put(
  db: Kysely<Schema>,
  kind: string,
  id: string,
  value: object,
  revision: number,
  by: string,
): Promise<void> {
  const row = { revision, value: JSON.stringify(value), changed_by: by };
  await db
    .insertInto('platform_entries')
    .values({ kind, id, ...row })
    .onConflict((conflicting) =>
      conflicting.columns(['kind', 'id']).doUpdateSet({ ...row, changed_at: sql<Date>`now()` }),
    )
    .execute();
}
