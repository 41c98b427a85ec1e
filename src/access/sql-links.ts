import type { Kysely } from 'kysely';
import type { Schema } from '../catalogue/schema.ts';
import { identityOf, selectPeople } from './sql-identity.ts';
import { insertPerson, saying } from './sql-people.ts';
import type { AccessStore } from './store.ts';

type LinkPart = Pick<AccessStore, 'createLink' | 'redeemLink' | 'invitedBy' | 'redeemInvitation'>;

/** One that makes an operator of the platform, and one that gives a person his (new) password. */
const SETUP = 'administrator';
const INVITATION = 'invitation';

export function linkStore(db: Kysely<Schema>): LinkPart {
  return {
    async createLink({ hash, personId, createdAt, expiresAt }) {
      // The newest alone is good: an older one may lie in somebody's mail.
      if (personId !== null) await db.deleteFrom('links').where('user_id', '=', personId).execute();
      await db
        .insertInto('links')
        .values({
          hash,
          purpose: personId === null ? SETUP : INVITATION,
          user_id: personId,
          created_at: createdAt,
          expires_at: expiresAt,
          used_at: null,
        })
        .execute();
    },
    redeemLink: (hash, now, user) =>
      saying(() =>
        db.transaction().execute(async (tx) => {
          if (!(await useUp(tx, hash, SETUP, now))) return false;
          await insertPerson(tx, user, now);
          return true;
        }),
      ),
    invitedBy: (hash, now) => invited(db, hash, now),
    redeemInvitation: (hash, now, passwordHash) =>
      db.transaction().execute(async (tx) => {
        const person = await invited(tx, hash, now);
        if (person === undefined || !(await useUp(tx, hash, INVITATION, now))) return undefined;
        await tx.updateTable('users').set({ password_hash: passwordHash }).where('id', '=', person.id).execute();
        await tx.deleteFrom('sessions').where('user_id', '=', person.id).execute();
        await tx.deleteFrom('links').where('user_id', '=', person.id).where('used_at', 'is', null).execute();
        return person;
      }),
  };
}

async function invited(db: Kysely<Schema>, hash: string, now: Date) {
  const row = await selectPeople(db)
    .innerJoin('links as l', 'l.user_id', 'u.id')
    .where('l.hash', '=', hash)
    .where('l.purpose', '=', INVITATION)
    .where('l.used_at', 'is', null)
    .where('l.expires_at', '>', now)
    .where('u.disabled_at', 'is', null)
    .executeTakeFirst();
  return row === undefined ? undefined : identityOf(row);
}

/** True for one of many that come at the same time. */
async function useUp(db: Kysely<Schema>, hash: string, purpose: string, now: Date): Promise<boolean> {
  const used = await db
    .updateTable('links')
    .set({ used_at: now })
    .where('hash', '=', hash)
    .where('purpose', '=', purpose)
    .where('used_at', 'is', null)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return used.numUpdatedRows === 1n;
}
