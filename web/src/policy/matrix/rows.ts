import type { Cell, Switches } from '../../directory/types.ts';
import { isSame, patched } from '../../directory/merge.ts';
import type { RowSettings } from './cells.ts';
import type { Matrix, MatrixItem } from './queries.ts';

/** Rows that are changed and not saved yet, by key: what they came from, and what they shall be. */
export type Staged = ReadonlyMap<string, { readonly base: Switches; readonly switches: Switches }>;

export interface Row extends RowSettings {
  readonly key: string;
  readonly kind: 'entire' | 'all' | 'users' | 'devices';
  readonly id: string;
  readonly name: string;
  readonly sub: string;
  /** Of a device: its user, as it would be with what is staged. */
  readonly owner: RowSettings | null;
  /** As it is saved, without what is staged. */
  readonly base: Switches;
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
    endpoints: staged.get(kind)?.switches ?? endpoints,
    base: endpoints,
  });
  return [
    accountRow('entire', 'Entire account', 'Every call, also of ring groups and conferences', account.entire),
    accountRow('all', 'All users', 'What users and devices inherit', account.endpoints),
    ...items.flatMap((item) => itemRows(item, staged)),
  ];
}

function itemRows({ user, devices }: MatrixItem, staged: Staged): Row[] {
  const owner =
    user === null
      ? null
      : { endpoints: staged.get(keyOf('users', user.id))?.switches ?? user.endpoints, own: user.own };
  const rows: Row[] = [];
  if (user !== null && owner !== null) {
    const { id, name, extensions } = user;
    rows.push({
      ...owner,
      key: keyOf('users', id),
      kind: 'users',
      id,
      name,
      sub: extensions.join(', '),
      owner: null,
      base: user.endpoints,
    });
  }
  for (const { id, name, mac, endpoints, own } of devices) {
    const key = keyOf('devices', id);
    const sub = user === null ? 'Belongs to nobody' : (mac ?? '');
    rows.push({
      key,
      kind: 'devices',
      id,
      name,
      sub,
      endpoints: staged.get(key)?.switches ?? endpoints,
      own,
      owner,
      base: endpoints,
    });
  }
  return rows;
}

const keyOf = (kind: 'users' | 'devices', id: string): string => `${kind}:${id}`;

/** What is staged after one cell of a row was changed; a row that is again as it was is not changed. */
export function stage(staged: Staged, row: Row, cell: Cell, value: Switches[Cell] | undefined): Staged {
  const base = staged.get(row.key)?.base ?? row.base;
  const switches = patched<Switches>(row.endpoints, { [cell]: value });
  const next = new Map(staged);
  if (isSame(base, switches)) next.delete(row.key);
  else next.set(row.key, { base, switches });
  return next;
}
