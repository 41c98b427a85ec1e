import type { Kysely, Selectable } from 'kysely';
import { EarshotError } from '../../base/errors.ts';
import { UNASSIGNED_ACCOUNT } from '../../catalogue/catalogue.ts';
import type { AccountTable, DirectoryEntryTable, Schema } from '../../catalogue/schema.ts';
import type { Account, Author, Kind } from '../values.ts';
import { Draft, type Stored } from './draft.ts';

/** The whole account, to be changed. @throws EarshotError NOT_FOUND */
export async function loadDraft(db: Kysely<Schema>, accountId: string, author: Author, now: Date): Promise<Draft> {
  const account = await db.selectFrom('accounts').selectAll().where('id', '=', accountId).executeTakeFirst();
  // That of the calls of nobody has no settings.
  if (account === undefined || accountId === UNASSIGNED_ACCOUNT)
    throw new EarshotError('NOT_FOUND', 'there is no such account.', { key: 'accountId' });
  const rows = await db.selectFrom('directory_entries').selectAll().where('account_id', '=', accountId).execute();
  const entries = rows.map((row) => ({ kind: row.kind as Kind, entry: storedOf(row) }));
  return new Draft(accountOf(account), entries, { changedAt: now, changedBy: author.name });
}

export function storedOf(row: Selectable<DirectoryEntryTable>): Stored {
  return {
    id: row.id,
    revision: row.revision,
    name: row.name,
    value: row.value as unknown as Stored['value'],
    source: row.source,
    externalKey: row.external_key,
    changedAt: row.changed_at,
    changedBy: row.changed_by,
  };
}

export function accountOf(row: Selectable<AccountTable>): Account {
  return {
    id: row.id,
    name: row.name,
    brandId: row.brand_id,
    revision: row.revision,
    policy: row.policy,
    changedAt: row.changed_at,
    changedBy: row.changed_by,
  };
}
