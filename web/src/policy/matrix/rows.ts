import type { Cell, Switches } from '../../directory/types.ts';
import { patched } from '../../directory/merge.ts';
import type { RowSettings } from './cells.ts';
import type { Matrix, MatrixItem } from './queries.ts';

/** Settings of one row that are changed and not saved yet, by the row's key. */
export type Staged = ReadonlyMap<string, Switches>;

export interface Row extends RowSettings {
  readonly key: string;
  readonly kind: 'entire' | 'all' | 'users' | 'devices';
  readonly id: string;
  readonly name: string;
  readonly sub: string;
  /** Of a device: its user, as it would be with what is staged. */
  readonly owner: RowSettings | null;
}

export const ENTIRE = 'entire';
export const ALL = 'all';

/** Rows from top to bottom, with what is staged already in them. */
export function rowsOf(account: Matrix['account'], items: readonly MatrixItem[], staged: Staged): Row[] {
  const accountRow = (kind: 'entire' | 'all', name: string, sub: string, endpoints: Switches): Row => ({
    key: kind,
    kind,
    id: kind,
    name,
    sub,
    own: {},
    owner: null,
    endpoints: staged.get(kind) ?? endpoints,
  });
  return [
    accountRow('entire', 'Entire account', 'Every call, also of ring groups and conferences', account.entire),
    accountRow('all', 'All users', 'What users and devices inherit', account.endpoints),
    ...items.flatMap((item) => itemRows(item, staged)),
  ];
}

function itemRows({ user, devices }: MatrixItem, staged: Staged): Row[] {
  const owner =
    user === null ? null : { endpoints: staged.get(keyOf('users', user.id)) ?? user.endpoints, own: user.own };
  const rows: Row[] = [];
  if (user !== null && owner !== null) {
    const { id, name, extensions } = user;
    rows.push({ ...owner, key: keyOf('users', id), kind: 'users', id, name, sub: extensions.join(', '), owner: null });
  }
  for (const { id, name, mac, endpoints, own } of devices) {
    const key = keyOf('devices', id);
    const sub = user === null ? 'Belongs to nobody' : (mac ?? '');
    rows.push({ key, kind: 'devices', id, name, sub, endpoints: staged.get(key) ?? endpoints, own, owner });
  }
  return rows;
}

const keyOf = (kind: 'users' | 'devices', id: string): string => `${kind}:${id}`;

/** What is staged after one cell of a row was changed. */
export function stage(staged: Staged, row: Row, cell: Cell, value: Switches[Cell] | undefined): Staged {
  return new Map(staged).set(row.key, patched<Switches>(row.endpoints, { [cell]: value }));
}
