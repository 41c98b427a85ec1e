import { CsvError, parse } from 'csv-parse/sync';
import type { CsvFile, ImportFault } from '../port.ts';
import { type Column, columnOf } from './columns.ts';

/** A file as rows of named cells. */
export interface Table {
  /** The columns that mean something, with their headings as they are written. */
  readonly columns: ReadonlyMap<Column, string>;
  readonly rows: readonly Row[];
  readonly faults: readonly ImportFault[];
  readonly warnings: readonly string[];
}

export interface Row {
  readonly line: number;
  readonly cells: ReadonlyMap<Column, string>;
}

interface Parsed {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

const DELIMITERS = [';', ',', '\t'] as const;
/** A person with many numbers; longer is a quote that was not closed. */
const LONGEST_LINE = 100_000;
/** Twice the largest account that is meant; what is short, but of millions of lines, would fill the memory. */
const MOST_ROWS = 200_000;

/** RFC 4180, with `;`, `,` or tabs, with or without a byte order mark. Nothing is thrown: faults name their lines. */
export function readTable(text: string, kind: CsvFile['kind']): Table {
  if (text.includes('\uFFFD')) return faulty(null, 'The file is not UTF-8 throughout; save it as UTF-8.');
  let parsed: Parsed[];
  try {
    parsed = parse(text, {
      bom: true,
      delimiter: delimiterOf(text),
      info: true,
      max_record_size: LONGEST_LINE,
      relax_column_count: true,
      skip_empty_lines: true,
      // The heading, and one more than may be.
      to: MOST_ROWS + 2,
      trim: true,
    }) as unknown as Parsed[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    const { lines } = error as { lines?: number };
    return faulty(typeof lines === 'number' ? lines : null, `The file cannot be read as CSV: ${wordsOf(error)}.`);
  }
  const [head, ...body] = parsed;
  if (head === undefined) return faulty(1, 'The file is empty; its first line must name the columns.');
  if (body.length > MOST_ROWS) return faulty(null, `The file has more than ${MOST_ROWS} rows; bring it in by parts.`);
  return tableOf(kind, head, body);
}

function tableOf(kind: CsvFile['kind'], { record, info }: Parsed, body: readonly Parsed[]): Table {
  const named = record.map((heading) => columnOf(kind, heading));
  const columns = new Map<Column, string>();
  const faults: ImportFault[] = [];
  for (const [index, column] of named.entries()) {
    if (column === undefined) continue;
    const heading = record[index] ?? '';
    if (columns.has(column)) {
      const message = `Two columns mean the same: ${columns.get(column)} and ${heading}.`;
      faults.push({ line: info.lines, column: heading, message });
    }
    columns.set(column, heading);
  }
  const ignored = record.filter((heading, index) => named[index] === undefined && heading !== '');
  const rows = body.flatMap(({ record: cells, info: { lines } }): Row[] => {
    if (cells.every((cell) => cell === '')) return [];
    if (cells.length > record.length) {
      faults.push({
        line: lines,
        column: null,
        message: `The line has ${cells.length} cells, but there are ${record.length} columns.`,
      });
    }
    return [{ line: lines, cells: cellsOf(cells, named) }];
  });
  const warnings = ignored.length === 0 ? [] : [`Columns that are not read: ${ignored.join(', ')}.`];
  return { columns, rows, faults, warnings };
}

function cellsOf(cells: readonly string[], named: readonly (Column | undefined)[]): Map<Column, string> {
  const row = new Map<Column, string>();
  for (const [index, column] of named.entries()) if (column !== undefined) row.set(column, cells[index] ?? '');
  return row;
}

/** The one of the three that the first line has most of, outside of quotes. */
function delimiterOf(text: string): string {
  const [first = ''] = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/, 1);
  const bare = first.replaceAll(/"[^"]*"/g, '');
  const counts = DELIMITERS.map((delimiter) => bare.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ';';
}

const FAULTS: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote is opened and never closed',
  CSV_MAX_RECORD_SIZE: `a line is longer than ${LONGEST_LINE} characters; is a quote not closed`,
};

function wordsOf({ code }: CsvError): string {
  return FAULTS[code] ?? 'a quote stands in the middle of a cell; cells with quotes are written "so ""inside"" it"';
}

function faulty(line: number | null, message: string): Table {
  return { columns: new Map(), rows: [], faults: [{ line, column: null, message }], warnings: [] };
}
