import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Schema } from '../catalogue/schema.ts';
import type { Identity } from './actor.ts';
import { isRole, type PeopleFilter } from './store.ts';

/** The columns of `users` that say who somebody is. */
interface IdentityColumns {
  id: string;
  login: string;
  name: string;
  role: string;
  account_id: string | null;
  brand_id: string | null;
  directory_user_id: string | null;
  brand_accounts: string[] | null;
}

/** Accounts of a brand, in the same query, so that they are as fresh as the rest. `column` holds the brand's id. */
export function accountsOfBrand(column: 'u.brand_id' | 't.brand_id') {
  return sql<
    string[] | null
  >`(select array_agg(a.id order by a.id) from accounts a where a.brand_id = ${sql.ref(column)})`;
}

const COLUMNS = ['u.id', 'u.login', 'u.name', 'u.role', 'u.account_id', 'u.brand_id', 'u.directory_user_id'] as const;

/** People with all that {@link identityOf} wants, under the name `u`. */
export function selectPeople(db: Kysely<Schema>) {
  return db.selectFrom('users as u').select(COLUMNS).select(accountsOfBrand('u.brand_id').as('brand_accounts'));
}

/** Undefined for a role that this version does not know. */
export function identityOf(row: IdentityColumns): Identity | undefined {
  if (!isRole(row.role)) return undefined;
  return {
    id: row.id,
    login: row.login,
    name: row.name,
    role: row.role,
    accountId: row.account_id,
    brandId: row.brand_id,
    userId: row.directory_user_id,
    brandAccountIds: row.brand_accounts ?? [],
  };
}

/** Whether a row of `users as u` or `tokens as t` is among those that are meant. */
export function isMeant(table: 'u' | 't', { accountIds, brandId, userId }: PeopleFilter): RawBuilder<boolean> {
  if (accountIds === null) return sql`true`;
  const column = (name: string) => sql.ref(`${table}.${name}`);
  const inAccounts = sql<boolean>`${column('account_id')} = any(${[...accountIds]}::text[])`;
  if (userId !== null) return sql`${inAccounts} and ${column('directory_user_id')} = ${userId}`;
  return sql`(${inAccounts} or ${column('brand_id')} = ${brandId})`;
}
