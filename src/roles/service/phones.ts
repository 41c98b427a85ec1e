import { sql } from 'kysely';
import type { PhoneRanges, PhoneSource } from '../../api/phone/port.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';

const KEY = 'phone_ranges';
const NONE: PhoneRanges = { revision: 0, ranges: [] };

/** Where phones stand that press record without a token (S6), a setting of each account. */
export function phoneSource({ db }: Catalogue): PhoneSource {
  const settings = () => db.selectFrom('settings').select(['account_id', 'value']).where('key', '=', KEY);
  return {
    async all() {
      const rows = await settings().execute();
      return rows.map((row) => ({ accountId: row.account_id, ...(row.value as unknown as PhoneRanges) }));
    },
    async read(accountId) {
      const row = await settings().where('account_id', '=', accountId).executeTakeFirst();
      return row === undefined ? NONE : (row.value as unknown as PhoneRanges);
    },
    async change(accountId, { revision, ranges }) {
      const next: PhoneRanges = { revision: revision + 1, ranges: [...new Set(ranges)] };
      const value = JSON.stringify(next);
      const row = { account_id: accountId, key: KEY, value, changed_at: new Date() };
      const written =
        revision === 0
          ? await db
              .insertInto('settings')
              .values(row)
              .onConflict((conflict) => conflict.doNothing())
              .returning('key')
              .executeTakeFirst()
          : await db
              .updateTable('settings')
              .set(row)
              .where('account_id', '=', accountId)
              .where('key', '=', KEY)
              .where(sql<boolean>`value->'revision' = ${JSON.stringify(revision)}::jsonb`)
              .returning('key')
              .executeTakeFirst();
      return written === undefined ? null : next;
    },
  };
}
