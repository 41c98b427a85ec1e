import { sql, type Kysely } from 'kysely';
import { EarshotError } from '../base/errors.ts';
import type { TrunkConfig } from '../base/trunks.ts';
import type { Schema } from '../catalogue/schema.ts';
import type { ChangeParts } from './change/change.ts';
import { conflict } from './change/conflict.ts';
import { record } from './change/record.ts';
import type { Trunk, TrunkValue } from './port.ts';
import type { SecretBox } from './secret-box.ts';
import { type StoredTrunk, storedTrunk, trunkConfig, visibleTrunk } from './stored-trunk.ts';
import type { Author } from './values.ts';
import { bumpVersion, lockDirectory } from './version.ts';

export interface TrunkParts extends ChangeParts {
  readonly box: SecretBox;
  /** Those of the settings file. */
  readonly fromFile: readonly TrunkConfig[];
}

/** Those of the settings file first, then those made here, by name. */
export async function listTrunks({ db, fromFile }: TrunkParts): Promise<Trunk[]> {
  const rows = await db.selectFrom('platform_entries').selectAll().where('kind', '=', 'trunk').orderBy('id').execute();
  const names = new Set(fromFile.map(({ name }) => name));
  const made = rows.map((row): Trunk => {
    const stored = row.value as unknown as StoredTrunk;
    const { revision, changed_at: changedAt, changed_by: changedBy } = row;
    return { name: row.id, revision, value: visibleTrunk(stored), isFromFile: names.has(row.id), changedAt, changedBy };
  });
  const listed = fromFile.map((config): Trunk => {
    const own = made.find(({ name }) => name === config.name);
    const { accountIds } = own?.value ?? {};
    const value = { ...fileValue(config), ...(accountIds === undefined ? {} : { accountIds }) };
    const { revision = 0, changedAt = null, changedBy = null } = own ?? {};
    return { name: config.name, revision, value, isFromFile: true, changedAt, changedBy };
  });
  return [...listed, ...made.filter(({ isFromFile }) => !isFromFile)];
}

function fileValue({ name: _name, digest, ...fields }: TrunkConfig): TrunkValue {
  return { ...fields, digest: digest === null ? null : { username: digest.username } };
}

export async function createTrunk(parts: TrunkParts, author: Author, name: string, value: TrunkValue): Promise<Trunk> {
  await change(parts, author, 'trunks.create', name, async (db) => {
    if ((await find(parts, db, name)) !== undefined)
      throw new EarshotError('CONFLICT', `${name} is taken already.`, { key: 'name' });
    const stored = storedTrunk(value, null, parts.box);
    trunkConfig(name, stored, parts.box);
    await needAccounts(db, stored);
    await put(db, author, name, 1, stored);
    return { before: null, after: visibleTrunk(stored) };
  });
  return needTrunk(parts, name);
}

export async function changeTrunk(
  parts: TrunkParts,
  author: Author,
  name: string,
  revision: number,
  value: TrunkValue,
): Promise<Trunk> {
  await change(parts, author, 'trunks.change', name, async (db) => {
    const current = await newest(parts, db, name, revision);
    const before = await storedOf(db, name);
    const stored = current.isFromFile ? ofFile(current, value) : storedTrunk(value, before, parts.box);
    if (!current.isFromFile) trunkConfig(name, stored, parts.box);
    await needAccounts(db, stored);
    await put(db, author, name, revision + 1, stored);
    return { before: current.value, after: visibleTrunk(stored) };
  });
  return needTrunk(parts, name);
}

export async function deleteTrunk(parts: TrunkParts, author: Author, name: string, revision: number): Promise<void> {
  await change(parts, author, 'trunks.delete', name, async (db) => {
    const current = await newest(parts, db, name, revision);
    if (current.isFromFile) {
      const remedy = 'Take it out of the file and start anew.';
      throw new EarshotError('CONFLICT', `${name} stands in earshot.yaml.`, { key: 'name', remedy });
    }
    await db.deleteFrom('platform_entries').where('kind', '=', 'trunk').where('id', '=', name).execute();
    return { before: current.value, after: null };
  });
}

/** Of a trunk of the settings file, only the accounts are set here. */
function ofFile(current: Trunk, { accountIds, ...others }: TrunkValue): StoredTrunk {
  const file = current.value as Record<string, unknown>;
  const stranger = Object.entries(others).find(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(file[key] ?? undefined),
  );
  if (stranger !== undefined && !(stranger[1] === null && file[stranger[0]] === undefined)) {
    throw new EarshotError('BAD_REQUEST', `stands in earshot.yaml; only accountIds can be set here.`, {
      key: `value.${stranger[0]}`,
    });
  }
  return accountIds === undefined ? {} : { accountIds };
}

async function change(
  parts: TrunkParts,
  author: Author,
  action: string,
  name: string,
  work: (db: Kysely<Schema>) => Promise<{ before: TrunkValue | null; after: TrunkValue | null }>,
): Promise<void> {
  await parts.db.transaction().execute(async (transaction) => {
    await lockDirectory(transaction);
    const detail = await work(transaction);
    await bumpVersion(transaction);
    await record(transaction, author, { accountId: null, action, subject: name, detail });
  });
  await parts.onChanged();
}

async function put(
  db: Kysely<Schema>,
  author: Author,
  name: string,
  revision: number,
  stored: StoredTrunk,
): Promise<void> {
  const row = { revision, value: JSON.stringify(stored), changed_by: author.name };
  await db
    .insertInto('platform_entries')
    .values({ kind: 'trunk', id: name, ...row })
    .onConflict((conflicting) =>
      conflicting.columns(['kind', 'id']).doUpdateSet({ ...row, changed_at: sql<Date>`now()` }),
    )
    .execute();
}

async function needAccounts(db: Kysely<Schema>, { accountIds = [] }: StoredTrunk): Promise<void> {
  const rows = await db
    .selectFrom('accounts')
    .select('id')
    .where(sql<boolean>`id = any(${[...accountIds]})`)
    .execute();
  const known = new Set(rows.map(({ id }) => id));
  const missing = accountIds.find((id) => !known.has(id));
  if (missing !== undefined)
    throw new EarshotError('BAD_REQUEST', `there is no account ${missing}.`, { key: 'value.accountIds' });
}

async function storedOf(db: Kysely<Schema>, name: string): Promise<StoredTrunk | null> {
  const row = await db
    .selectFrom('platform_entries')
    .select('value')
    .where('kind', '=', 'trunk')
    .where('id', '=', name)
    .executeTakeFirst();
  return (row?.value as StoredTrunk | undefined) ?? null;
}

async function find(parts: TrunkParts, db: Kysely<Schema>, name: string): Promise<Trunk | undefined> {
  return (await listTrunks({ ...parts, db })).find((trunk) => trunk.name === name);
}

async function needTrunk(parts: TrunkParts, name: string, db = parts.db): Promise<Trunk> {
  const trunk = await find(parts, db, name);
  if (trunk === undefined) throw new EarshotError('NOT_FOUND', 'there is no such trunk.', { key: 'name' });
  return trunk;
}

async function newest(parts: TrunkParts, db: Kysely<Schema>, name: string, revision: number): Promise<Trunk> {
  const trunk = await needTrunk(parts, name, db);
  if (trunk.revision !== revision)
    throw conflict({
      ...trunk,
      changedAt: trunk.changedAt ?? new Date(0),
      changedBy: trunk.changedBy ?? 'earshot.yaml',
    });
  return trunk;
}
