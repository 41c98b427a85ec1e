import { sql, type Kysely } from 'kysely';
import type { JsonValue } from '../base/json.ts';
import { announce } from './changes.ts';
import type { Schema } from './schema.ts';

/**
 * Settings that people change while it runs, by account: `version` (of all settings of the directory), `notice_acknowledged` (who and when) …
 */
export async function listSettings(db: Kysely<Schema>, accountId: string): Promise<Record<string, JsonValue>> {
  const rows = await db.selectFrom('settings').select(['key', 'value']).where('account_id', '=', accountId).execute();
  return Object.fromEntries(rows.map((row) => [row.key, row.value]));
}

/** Sets a value, or removes the setting with `undefined`; audited with the value before. */
export async function changeSetting(
  db: Kysely<Schema>,
  change: { accountId: string; key: string; value: JsonValue | undefined; actor: string },
): Promise<void> {
  const { accountId, key, value, actor } = change;
  await db.transaction().execute(async (transaction) => {
    const before = await transaction
      .selectFrom('settings')
      .select('value')
      .where('account_id', '=', accountId)
      .where('key', '=', key)
      .forUpdate()
      .executeTakeFirst();
    if (value === undefined) {
      await transaction.deleteFrom('settings').where('account_id', '=', accountId).where('key', '=', key).execute();
    } else {
      const row = { account_id: accountId, key, value: JSON.stringify(value) };
      await transaction
        .insertInto('settings')
        .values(row)
        .onConflict((conflict) =>
          conflict.columns(['account_id', 'key']).doUpdateSet({ value: row.value, changed_at: sql`now()` }),
        )
        .execute();
    }
    const detail = JSON.stringify({ before: before?.value ?? null, after: value ?? null });
    await transaction
      .insertInto('audit')
      .values({ account_id: accountId, actor, action: 'setting.changed', subject: key, detail })
      .execute();
    await announce(transaction, accountId, 'setting.changed', key);
  });
}
