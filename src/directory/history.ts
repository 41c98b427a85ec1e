import { isDeepStrictEqual } from 'node:util';
import type { Kysely, Selectable, Transaction } from 'kysely';
import { EarshotError } from '../base/errors.ts';
import type { JsonValue } from '../base/json.ts';
import type { DirectoryHistoryTable, Schema } from '../catalogue/schema.ts';
import { type ChangeParts, makeChange } from './change/change.ts';
import type { AccountFields, Draft } from './change/draft.ts';
import type { Head, Remembered } from './change/write.ts';
import type { HistoryItem, HistoryKind, HistoryPage, HistoryQuery } from './port.ts';
import type { Author, Kind } from './values.ts';

type Row = Selectable<DirectoryHistoryTable>;

/** Entries besides the one that was meant, as far as a list shows them. */
const OTHERS = 20;

/** Changes of an account, newest first; of one entry, also those that were meant for another. */
export async function listHistory(
  db: Kysely<Schema>,
  accountId: string,
  { entryId, before, limit }: HistoryQuery,
): Promise<HistoryPage> {
  let query = db
    .selectFrom('directory_history')
    .selectAll()
    .where('account_id', '=', accountId)
    .orderBy('seq', 'desc')
    .limit(limit + 1);
  query = entryId === undefined ? query.where('position', '=', 0) : query.where('entry_id', '=', entryId);
  if (before !== undefined) query = query.where('seq', '<', before);
  const rows = await query.execute();
  const shown = rows.slice(0, limit);
  const others = await othersOf(db, shown);
  return { items: shown.map((row) => itemOf(row, others)), more: rows.length > limit };
}

async function othersOf(db: Kysely<Schema>, rows: readonly Row[]) {
  if (rows.length === 0) return [];
  return db
    .selectFrom('directory_history')
    .select(['change_id', 'kind', 'entry_id', 'name', 'position'])
    .where(
      'change_id',
      'in',
      rows.map((row) => row.change_id),
    )
    .where('position', '<=', OTHERS)
    .orderBy('position')
    .execute();
}

function itemOf(row: Row, others: Awaited<ReturnType<typeof othersOf>>): HistoryItem {
  return {
    seq: row.seq,
    changeId: row.change_id,
    at: row.at,
    actor: row.actor,
    actorName: row.actor_name,
    kind: row.kind as HistoryKind,
    entryId: row.entry_id,
    name: row.name,
    before: shownValue(row, row.before),
    after: shownValue(row, row.after),
    others: others
      .filter((other) => other.change_id === row.change_id && other.position !== row.position)
      .map((other) => ({ kind: other.kind, entryId: other.entry_id, name: other.name })),
    undoneBy: row.undone_by,
  };
}

/** Of many entries at once, the counts; of one, its value. */
function shownValue(row: Row, state: Record<string, JsonValue> | null): JsonValue {
  if (state === null) return null;
  return isSummary(row) ? state : (state['value'] ?? null);
}

function isSummary({ kind }: Row): boolean {
  return kind === 'import' || kind === 'sync';
}

/** Whose word taking a change back needs besides the account's administrator. */
export async function undoNeeds(
  db: Kysely<Schema>,
  accountId: string,
  changeId: string,
): Promise<{ isBrands: boolean; isPlatforms: boolean }> {
  const rows = await rowsOf(db, accountId, changeId);
  const account = rows.find(({ kind }) => kind === 'account');
  const before = fieldsOf(account?.before ?? null);
  const after = fieldsOf(account?.after ?? null);
  return {
    isBrands: before?.name !== after?.name || before?.policy.onDemand?.isAllowed !== after?.policy.onDemand?.isAllowed,
    // By tenant ids calls of a whole trunk are drawn to an account.
    isPlatforms:
      before?.brandId !== after?.brandId ||
      !isDeepStrictEqual(before?.policy.tenants ?? [], after?.policy.tenants ?? []),
  };
}

/** @returns the id of the change that takes it back. @throws EarshotError CONFLICT naming what stands in the way */
export async function undoChange(
  parts: ChangeParts,
  author: Author,
  accountId: string,
  changeId: string,
): Promise<string> {
  const { changeId: undoing } = await makeChange(parts, {
    author,
    accountId,
    action: 'directory.undo',
    edit: async (draft, transaction) => {
      const rows = await rowsOf(transaction, accountId, changeId);
      if (rows[0]!.undone_by !== null) throw new EarshotError('CONFLICT', 'this change has been taken back already.');
      for (const row of rows) putBack(draft, row);
      return headOf(rows[0]!);
    },
    also: (transaction, id) => markUndone(transaction, changeId, id),
  });
  if (undoing === null) throw new EarshotError('CONFLICT', 'there is nothing left to take back of this change.');
  return undoing;
}

function headOf({ kind, entry_id: entryId, name, after }: Row): Head {
  const isMany = kind === 'import' || kind === 'sync';
  return {
    kind: kind as HistoryKind,
    entryId,
    name,
    ...(isMany ? { summary: { ...after, isUndo: true } } : {}),
  };
}

async function markUndone(transaction: Transaction<Schema>, changeId: string, by: string): Promise<void> {
  await transaction.updateTable('directory_history').set({ undone_by: by }).where('change_id', '=', changeId).execute();
}

async function rowsOf(db: Kysely<Schema>, accountId: string, changeId: string): Promise<Row[]> {
  const rows = await db
    .selectFrom('directory_history')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('change_id', '=', changeId)
    .orderBy('position')
    .execute();
  if (rows.length === 0) throw new EarshotError('NOT_FOUND', 'there is no such change.', { key: 'changeId' });
  return rows;
}

function putBack(draft: Draft, row: Row): void {
  if (isSummary(row)) return;
  const before = row.before as unknown as Remembered | null;
  const after = row.after as unknown as Remembered | null;
  if (row.kind === 'account') {
    const fields = fieldsOf(row.before);
    if (draft.account.revision !== after?.revision) throw newer(draft.account, row.name);
    if (fields !== null) draft.setFields(fields);
    return;
  }
  const kind = row.kind as Kind;
  const current = draft.get(kind, row.entry_id);
  if (current?.revision !== after?.revision) {
    if (current !== undefined) throw newer(current, row.name);
    throw new EarshotError('CONFLICT', `${row.name} has been deleted since.`, { remedy: 'Take that back first.' });
  }
  if (before === null) draft.remove(kind, row.entry_id);
  else {
    const { value, source, externalKey } = before;
    draft.put(kind, row.entry_id, value as never, { source, externalKey, revision: before.revision });
  }
}

function newer({ changedAt, changedBy }: { changedAt: Date; changedBy: string }, name: string): EarshotError {
  const at = changedAt.toISOString().slice(0, 16).replace('T', ' ');
  return new EarshotError('CONFLICT', `${name} has been changed since, by ${changedBy} (${at} UTC).`, {
    remedy: 'Take that back first, or change it by hand.',
  });
}

function fieldsOf(state: Record<string, JsonValue> | null): AccountFields | null {
  return (state?.['value'] as unknown as AccountFields | undefined) ?? null;
}
