import { sql, type Kysely } from 'kysely';
import { EarshotError } from '../base/errors.ts';
import { UNASSIGNED_ACCOUNT } from '../catalogue/catalogue.ts';
import type { Schema } from '../catalogue/schema.ts';
import { bareNumber } from '../policy/number.ts';
import type { ChangeParts } from './change/change.ts';
import { conflict } from './change/conflict.ts';
import { record } from './change/record.ts';
import type { PlatformValues } from './port.ts';
import type { Author } from './values.ts';
import { bumpVersion, lockDirectory } from './version.ts';

const KIND = 'platform';
const ID = 'settings';

export async function readPlatform(db: Kysely<Schema>): Promise<PlatformValues> {
  const row = await rowOf(db);
  return { ...(row?.value as Partial<PlatformValues> | undefined), revision: row?.revision ?? 0 };
}

export async function changePlatform(
  parts: ChangeParts,
  author: Author,
  { revision, ...values }: PlatformValues,
): Promise<PlatformValues> {
  const wrong = values.pilots?.find(({ number }) => bareNumber(number) === null);
  if (wrong !== undefined)
    throw new EarshotError('BAD_REQUEST', `the pilot "${wrong.number}" is not a number.`, { key: 'pilots' });
  await parts.db.transaction().execute(async (transaction) => {
    await lockDirectory(transaction);
    const row = await rowOf(transaction);
    const current = row?.revision ?? 0;
    if (current !== revision) {
      const { changed_at: changedAt, changed_by: changedBy } = row!;
      throw conflict({ ...(row!.value as object), revision: current, changedAt, changedBy });
    }
    await needAccount(transaction, values.defaultAccountId);
    const set = { revision: revision + 1, value: JSON.stringify(values), changed_by: author.name };
    await transaction
      .insertInto('platform_entries')
      .values({ kind: KIND, id: ID, ...set })
      .onConflict((conflicting) =>
        conflicting.columns(['kind', 'id']).doUpdateSet({ ...set, changed_at: sql<Date>`now()` }),
      )
      .execute();
    await bumpVersion(transaction);
    const detail = { before: row?.value ?? null, after: values };
    await record(transaction, author, { accountId: null, action: 'platform.change', subject: ID, detail });
  });
  await parts.onChanged();
  return readPlatform(parts.db);
}

function rowOf(db: Kysely<Schema>) {
  return db.selectFrom('platform_entries').selectAll().where('kind', '=', KIND).where('id', '=', ID).executeTakeFirst();
}

async function needAccount(db: Kysely<Schema>, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const account = await db.selectFrom('accounts').select('id').where('id', '=', id).executeTakeFirst();
  if (account === undefined || id === UNASSIGNED_ACCOUNT)
    throw new EarshotError('BAD_REQUEST', `there is no account ${id}.`, { key: 'defaultAccountId' });
}
