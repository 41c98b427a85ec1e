import type { Kysely } from 'kysely';
import type { Schema } from '../catalogue/schema.ts';
import { roleOfIds } from './reach.ts';
import { accountsOfBrand, identityOf, isMeant, selectPeople } from './sql-identity.ts';
import { saying } from './sql-people.ts';
import { type AccessStore, isScope, type TokenRow } from './store.ts';

type TokenPart = Pick<
  AccessStore,
  'createToken' | 'tokenByHash' | 'listTokens' | 'tokenById' | 'deleteToken' | 'touchToken'
>;

interface TokenColumns {
  id: string;
  account_id: string | null;
  brand_id: string | null;
  directory_user_id: string | null;
  brand_accounts: string[] | null;
  name: string;
  scope: string;
  login: string | null;
  created_at: Date;
  used_at: Date | null;
  expires_at: Date | null;
}

function selectTokens(db: Kysely<Schema>) {
  return db
    .selectFrom('tokens as t')
    .leftJoin('users as u', 'u.id', 't.user_id')
    .select(['t.id', 't.account_id', 't.brand_id', 't.directory_user_id', 't.name', 't.scope', 't.user_id'])
    .select(['t.created_at', 't.used_at', 't.expires_at', 'u.login'])
    .select(accountsOfBrand('t.brand_id').as('brand_accounts'));
}

export function tokenStore(db: Kysely<Schema>): TokenPart {
  return {
    async createToken({ id, hash, name, scope, accountId, brandId, userId, makerId, createdAt, expiresAt }) {
      const made = db.insertInto('tokens').values({
        id,
        hash,
        name,
        scope,
        account_id: accountId,
        brand_id: brandId,
        directory_user_id: userId,
        user_id: makerId,
        created_at: createdAt,
        expires_at: expiresAt,
        used_at: null,
      });
      await saying(() => made.execute());
    },
    async tokenByHash(hash) {
      const row = await selectTokens(db).where('t.hash', '=', hash).executeTakeFirst();
      const token = row === undefined ? undefined : tokenOf(row);
      if (row === undefined || token === undefined) return undefined;
      if (row.user_id === null) return { ...token, user: null };
      const maker = await selectPeople(db)
        .where('u.id', '=', row.user_id)
        .where('u.disabled_at', 'is', null)
        .executeTakeFirst();
      const user = maker === undefined ? undefined : identityOf(maker);
      return user === undefined ? undefined : { ...token, user };
    },
    async listTokens(filter) {
      const rows = await selectTokens(db)
        .where(isMeant('t', filter))
        .orderBy('t.created_at', 'desc')
        .orderBy('t.id')
        .execute();
      return rows.map(tokenOf).filter((token) => token !== undefined);
    },
    async tokenById(id) {
      const row = await selectTokens(db).where('t.id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : tokenOf(row);
    },
    async deleteToken(id) {
      const result = await db.deleteFrom('tokens').where('id', '=', id).executeTakeFirst();
      return result.numDeletedRows === 1n;
    },
    async touchToken(id, usedAt) {
      await db.updateTable('tokens').set({ used_at: usedAt }).where('id', '=', id).execute();
    },
  };
}

function tokenOf(row: TokenColumns): TokenRow | undefined {
  if (!isScope(row.scope)) return undefined;
  const place = { accountId: row.account_id, brandId: row.brand_id, userId: row.directory_user_id };
  return {
    ...place,
    role: roleOfIds(place),
    brandAccountIds: row.brand_accounts ?? [],
    id: row.id,
    name: row.name,
    scope: row.scope,
    createdBy: row.login,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.used_at,
  };
}
