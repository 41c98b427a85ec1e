import { type Kysely, sql } from 'kysely';
import { EarshotError, systemCode } from '../base/errors.ts';
import type { Schema } from '../catalogue/schema.ts';
import type { Place } from './actor.ts';
import { identityOf, isMeant, selectPeople } from './sql-identity.ts';
import type { AccessStore, PersonRow, UserRow } from './store.ts';

type PeoplePart = Pick<
  AccessStore,
  | 'countUsers'
  | 'userByLogin'
  | 'userById'
  | 'setPassword'
  | 'listPeople'
  | 'personById'
  | 'createPerson'
  | 'changePerson'
  | 'removePerson'
  | 'hasDirectoryUser'
>;

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';

export function peopleStore(db: Kysely<Schema>): PeoplePart {
  return { ...signInPart(db), ...adminPart(db) };
}

function signInPart(db: Kysely<Schema>): Pick<PeoplePart, 'countUsers' | 'userByLogin' | 'userById' | 'setPassword'> {
  const enabled = () => selectPeople(db).select('u.password_hash').where('u.disabled_at', 'is', null);
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
        await enabled()
          .where(sql`lower(u.login)`, '=', login.toLowerCase())
          .executeTakeFirst(),
      );
    },
    async userById(id) {
      return userOf(await enabled().where('u.id', '=', id).executeTakeFirst());
    },
    async setPassword(userId, passwordHash) {
      await db.transaction().execute(async (tx) => {
        await tx.updateTable('users').set({ password_hash: passwordHash }).where('id', '=', userId).execute();
        await tx.deleteFrom('sessions').where('user_id', '=', userId).execute();
        await tx.deleteFrom('links').where('user_id', '=', userId).execute();
      });
    },
  };
}

function adminPart(db: Kysely<Schema>): Omit<PeoplePart, 'countUsers' | 'userByLogin' | 'userById' | 'setPassword'> {
  const all = () =>
    selectPeople(db)
      .select(['u.disabled_at', 'u.created_at', 'u.seen_at'])
      .select(sql<boolean>`u.password_hash is not null`.as('has_password'));
  return {
    async listPeople(filter) {
      const rows = await all()
        .where(isMeant('u', filter))
        .orderBy(sql`lower(u.login)`)
        .execute();
      return rows.map(personOf).filter((person) => person !== undefined);
    },
    async personById(id) {
      const row = await all().where('u.id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : personOf(row);
    },
    async createPerson(person, now) {
      await saying(() => insertPerson(db, person, now));
    },
    async changePerson(id, { login, name, place, disabledAt }) {
      const set = {
        ...(login === undefined ? {} : { login }),
        ...(name === undefined ? {} : { name }),
        ...(place === undefined ? {} : columnsOf(place)),
        ...(disabledAt === undefined ? {} : { disabled_at: disabledAt }),
      };
      if (Object.keys(set).length === 0) return;
      await saying(() =>
        db.transaction().execute(async (tx) => {
          await tx.updateTable('users').set(set).where('id', '=', id).execute();
          if (place !== undefined || disabledAt !== undefined)
            await tx.deleteFrom('sessions').where('user_id', '=', id).execute();
        }),
      );
    },
    async removePerson(id) {
      const result = await db.deleteFrom('users').where('id', '=', id).executeTakeFirst();
      return result.numDeletedRows === 1n;
    },
    async hasDirectoryUser(accountId, userId) {
      const row = await db
        .selectFrom('directory_entries')
        .select('id')
        .where('account_id', '=', accountId)
        .where('kind', '=', 'users')
        .where('id', '=', userId)
        .executeTakeFirst();
      return row !== undefined;
    },
  };
}

export async function insertPerson(db: Kysely<Schema>, person: UserRow, now: Date): Promise<void> {
  const { id, login, name, passwordHash } = person;
  await db
    .insertInto('users')
    .values({
      id,
      login,
      name,
      password_hash: passwordHash,
      disabled_at: null,
      created_at: now,
      seen_at: null,
      ...columnsOf(person),
    })
    .execute();
}

function columnsOf({ role, accountId, brandId, userId }: Place) {
  return { role, account_id: accountId, brand_id: brandId, directory_user_id: userId };
}

/** What the database refuses, for people. */
export async function saying<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (systemCode(error) === UNIQUE_VIOLATION) {
      throw new EarshotError('CONFLICT', 'this login is taken.', { key: 'login', remedy: 'Choose another.' });
    }
    if (systemCode(error) === FOREIGN_KEY_VIOLATION) {
      throw new EarshotError('NOT_FOUND', 'there is no such account or brand.', { key: 'accountId' });
    }
    throw error;
  }
}

type Row = Parameters<typeof identityOf>[0];

function userOf(row: (Row & { password_hash: string | null }) | undefined): UserRow | undefined {
  const identity = row === undefined ? undefined : identityOf(row);
  return identity === undefined || row === undefined ? undefined : { ...identity, passwordHash: row.password_hash };
}

function personOf(
  row: Row & { disabled_at: Date | null; created_at: Date; seen_at: Date | null; has_password: boolean },
): PersonRow | undefined {
  const identity = identityOf(row);
  if (identity === undefined) return undefined;
  const { disabled_at: disabledAt, created_at: createdAt, seen_at: seenAt, has_password: hasPassword } = row;
  return { ...identity, disabledAt, createdAt, seenAt, hasPassword };
}
