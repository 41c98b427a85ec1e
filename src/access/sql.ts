import type { Kysely } from 'kysely';
import { sql } from 'kysely';
import { EarshotError, systemCode } from '../base/errors.ts';
import type { Schema } from '../catalogue/schema.ts';
import { identityOf, type UserColumns } from './sql-identity.ts';
import { listAudit, writeAudit } from './sql-audit.ts';
import { tokenStore } from './sql-tokens.ts';
import type { AccessStore, UserRow } from './store.ts';

/** The store in PostgreSQL, on the tables of the catalogue. */
export function sqlAccessStore(db: Kysely<Schema>): AccessStore {
  return {
    ...userStore(db),
    ...sessionStore(db),
    ...tokenStore(db),
    ...linkStore(db),
    writeAudit: (entry) => writeAudit(db, entry),
    listAudit: (filter) => listAudit(db, filter),
  };
}

type UserPart = Pick<AccessStore, 'countUsers' | 'userByLogin' | 'userById' | 'setPassword'>;
type SessionPart = Pick<
  AccessStore,
  'createSession' | 'sessionByHash' | 'extendSession' | 'deleteSession' | 'deleteExpired'
>;
type LinkPart = Pick<AccessStore, 'createLink' | 'redeemLink'>;

const UNIQUE_VIOLATION = '23505';

function userStore(db: Kysely<Schema>): UserPart {
  const users = () => db.selectFrom('users').selectAll().where('disabled_at', 'is', null);
  return {
    async countUsers() {
      const row = await db
        .selectFrom('users')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return row.count;
    },
    async userByLogin(login) {
      return userOf(
        await users()
          .where(sql`lower(login)`, '=', login.toLowerCase())
          .executeTakeFirst(),
      );
    },
    async userById(id) {
      return userOf(await users().where('id', '=', id).executeTakeFirst());
    },
    async setPassword(userId, passwordHash) {
      await db.transaction().execute(async (tx) => {
        await tx.updateTable('users').set({ password_hash: passwordHash }).where('id', '=', userId).execute();
        await tx.deleteFrom('sessions').where('user_id', '=', userId).execute();
      });
    },
  };
}

function userOf(row: (UserColumns & { password_hash: string | null }) | undefined): UserRow | undefined {
  const identity = row === undefined ? undefined : identityOf(row);
  return identity === undefined || row === undefined ? undefined : { ...identity, passwordHash: row.password_hash };
}

function sessionStore(db: Kysely<Schema>): SessionPart {
  return {
    async createSession(session) {
      await db
        .insertInto('sessions')
        .values({
          hash: session.hash,
          account_id: session.accountId,
          user_id: session.userId,
          created_at: session.createdAt,
          seen_at: session.seenAt,
          expires_at: session.expiresAt,
          address: session.address,
          agent: null,
        })
        .execute();
    },
    async sessionByHash(hash) {
      const row = await db
        .selectFrom('sessions as s')
        .innerJoin('users as u', 'u.id', 's.user_id')
        .select(['s.hash', 's.created_at', 's.seen_at', 's.expires_at'])
        .select(['u.id', 'u.login', 'u.name', 'u.role', 'u.account_id'])
        .where('s.hash', '=', hash)
        .where('u.disabled_at', 'is', null)
        .executeTakeFirst();
      const user = row === undefined ? undefined : identityOf(row);
      if (row === undefined || user === undefined) return undefined;
      const { created_at: createdAt, seen_at: seenAt, expires_at: expiresAt } = row;
      return { hash, userId: user.id, accountId: user.accountId, createdAt, seenAt, expiresAt, user };
    },
    async extendSession(hash, seenAt, expiresAt) {
      await db
        .updateTable('sessions')
        .set({ seen_at: seenAt, expires_at: expiresAt })
        .where('hash', '=', hash)
        .execute();
    },
    async deleteSession(hash) {
      await db.deleteFrom('sessions').where('hash', '=', hash).execute();
    },
    async deleteExpired(now) {
      await db.deleteFrom('sessions').where('expires_at', '<=', now).execute();
      await db.deleteFrom('links').where('expires_at', '<=', now).execute();
    },
  };
}

function linkStore(db: Kysely<Schema>): LinkPart {
  return {
    async createLink(link) {
      await db
        .insertInto('links')
        .values({
          hash: link.hash,
          account_id: link.accountId,
          purpose: 'administrator',
          user_id: null,
          created_at: link.createdAt,
          expires_at: link.expiresAt,
          used_at: null,
        })
        .execute();
    },
    async redeemLink(hash, now, user) {
      try {
        return await db.transaction().execute(async (tx) => {
          const used = await tx
            .updateTable('links')
            .set({ used_at: now })
            .where('hash', '=', hash)
            .where('purpose', '=', 'administrator')
            .where('used_at', 'is', null)
            .where('expires_at', '>', now)
            .executeTakeFirst();
          if (used.numUpdatedRows !== 1n) return false;
          const { accountId, passwordHash, ...rest } = user;
          await tx
            .insertInto('users')
            .values({ ...rest, account_id: accountId, password_hash: passwordHash, disabled_at: null, created_at: now })
            .execute();
          return true;
        });
      } catch (error) {
        if (systemCode(error) !== UNIQUE_VIOLATION) throw error;
        throw new EarshotError('CONFLICT', 'this login is taken.', { key: 'login', remedy: 'Choose another.' });
      }
    },
  };
}
