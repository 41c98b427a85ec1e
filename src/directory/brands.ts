import { sql, type Kysely, type Selectable } from 'kysely';
import { EarshotError } from '../base/errors.ts';
import { opaqueId } from '../base/ids.ts';
import type { BrandTable, Schema } from '../catalogue/schema.ts';
import type { ChangeParts } from './change/change.ts';
import { conflict } from './change/conflict.ts';
import { record } from './change/record.ts';
import type { Author, Brand } from './values.ts';
import { bumpVersion, lockDirectory } from './version.ts';

const OF_PLATFORM = { accountId: null } as const;

export async function listBrands(db: Kysely<Schema>): Promise<Brand[]> {
  const rows = await db
    .selectFrom('brands')
    .selectAll()
    .orderBy(sql`lower(name)`)
    .execute();
  return rows.map(brandOf);
}

export async function getBrand(db: Kysely<Schema>, id: string): Promise<Brand | undefined> {
  const row = await db.selectFrom('brands').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : brandOf(row);
}

export async function createBrand(parts: ChangeParts, author: Author, text: string): Promise<Brand> {
  const id = opaqueId(parts.random);
  const name = text.trim();
  const row = await parts.db.transaction().execute(async (transaction) => {
    await lockDirectory(transaction);
    await refuseTaken(transaction, name, id);
    await bumpVersion(transaction);
    await record(transaction, author, { ...OF_PLATFORM, action: 'brands.create', subject: id, detail: { name } });
    return transaction
      .insertInto('brands')
      .values({ id, name, changed_by: author.name })
      .returningAll()
      .executeTakeFirstOrThrow();
  });
  await parts.onChanged();
  return brandOf(row);
}

export async function changeBrand(
  parts: ChangeParts,
  author: Author,
  id: string,
  revision: number,
  text: string,
): Promise<Brand> {
  const name = text.trim();
  const row = await parts.db.transaction().execute(async (transaction) => {
    await lockDirectory(transaction);
    const before = await newest(transaction, id, revision);
    await refuseTaken(transaction, name, id);
    await bumpVersion(transaction);
    const detail = { before: before.name, after: name };
    await record(transaction, author, { ...OF_PLATFORM, action: 'brands.change', subject: id, detail });
    return transaction
      .updateTable('brands')
      .set({ name, revision: revision + 1, changed_at: sql<Date>`now()`, changed_by: author.name })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
  });
  await parts.onChanged();
  return brandOf(row);
}

export async function deleteBrand(parts: ChangeParts, author: Author, id: string, revision: number): Promise<void> {
  await parts.db.transaction().execute(async (transaction) => {
    await lockDirectory(transaction);
    const { name } = await newest(transaction, id, revision);
    const { rows } = await sql<{ accounts: number; people: number }>`
      select (select count(*) from accounts where brand_id = ${id}) as accounts,
        (select count(*) from users where brand_id = ${id}) as people`.execute(transaction);
    const { accounts = 0, people = 0 } = rows[0] ?? {};
    if (accounts + people > 0) {
      const text = `${name} cannot be deleted: it has ${accounts} accounts and ${people} people who sign in.`;
      throw new EarshotError('CONFLICT', text, { key: 'id' });
    }
    await bumpVersion(transaction);
    await record(transaction, author, { ...OF_PLATFORM, action: 'brands.delete', subject: id, detail: { name } });
    await transaction.deleteFrom('brands').where('id', '=', id).execute();
  });
  await parts.onChanged();
}

async function newest(db: Kysely<Schema>, id: string, revision: number): Promise<Brand> {
  const brand = await getBrand(db, id);
  if (brand === undefined) throw new EarshotError('NOT_FOUND', 'there is no such brand.', { key: 'id' });
  if (brand.revision !== revision) throw conflict(brand);
  return brand;
}

async function refuseTaken(db: Kysely<Schema>, name: string, id: string): Promise<void> {
  if (name === '') throw new EarshotError('BAD_REQUEST', 'a brand needs a name.', { key: 'name' });
  const other = await db
    .selectFrom('brands')
    .select('id')
    .where(sql`lower(name)`, '=', name.toLowerCase())
    .where('id', '<>', id)
    .executeTakeFirst();
  if (other !== undefined) throw new EarshotError('CONFLICT', `${name} is taken already.`, { key: 'name' });
}

function brandOf(row: Selectable<BrandTable>): Brand {
  const { id, name, revision } = row;
  return { id, name, revision, changedAt: row.changed_at, changedBy: row.changed_by };
}
