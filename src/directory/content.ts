import type { Kysely } from 'kysely';
import type { Schema } from '../catalogue/schema.ts';
import { type Kind, KINDS, type Value, type Values } from './values.ts';

/** The values of all entries of an account, by kind and id. */
export type Content = { readonly [K in Kind]: Map<string, Values[K]> };

export function emptyContent(): Content {
  return Object.fromEntries(KINDS.map((kind) => [kind, new Map<string, Value>()])) as unknown as Content;
}

export async function contentOf(db: Kysely<Schema>, accountId: string): Promise<Content> {
  const rows = await db
    .selectFrom('directory_entries')
    .select(['kind', 'id', 'value'])
    .where('account_id', '=', accountId)
    .orderBy('id')
    .execute();
  const content = emptyContent();
  for (const { kind, id, value } of rows) {
    // A kind of a newer program is none of ours.
    content[kind as Kind]?.set(id, value as never);
  }
  return content;
}
