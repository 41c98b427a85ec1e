import type { Kysely } from 'kysely';
import type { Schema } from '../catalogue/schema.ts';
import { identityOf, selectPeople } from './sql-identity.ts';
import type { AccessStore } from './store.ts';

type SessionPart = Pick<
  AccessStore,
  'createSession' | 'sessionByHash' | 'extendSession' | 'deleteSession' | 'deleteExpired'
>;

export function sessionStore(db: Kysely<Schema>): SessionPart {
  return {
    async createSession(session) {
      await db
        .insertInto('sessions')
        .values({
          hash: session.hash,
          user_id: session.userId,
          created_at: session.createdAt,
          seen_at: session.seenAt,
          expires_at: session.expiresAt,
          address: session.address,
          agent: null,
        })
        .execute();
      await db.updateTable('users').set({ seen_at: session.createdAt }).where('id', '=', session.userId).execute();
    },
    async sessionByHash(hash) {
      const row = await selectPeople(db)
        .innerJoin('sessions as s', 's.user_id', 'u.id')
        .select(['s.created_at', 's.seen_at', 's.expires_at'])
        .where('s.hash', '=', hash)
        .where('u.disabled_at', 'is', null)
        .executeTakeFirst();
      const user = row === undefined ? undefined : identityOf(row);
      if (row === undefined || user === undefined) return undefined;
      const { created_at: createdAt, seen_at: seenAt, expires_at: expiresAt } = row;
      return { hash, userId: user.id, createdAt, seenAt, expiresAt, user };
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
