import { VisuallyHidden } from '@mantine/core';
import { useRef, useState, type KeyboardEvent } from 'react';
import { CELLS, type Cell, type Switch } from '../../directory/types.ts';
import { MicIcon } from '../../theme/icons.tsx';
import { CELL_WORDS } from '../../words/policy.ts';
import { moveIn, nextSwitch, stateOf, type AccountRows, type CellState } from './cells.ts';
import classes from './matrix.module.css';
import type { Row } from './rows.ts';

interface Props {
  readonly rows: readonly Row[];
  readonly account: AccountRows;
  readonly canChange: boolean;
  /** Rows that are changed and not saved, by key. */
  readonly changed: ReadonlySet<string>;
  readonly onChange: (row: Row, cell: Cell, value: Switch | undefined) => void;
}

/** The switches as a grid: arrow keys move, Space changes. Only one cell is in the order of Tab. */
export function Grid({ rows, account, canChange, changed, onChange }: Props) {
  const [at, setAt] = useState({ row: 0, column: 0 });
  const table = useRef<HTMLTableElement>(null);
  const focus = { row: Math.min(at.row, rows.length - 1), column: at.column };
  const onKeyDown = (event: KeyboardEvent): void => {
    const to = moveIn(event.key, event.ctrlKey || event.metaKey, focus, { rows: rows.length, columns: CELLS.length });
    if (to === null) return;
    event.preventDefault();
    setAt(to);
    table.current?.querySelector<HTMLElement>(`[data-at="${to.row}.${to.column}"]`)?.focus();
  };
  return (
    <div className={classes.scroll}>
      <table
        ref={table}
        className={classes.grid}
        role="grid"
        aria-label="Recording by user and device"
        onKeyDown={onKeyDown}
      >
        <thead>
          <tr>
            <th scope="col" rowSpan={2}>
              User or device
            </th>
            <th scope="colgroup" colSpan={2}>
              Incoming
            </th>
            <th scope="colgroup" colSpan={2}>
              Outgoing
            </th>
          </tr>
          <tr>
            {CELLS.map((cell) => (
              <th key={cell} scope="col">
                {cell.endsWith('Internal') ? 'internal' : 'external'}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, y) => (
            <tr key={row.key} data-kind={row.kind} data-changed={changed.has(row.key) || undefined}>
              <th scope="row">
                <span className={classes.name}>{row.name}</span>
                {row.sub !== '' && <span className={classes.sub}>{row.sub}</span>}
              </th>
              {CELLS.map((cell, x) => (
                <GridCell
                  key={cell}
                  row={row}
                  cell={cell}
                  state={stateOfRow(row, cell, account)}
                  place={`${y}.${x}`}
                  isStop={focus.row === y && focus.column === x}
                  canChange={canChange}
                  onFocus={() => setAt({ row: y, column: x })}
                  onChange={onChange}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const isOfAccount = (row: Row): boolean => row.kind === 'entire' || row.kind === 'all';

function stateOfRow(row: Row, cell: Cell, account: AccountRows): CellState {
  if (isOfAccount(row)) return { value: row.endpoints[cell] ?? 'off', from: 'here' };
  return stateOf(cell, row, row.owner, account);
}

interface CellProps {
  readonly row: Row;
  readonly cell: Cell;
  readonly state: CellState;
  readonly place: string;
  readonly isStop: boolean;
  readonly canChange: boolean;
  readonly onFocus: () => void;
  readonly onChange: Props['onChange'];
}

function GridCell({ row, cell, state, place, isStop, canChange, onFocus, onChange }: CellProps) {
  const [short, whole] = originOf(row, cell, state);
  const change = (): void => {
    if (canChange) onChange(row, cell, nextSwitch(row.endpoints[cell], !isOfAccount(row)));
  };
  return (
    <td role="gridcell" aria-readonly={!canChange || undefined}>
      <button
        type="button"
        className={classes.cell}
        data-at={place}
        data-value={state.value}
        data-inherited={state.from !== 'here' || undefined}
        tabIndex={isStop ? 0 : -1}
        aria-disabled={!canChange || undefined}
        title={whole}
        onFocus={onFocus}
        onClick={change}
      >
        <VisuallyHidden>
          {row.name}, {CELL_WORDS[cell]}:{' '}
        </VisuallyHidden>
        <span className={classes.mic}>{state.value === 'on' && <MicIcon size={15} />}</span>
        <span className={classes.value}>{state.value === 'on' ? 'On' : 'Off'}</span>
        <span className={classes.origin}>{short}</span>
      </button>
    </td>
  );
}

/** Where the value comes from, short for the eye and whole for the ear. */
function originOf(row: Row, cell: Cell, { from }: CellState): readonly [short: string, whole: string] {
  const set = row.endpoints[cell];
  switch (from) {
    case 'here':
      return isOfAccount(row) ? ['', ''] : ['set here', 'set here'];
    case 'own':
      return ['own choice', set === undefined ? 'the user’s own choice' : `the user’s own choice; set here: ${set}`];
    case 'user':
      return ['by user', 'inherited from the user'];
    case 'user-own':
      return ['own choice', 'inherited from the user’s own choice'];
    case 'account':
      return ['by all users', 'inherited from all users'];
    case 'nobody':
      return ['not set', 'since nothing is set'];
  }
}
