import type { Draft } from '../change/draft.ts';
import type { UserValue } from '../values.ts';
import { CellReader, listIn } from './cells.ts';
import type { Column } from './columns.ts';
import type { Report } from './report.ts';
import { withFields } from './sync.ts';
import type { Row, Table } from './table.ts';
import { planUsers, type SyncOptions, type UserRow } from './users.ts';

/** By the first of these columns that the file has, a row is known again in the next file. */
export const USER_KEYS: readonly Column[] = ['key', 'userName', 'pbxUserName', 'mail'];

export function planUserFile(draft: Draft, table: Table, report: Report, options: SyncOptions): void {
  const keyColumn = USER_KEYS.find((column) => table.columns.has(column)) ?? 'key';
  const rows = table.rows.flatMap((row) => userRow(new CellReader(row, table, report), row, keyColumn));
  planUsers(draft, rows, report, options);
}

function userRow(cells: CellReader, { line }: Row, keyColumn: Column): UserRow[] {
  const key = cells.text(keyColumn)?.toLowerCase();
  if (key === undefined) {
    cells.fault(keyColumn, 'The cell is empty, but users are known again by it.');
    return [];
  }
  const list = (column: Column) => listIn(cells.text(column) ?? '');
  const text = (column: Column) => cells.text(column);
  return [
    {
      line,
      key,
      fields: {
        ...names(cells),
        ...cells.field('userName', 'userName', text),
        ...cells.field('department', 'department', text),
        ...cells.field('language', 'language', text),
        ...cells.field('pbxUserName', 'pbxUserName', text),
        ...cells.field('extensions', 'extensions', list),
        ...cells.field('aliases', 'aliases', list),
        ...cells.field('numericUserId', 'numericUserId', text),
        ...cells.field('numericPartitionId', 'numericPartitionId', text),
        ...cells.field('agentId', 'agentId', text),
      },
      further: (before) => ({ ...mailOf(cells, before?.mail), ...cells.switches(before?.endpoints) }),
      ...(cells.has('group') ? { group: cells.text('group') ?? null } : {}),
      ...(cells.has('additionalGroups') ? { additionalGroups: list('additionalGroups') } : {}),
    },
  ];
}

/** First and last name, or the whole name: the last word is the last name, unless a comma says otherwise. */
function names(cells: CellReader): Partial<Record<'firstName' | 'lastName', unknown>> {
  const whole = cells.text('name');
  const split = whole === undefined ? undefined : splitName(whole);
  const hasOwn = cells.text('firstName') !== undefined || cells.text('lastName') !== undefined;
  const pick = (column: 'firstName' | 'lastName') => cells.text(column) ?? (hasOwn ? '' : (split?.[column] ?? ''));
  if (!cells.has('firstName') && !cells.has('lastName') && !cells.has('name')) return {};
  return { firstName: pick('firstName'), lastName: pick('lastName') };
}

function splitName(whole: string): { firstName: string; lastName: string } {
  const [last = '', first] = whole.split(',', 2);
  if (first !== undefined) return { firstName: first.trim(), lastName: last.trim() };
  const words = whole.split(/\s+/);
  return { firstName: words.slice(0, -1).join(' '), lastName: words.at(-1) ?? '' };
}

function mailOf(cells: CellReader, before: UserValue['mail']): Partial<Record<'mail', unknown>> {
  if (!cells.has('mail') && !cells.has('notify') && !cells.has('attach')) return {};
  const mail = {
    ...before,
    ...cells.field('address', 'mail', (column) => cells.text(column)),
    ...cells.field('notify', 'notify', (column) => cells.flag(column)),
    ...cells.field('attach', 'attach', (column) => cells.flag(column)),
  };
  return { mail: withFields({}, mail) };
}
