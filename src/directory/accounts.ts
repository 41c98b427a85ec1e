import { sql, type Kysely, type Transaction } from 'kysely';
import { EarshotError } from '../base/errors.ts';
import { opaqueId } from '../base/ids.ts';
import { UNASSIGNED_ACCOUNT } from '../catalogue/catalogue.ts';
import type { Schema } from '../catalogue/schema.ts';
import { type ChangeParts, makeChange } from './change/change.ts';
import { conflict } from './change/conflict.ts';
import { accountOf } from './change/load.ts';
import { record } from './change/record.ts';
import { tidyPolicy } from './check/tidy.ts';
import { policyFaults } from './check/value.ts';
import type { AccountScope, NewAccount } from './port.ts';
import type { Account, Author } from './values.ts';
import { bumpVersion, lockDirectory } from './version.ts';

/** The first account: it holds what is set for the whole platform, and calls of nobody's. */
const MAIN = 'main';

export async function listAccounts(db: Kysely<Schema>, { brandId, accountIds }: AccountScope): Promise<Account[]> {
  let query = db
    .selectFrom('accounts')
    .selectAll()
    .where('id', '!=', UNASSIGNED_ACCOUNT)
    .orderBy(sql`lower(name)`);
  if (brandId !== null) query = query.where('brand_id', '=', brandId);
  if (accountIds !== null) query = query.where(sql<boolean>`id = any(${[...accountIds]})`);
  return (await query.execute()).map(accountOf);
}

export async function getAccount(db: Kysely<Schema>, id: string): Promise<Account | undefined> {
  // That of the calls of nobody has no settings.
  if (id === UNASSIGNED_ACCOUNT) return undefined;
  const row = await db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : accountOf(row);
}

export async function createAccount(parts: ChangeParts, author: Author, account: NewAccount): Promise<Account> {
  const id = opaqueId(parts.random);
  const name = account.name.trim();
  const policy = tidyPolicy(account.policy);
  const [fault] = policyFaults(policy);
  if (fault !== undefined) throw new EarshotError('BAD_REQUEST', fault.message, { key: `policy.${fault.field ?? ''}` });
  if (policy.unassigned?.to === 'catch-all') {
    throw new EarshotError('BAD_REQUEST', 'a new account has no users yet.', { key: 'policy.unassigned' });
  }
  const row = await parts.db.transaction().execute(async (transaction) => {
    await lockDirectory(transaction);
    await refuseTaken(transaction, name, id);
    await needBrand(transaction, account.brandId);
    const version = await bumpVersion(transaction);
    const made = await transaction
      .insertInto('accounts')
      .values({
        id,
        name,
        brand_id: account.brandId,
        policy: JSON.stringify(policy),
        content_version: version,
        changed_by: author.name,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    const detail = { name, brandId: account.brandId, policy };
    await record(transaction, author, { accountId: id, action: 'account.create', subject: id, detail });
    return made;
  });
  await parts.onChanged();
  return accountOf(row);
}

export async function changeAccount(
  parts: ChangeParts,
  author: Author,
  id: string,
  revision: number,
  change: Partial<NewAccount>,
): Promise<Account> {
  await makeChange(parts, {
    author,
    accountId: id,
    action: 'account.change',
    edit: async (draft, transaction) => {
      if (draft.account.revision !== revision) throw conflict(draft.account);
      const { fields } = draft;
      const name = change.name?.trim() ?? fields.name;
      const brandId = change.brandId === undefined ? fields.brandId : change.brandId;
      if (name !== fields.name) await refuseTaken(transaction, name, id);
      if (brandId !== fields.brandId) await needBrand(transaction, brandId);
      draft.setFields({
        name,
        brandId,
        policy: change.policy === undefined ? fields.policy : tidyPolicy(change.policy),
      });
      return { kind: 'account', entryId: id, name };
    },
  });
  const account = await getAccount(parts.db, id);
  if (account === undefined) throw noAccount();
  return account;
}

/** @throws EarshotError CONFLICT naming what is left of it */
export async function deleteAccount(parts: ChangeParts, author: Author, id: string, revision: number): Promise<void> {
  if (id === MAIN)
    throw new EarshotError('CONFLICT', 'the first account cannot be deleted; give it another name instead.');
  await parts.db.transaction().execute(async (transaction) => {
    await lockDirectory(transaction);
    const account = await getAccount(transaction, id);
    if (account === undefined) throw noAccount();
    if (account.revision !== revision) throw conflict(account);
    await refuseUsed(transaction, id);
    await transaction.deleteFrom('platform_entries').where('kind', 'like', 'ldap%').where('id', '=', id).execute();
    await transaction.deleteFrom('settings').where('account_id', '=', id).execute();
    await transaction.deleteFrom('accounts').where('id', '=', id).execute();
    await bumpVersion(transaction);
    const detail = { name: account.name, policy: account.policy };
    await record(transaction, author, { accountId: id, action: 'account.delete', subject: id, detail });
  });
  await parts.onChanged();
}

async function refuseUsed(transaction: Transaction<Schema>, id: string): Promise<void> {
  const { rows } = await sql<{ what: string; n: number }>`
    select 'recordings' as what, count(*) as n from recordings where account_id = ${id}
    union all select 'calls in the journal', count(*) from calls where account_id = ${id}
    union all select 'people who sign in', count(*) from users where account_id = ${id}
    union all select 'tokens', count(*) from tokens where account_id = ${id}
    union all select 'trunks that serve it', count(*) from platform_entries
      where kind = 'trunk' and value -> 'accountIds' ? ${id}
    union all select 'setting of the platform (calls of nobody go to it)', count(*) from platform_entries
      where kind = 'platform' and value ->> 'defaultAccountId' = ${id}`.execute(transaction);
  const left = rows.filter(({ n }) => n > 0).map(({ what, n }) => `${n} ${what}`);
  if (left.length > 0)
    throw new EarshotError('CONFLICT', `the account still has ${left.join(', ')}.`, { key: 'accountId' });
}

async function refuseTaken(db: Kysely<Schema>, name: string, id: string): Promise<void> {
  if (name === '') throw new EarshotError('BAD_REQUEST', 'an account needs a name.', { key: 'name' });
  const other = await db
    .selectFrom('accounts')
    .select('id')
    .where(sql`lower(name)`, '=', name.toLowerCase())
    .where('id', '<>', id)
    .executeTakeFirst();
  if (other !== undefined) throw new EarshotError('CONFLICT', `${name} is taken already.`, { key: 'name' });
}

async function needBrand(db: Kysely<Schema>, brandId: string | null): Promise<void> {
  if (brandId === null) return;
  const brand = await db.selectFrom('brands').select('id').where('id', '=', brandId).executeTakeFirst();
  if (brand === undefined) throw new EarshotError('BAD_REQUEST', 'there is no such brand.', { key: 'brandId' });
}

function noAccount(): EarshotError {
  return new EarshotError('NOT_FOUND', 'there is no such account.', { key: 'accountId' });
}
