/** One line of the result. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  /** '' = only told. */
  readonly target: string;
  readonly isMet: boolean | null;
  /** What a busy machine does not excuse: falling short of it fails the quick form too. */
  readonly isLoss: boolean;
}

export function told(name: string, value: string): Figure {
  return { name, value, target: '', isMet: null, isLoss: false };
}

/** A figure that depends on the machine. */
export function measured(name: string, value: string, target: string, isMet: boolean): Figure {
  return { name, value, target, isMet, isLoss: false };
}

/** A figure that says whether anything was lost. */
export function promised(name: string, value: string, target: string, isMet: boolean): Figure {
  return { name, value, target, isMet, isLoss: true };
}

/** As a Markdown table, so that it may go into the docs as it is. */
export function writeTable(figures: readonly Figure[]): string {
  const verdict = ({ isMet }: Figure): string => (isMet === null ? '' : isMet ? 'met' : 'short');
  const rows = [
    ['figure', 'measured', 'target', 'verdict'],
    ...figures.map((figure) => [figure.name, figure.value, figure.target, verdict(figure)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n');
}
