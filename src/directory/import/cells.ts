import type { EndpointSwitches } from '../../policy/types.ts';
import { type Column, SWITCHES } from './columns.ts';
import type { Report } from './report.ts';
import type { Row, Table } from './table.ts';

/** Several in one cell: `1001, 1002`, `1001|1002`. */
export function listIn(cell: string): string[] {
  return cell
    .split(/[,;|\n]/)
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

const YES = ['yes', 'true', '1', 'on', 'x'];
const NO = ['no', 'false', '0', 'off', ''];

/** Cells of one row as fields; what cannot be read is noted with its line and heading. */
export class CellReader {
  readonly #row: Row;
  readonly #table: Table;
  readonly #report: Report;

  constructor(row: Row, table: Table, report: Report) {
    this.#row = row;
    this.#table = table;
    this.#report = report;
  }

  has(column: Column): boolean {
    return this.#table.columns.has(column);
  }

  /** Undefined for an empty cell. */
  text(column: Column): string | undefined {
    const cell = this.#row.cells.get(column);
    return cell === undefined || cell === '' ? undefined : cell;
  }

  flag(column: Column): boolean | undefined {
    const cell = this.#row.cells.get(column)?.toLowerCase();
    if (cell === undefined) return undefined;
    if (YES.includes(cell)) return true;
    if (!NO.includes(cell)) this.fault(column, `"${cell}" is neither yes nor no.`);
    return cell === '' ? undefined : false;
  }

  choice<T extends string>(column: Column, choices: readonly T[]): T | undefined {
    const cell = this.text(column)?.toLowerCase();
    if (cell === undefined) return undefined;
    const chosen = choices.find((choice) => choice === cell);
    if (chosen === undefined) this.fault(column, `"${cell}" is none of ${choices.join(', ')}.`);
    return chosen;
  }

  /** The field with its value, if the file has the column at all. */
  field<F extends string>(field: F, column: Column, read: (column: Column) => unknown): Partial<Record<F, unknown>> {
    return this.has(column) ? ({ [field]: read(column) } as Record<F, unknown>) : {};
  }

  /** The switches of D4; a cell that is empty inherits, a column that is not there leaves what is set. */
  switches(before: EndpointSwitches | undefined): { endpoints?: EndpointSwitches } {
    const columns = SWITCHES.filter((column) => this.has(column));
    if (columns.length === 0) return {};
    const endpoints: Record<string, 'on' | 'off'> = { ...before };
    for (const column of columns) {
      const cell = this.choice(column, ['on', 'off'] as const);
      if (cell === undefined) delete endpoints[column];
      else endpoints[column] = cell;
    }
    return { endpoints };
  }

  /** Notes that this row is that entry. @returns whether an earlier one was; that is a fault */
  isTwice(kind: string, id: string): boolean {
    const earlier = this.#report.meant(kind, id, this.#row.line);
    if (earlier !== undefined) this.fault(null, `The same stands in line ${earlier ?? '?'} already.`);
    return earlier !== undefined;
  }

  fault(column: Column | null, message: string): void {
    const heading = column === null ? null : (this.#table.columns.get(column) ?? null);
    this.#report.fault(this.#row.line, heading, message);
  }
}
