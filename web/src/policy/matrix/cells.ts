import type { Cell, Switch, Switches } from '../../directory/types.ts';

/** What is set for a row of the matrix, as far as it decides. */
export interface RowSettings {
  /** By an administrator. */
  readonly endpoints: Switches;
  /** By the user himself; it goes before. */
  readonly own: Switches;
}

export interface AccountRows {
  /** For all users. */
  readonly endpoints: Switches;
  readonly entire: Switches;
  readonly usersMaySet: boolean;
}

/** What holds in a cell, and who said so; `nobody`: it is off because nothing is set. */
export interface CellState {
  readonly value: Switch;
  readonly from: 'here' | 'own' | 'user' | 'user-own' | 'account' | 'nobody';
}

/** D4: device beats user beats account; a person's own choice beats the administrator's on the same level, where it is allowed. */
export function stateOf(
  cell: Cell,
  row: RowSettings,
  /** Whom a device belongs to; null for a user, and for a device of nobody. */
  owner: RowSettings | null,
  account: AccountRows,
): CellState {
  const own = account.usersMaySet ? row.own[cell] : undefined;
  if (own !== undefined) return { value: own, from: 'own' };
  const set = row.endpoints[cell];
  if (set !== undefined) return { value: set, from: 'here' };
  if (owner !== null) {
    const theirs = stateOf(cell, owner, null, account);
    if (theirs.from === 'own') return { value: theirs.value, from: 'user-own' };
    return theirs.from === 'here' ? { value: theirs.value, from: 'user' } : theirs;
  }
  const all = account.endpoints[cell];
  return all === undefined ? { value: 'off', from: 'nobody' } : { value: all, from: 'account' };
}

/** The next of three states: inherit, on, off. Rows of the account have nothing to inherit from: off and on. */
export function nextSwitch(now: Switch | undefined, inherits: boolean): Switch | undefined {
  if (now === undefined) return 'on';
  if (now === 'on') return inherits ? 'off' : undefined;
  return inherits ? undefined : 'on';
}

/** Where the focus goes in a grid of cells; null: the key is not one of those that move. */
export function moveIn(
  key: string,
  withControl: boolean,
  at: { readonly row: number; readonly column: number },
  size: { readonly rows: number; readonly columns: number },
): { row: number; column: number } | null {
  const last = { row: size.rows - 1, column: size.columns - 1 };
  const within = (row: number, column: number) => ({
    row: Math.max(0, Math.min(last.row, row)),
    column: Math.max(0, Math.min(last.column, column)),
  });
  switch (key) {
    case 'ArrowUp':
      return within(at.row - 1, at.column);
    case 'ArrowDown':
      return within(at.row + 1, at.column);
    case 'ArrowLeft':
      return within(at.row, at.column - 1);
    case 'ArrowRight':
      return within(at.row, at.column + 1);
    case 'PageUp':
      return within(at.row - 10, at.column);
    case 'PageDown':
      return within(at.row + 10, at.column);
    case 'Home':
      return within(withControl ? 0 : at.row, 0);
    case 'End':
      return within(withControl ? last.row : at.row, last.column);
    default:
      return null;
  }
}
