import type { Kysely } from 'kysely';
import type { Schema } from '../catalogue/schema.ts';
import { identityOf } from './sql-identity.ts';
import { type AccessStore, isScope, type TokenRow } from './store.ts';

type TokenPart = Pick<AccessStore, 'createToken' | 'tokenByHash' | 'listTokens' | 'deleteToken' | 'touchToken'>;

interface TokenColumns {
  id: string;
  account_id: string;
  name: string;
  role: string;
  created_at: Date;
  used_at: Date | null;
  expires_at: Date | null;
}

export function tokenStore(db: Kysely<Schema>): TokenPart {
  const tokens = () =>
    db
      .selectFrom('tokens as t')
      .leftJoin('users as u', 'u.id', 't.user_id')
      .select(['t.id', 't.account_id', 't.name', 't.role', 't.created_at', 't.used_at', 't.expires_at', 't.user_id'])
      .select([
        'u.login',
        'u.name as user_name',
        'u.role as user_role',
        'u.account_id as user_account',
        'u.disabled_at',
      ]);
  return {
    async createToken(token) {
      const { accountId, scope, userId, createdAt, expiresAt, id, hash, name } = token;
      await db
        .insertInto('tokens')
        .values({
          id,
          hash,
          name,
          role: scope,
          account_id: accountId,
          user_id: userId,
          created_at: createdAt,
          expires_at: expiresAt,
          used_at: null,
        })
        .execute();
    },
    async tokenByHash(hash) {
      const row = await tokens().where('t.hash', '=', hash).executeTakeFirst();
      const token = row === undefined ? undefined : tokenOf(row, row.login);
      if (row === undefined || token === undefined || row.disabled_at !== null) return undefined;
      if (row.user_id === null) return { ...token, user: null };
      const { login, user_name: name, user_role: role, user_account: account } = row;
      if (login === null || name === null || role === null || account === null) return undefined;
      const user = identityOf({ id: row.user_id, login, name, role, account_id: account });
      return user === undefined ? undefined : { ...token, user };
    },
    async listTokens(accountId) {
      const query = tokens().orderBy('t.created_at', 'desc').orderBy('t.id');
      const rows = await (accountId === null ? query : query.where('t.account_id', '=', accountId)).execute();
      return rows.map((row) => tokenOf(row, row.login)).filter((token) => token !== undefined);
    },
    async deleteToken(id, accountId) {
      const query = db.deleteFrom('tokens').where('id', '=', id);
      const result = await (accountId === null ? query : query.where('account_id', '=', accountId)).executeTakeFirst();
      return result.numDeletedRows === 1n;
    },
    async touchToken(id, usedAt) {
      await db.updateTable('tokens').set({ used_at: usedAt }).where('id', '=', id).execute();
    },
  };
}

function tokenOf(row: TokenColumns, createdBy: string | null): TokenRow | undefined {
  if (!isScope(row.role)) return undefined;
  return {
    id: row.id,
    accountId: row.account_id,
    name: row.name,
    scope: row.role,
    createdBy,
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.used_at,
  };
}
