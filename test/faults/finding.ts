/** One line of the result. */
export interface Finding {
  readonly fault: string;
  readonly target: string;
  readonly found: string;
  /** Null = could not be tried here; `found` says why. */
  readonly isMet: boolean | null;
}

/** As a Markdown table, so that it may go into the docs as it is. */
export function tableOf(findings: readonly Finding[]): string {
  const verdict = ({ isMet }: Finding): string => (isMet === null ? 'not run' : isMet ? 'met' : 'SHORT');
  const rows = [
    ['fault', 'target', 'found', 'verdict'],
    ...findings.map((finding) => [finding.fault, finding.target, finding.found, verdict(finding)]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n');
}
