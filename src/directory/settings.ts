import { sql, type Kysely } from 'kysely';
import type { Schema } from '../catalogue/schema.ts';
import { record } from './change/record.ts';
import { bumpVersion, readVersion } from './version.ts';

/** The account that holds what is set for the whole platform. */
const PLATFORM = 'main';
const NOTICE = 'notice_acknowledged';

/** What everybody sees of the platform's settings. */
export interface Settings {
  /** Raised by each change; the recorder and other administrators tell by it whether they are up to date. */
  readonly version: number;
  readonly noticeAcknowledged: boolean;
}

export interface SettingsChange {
  readonly noticeAcknowledged?: true;
}

export async function readSettings(db: Kysely<Schema>): Promise<Settings> {
  const notice = await db
    .selectFrom('settings')
    .select('key')
    .where('account_id', '=', PLATFORM)
    .where('key', '=', NOTICE)
    .executeTakeFirst();
  return { version: await readVersion(db), noticeAcknowledged: notice !== undefined };
}

/**
 * Makes a change if nobody was faster; audited, with the value before.
 * @param version that the change was made from
 * @returns false when `version` is not the newest any more; nothing is changed then
 */
export async function changeSettings(
  db: Kysely<Schema>,
  version: number,
  change: SettingsChange,
  actor: string,
): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    // One change at a time, also the first, for which there is no row to lock.
    await sql`lock table settings in share row exclusive mode`.execute(transaction);
    const current = await readSettings(transaction);
    if (current.version !== version) return false;
    if (change.noticeAcknowledged === true && !current.noticeAcknowledged) {
      const value = JSON.stringify({ by: actor });
      await transaction.insertInto('settings').values({ account_id: PLATFORM, key: NOTICE, value }).execute();
      const author = { id: actor, name: actor };
      const detail = { before: null, after: { by: actor } };
      await record(transaction, author, { accountId: null, action: 'setting.changed', subject: NOTICE, detail });
    }
    await bumpVersion(transaction);
    return true;
  });
}
