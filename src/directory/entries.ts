import { sql, type Kysely } from 'kysely';
import { EarshotError } from '../base/errors.ts';
import { opaqueId } from '../base/ids.ts';
import type { Schema } from '../catalogue/schema.ts';
import { type ChangeParts, makeChange } from './change/change.ts';
import { conflict } from './change/conflict.ts';
import type { Draft, Stored } from './change/draft.ts';
import { storedOf } from './change/load.ts';
import { tidyValue } from './check/tidy.ts';
import type { Changed, Entries, EntryQuery } from './port.ts';
import { searchText } from './search-text.ts';
import type { Author, Entry, Kind, Values } from './values.ts';

export async function listEntries<K extends Kind>(
  db: Kysely<Schema>,
  accountId: string,
  kind: K,
  { q, after, limit }: EntryQuery,
): Promise<Entries<K>> {
  let query = db
    .selectFrom('directory_entries')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('kind', '=', kind)
    .orderBy(sql`lower(name)`)
    .orderBy('id')
    .limit(limit + 1);
  if (q !== undefined) query = query.where('search', 'like', searchText.pattern(q));
  if (after !== undefined) query = query.where(sql<boolean>`(lower(name), id) > (${after[0]}, ${after[1]})`);
  const rows = await query.execute();
  return {
    items: rows.slice(0, limit).map((row) => entryOf(storedOf(row) as unknown as Stored<K>)),
    more: rows.length > limit,
  };
}

export async function getEntry<K extends Kind>(
  db: Kysely<Schema>,
  accountId: string,
  kind: K,
  id: string,
): Promise<Entry<K> | undefined> {
  const row = await db
    .selectFrom('directory_entries')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('kind', '=', kind)
    .where('id', '=', id)
    .executeTakeFirst();
  return row === undefined ? undefined : entryOf(storedOf(row) as unknown as Stored<K>);
}

export function entryOf<K extends Kind>({ externalKey: _externalKey, ...entry }: Stored<K>): Entry<K> {
  return entry;
}

export async function createEntry<K extends Kind>(
  parts: ChangeParts,
  author: Author,
  accountId: string,
  kind: K,
  value: Values[K],
): Promise<Changed<K>> {
  const id = opaqueId(parts.random);
  const { draft, warnings } = await makeChange(parts, {
    author,
    accountId,
    action: `${kind}.create`,
    edit: (one) => {
      one.put(kind, id, tidyValue(kind, value));
      return { kind, entryId: id, name: one.get(kind, id)!.name };
    },
  });
  return { ...entryOf(draft.get(kind, id)!), warnings };
}

export async function changeEntry<K extends Kind>(
  parts: ChangeParts,
  author: Author,
  accountId: string,
  kind: K,
  id: string,
  change: { readonly revision: number; readonly value: Values[K] },
): Promise<Changed<K>> {
  const { draft, warnings } = await makeChange(parts, {
    author,
    accountId,
    action: `${kind}.change`,
    edit: (one) => {
      newest(one, kind, id, change.revision);
      one.put(kind, id, tidyValue(kind, change.value));
      return { kind, entryId: id, name: one.get(kind, id)!.name };
    },
  });
  return { ...entryOf(draft.get(kind, id)!), warnings };
}

export async function removeEntry(
  parts: ChangeParts,
  author: Author,
  accountId: string,
  kind: Kind,
  id: string,
  revision: number,
): Promise<void> {
  await makeChange(parts, {
    author,
    accountId,
    action: `${kind}.delete`,
    edit: (draft) => {
      const { name } = newest(draft, kind, id, revision);
      if (kind === 'users') draft.removeUsers(new Set([id]));
      else draft.remove(kind, id);
      return { kind, entryId: id, name };
    },
  });
}

/** The entry, as long as nobody was faster. @throws EarshotError NOT_FOUND, CONFLICT with what is there now */
function newest<K extends Kind>(draft: Draft, kind: K, id: string, revision: number): Stored<K> {
  const entry = draft.get(kind, id);
  if (entry === undefined) throw new EarshotError('NOT_FOUND', 'there is no such entry (any more).', { key: 'id' });
  if (entry.revision !== revision) throw conflict(entryOf(entry));
  return entry;
}
