import { sql, type Transaction } from 'kysely';
import type { JsonValue } from '../../base/json.ts';
import type { Schema } from '../../catalogue/schema.ts';
import { NumberPlan } from '../../policy/number.ts';
import type { HistoryKind } from '../port.ts';
import { searchText } from '../search-text.ts';
import type { Author, Kind } from '../values.ts';
import { bumpVersion } from '../version.ts';
import { record } from './record.ts';
import type { AccountFields, Draft, Edit, Stored } from './draft.ts';

/** What a change is called in the history: the entry that was meant, or a count of many. */
export interface Head {
  readonly kind: HistoryKind;
  readonly entryId: string;
  readonly name: string;
  /** Of imports: what is told instead of before and after. */
  readonly summary?: JsonValue;
}

/** Rows of one statement: PostgreSQL takes 65,535 parameters. */
const ROWS_AT_ONCE = 2000;

/** Writes a checked draft: entries, account, history, audit, version; whoever listens is woken at the commit. */
export async function writeDraft(
  transaction: Transaction<Schema>,
  draft: Draft,
  change: { readonly id: string; readonly author: Author; readonly head: Head; readonly action: string },
): Promise<void> {
  const { account, edits } = draft;
  const { id, author, head, action } = change;
  await removeEntries(transaction, account.id, edits);
  await putEntries(transaction, draft);
  const version = await bumpVersion(transaction);
  await writeAccount(transaction, draft, version, author);
  await writeHistory(transaction, draft, id, author, head);
  const detail = detailOf(draft, id, head);
  await record(transaction, author, { accountId: account.id, action, subject: head.entryId, detail });
}

async function removeEntries(db: Transaction<Schema>, accountId: string, edits: readonly Edit[]): Promise<void> {
  const gone = edits.filter(({ after }) => after === null);
  for (const kind of new Set(gone.map((edit) => edit.kind))) {
    const ids = gone.filter((edit) => edit.kind === kind).map((edit) => edit.id);
    await db
      .deleteFrom('directory_entries')
      .where('account_id', '=', accountId)
      .where('kind', '=', kind)
      .where(sql<boolean>`id = any(${ids})`)
      .execute();
  }
}

async function putEntries(db: Transaction<Schema>, draft: Draft): Promise<void> {
  const plan = new NumberPlan(draft.policy.country);
  // Another country reads every number anew.
  const isReread = draft.policy.country !== draft.account.policy.country;
  const entries = isReread
    ? (['users', 'numbers', 'queues'] as const).flatMap((kind) =>
        [...draft.all(kind).values()].map((after) => ({ kind: kind as Kind, after: after as Stored })),
      )
    : [];
  const known = new Set(entries.map(({ kind, after }) => `${kind}/${after.id}`));
  const all = [
    ...entries,
    ...draft.edits.flatMap(({ kind, id, after }) =>
      after === null || known.has(`${kind}/${id}`) ? [] : [{ kind, after }],
    ),
  ];
  for (let from = 0; from < all.length; from += ROWS_AT_ONCE) {
    const rows = all.slice(from, from + ROWS_AT_ONCE).map(({ kind, after }) => ({
      account_id: draft.account.id,
      kind,
      id: after.id,
      revision: after.revision,
      name: after.name,
      value: JSON.stringify(after.value),
      source: after.source,
      external_key: after.externalKey,
      search: searchText.of(kind, after.name, after.value, plan),
      changed_at: after.changedAt,
      changed_by: after.changedBy,
    }));
    await db
      .insertInto('directory_entries')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['account_id', 'kind', 'id']).doUpdateSet((excluded) => ({
          revision: excluded.ref('excluded.revision'),
          name: excluded.ref('excluded.name'),
          value: excluded.ref('excluded.value'),
          source: excluded.ref('excluded.source'),
          external_key: excluded.ref('excluded.external_key'),
          search: excluded.ref('excluded.search'),
          changed_at: excluded.ref('excluded.changed_at'),
          changed_by: excluded.ref('excluded.changed_by'),
        })),
      )
      .execute();
  }
}

async function writeAccount(db: Transaction<Schema>, draft: Draft, version: number, author: Author): Promise<void> {
  const { account, fields } = draft;
  const change = draft.isAccountChanged
    ? {
        name: fields.name,
        brand_id: fields.brandId,
        policy: JSON.stringify(fields.policy),
        revision: account.revision + 1,
        changed_at: sql<Date>`now()`,
        changed_by: author.name,
      }
    : {};
  await db
    .updateTable('accounts')
    .set({ ...change, content_version: version })
    .where('id', '=', account.id)
    .execute();
}

/** How an entry stands in the history: enough to put it back. */
export interface Remembered {
  readonly value: JsonValue;
  readonly name: string;
  readonly revision: number;
  readonly source: Stored['source'];
  readonly externalKey: string | null;
}

async function writeHistory(
  db: Transaction<Schema>,
  draft: Draft,
  changeId: string,
  author: Author,
  head: Head,
): Promise<void> {
  const common = { change_id: changeId, account_id: draft.account.id, actor: author.id, actor_name: author.name };
  const rows = [
    ...(head.summary === undefined
      ? []
      : [
          {
            kind: head.kind as string,
            entry_id: head.entryId,
            name: head.name,
            before: null,
            after: JSON.stringify(head.summary),
          },
        ]),
    ...accountRows(draft),
    ...draft.edits.map(({ kind, id, before, after }) => ({
      kind: kind as string,
      entry_id: id,
      name: (after ?? before)?.name ?? '',
      before: remembered(before),
      after: remembered(after),
    })),
  ].map((row, position) => ({ ...common, ...row, position }));
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await db
      .insertInto('directory_history')
      .values(rows.slice(from, from + ROWS_AT_ONCE))
      .execute();
  }
}

function accountRows(draft: Draft) {
  if (!draft.isAccountChanged) return [];
  const { account, fields } = draft;
  const text = ({ name, brandId, policy }: AccountFields, revision: number) =>
    JSON.stringify({ value: { name, brandId, policy }, name, revision, source: null, externalKey: null });
  return [
    {
      kind: 'account',
      entry_id: account.id,
      name: fields.name,
      before: text(account, account.revision),
      after: text(fields, account.revision + 1),
    },
  ];
}

function remembered(entry: Stored | null): string | null {
  if (entry === null) return null;
  const { value, name, revision, source, externalKey } = entry;
  return JSON.stringify({ value, name, revision, source, externalKey });
}

/** What the audit log tells: the value before and after, or the count of many. */
function detailOf(draft: Draft, changeId: string, head: Head): JsonValue {
  if (head.summary !== undefined) return { changeId, ...(head.summary as Record<string, JsonValue>) };
  const edits = draft.edits.length;
  const first = draft.edits[0];
  const [before, after] = draft.isAccountChanged
    ? [draft.account.policy, draft.policy]
    : [first?.before?.value ?? null, first?.after?.value ?? null];
  return JSON.parse(JSON.stringify({ changeId, before, after, entries: edits })) as JsonValue;
}
