import { NumberPlan } from '../../policy/number.ts';
import type { Draft } from '../change/draft.ts';
import { tidyValue } from '../check/tidy.ts';
import { CellReader } from './cells.ts';
import type { Report } from './report.ts';
import { countOf, keptBy, Matcher, removeMissing, withFields } from './sync.ts';
import type { Table } from './table.ts';
import type { SyncOptions } from './users.ts';

const RECORD = ['off', 'incoming', 'outgoing', 'all'] as const;

export function planNumbers(draft: Draft, table: Table, report: Report, options: SyncOptions): void {
  const { source, random, deleteMissing, force } = options;
  const before = countOf(draft, 'numbers', source);
  const plan = new NumberPlan(draft.policy.country);
  const matcher = new Matcher(draft.all('numbers').values(), source, random, ({ number }) => [plan.key(number)]);
  for (const row of table.rows) {
    const cells = new CellReader(row, table, report);
    const number = cells.text('number');
    if (number === undefined) {
      cells.fault('number', 'The cell is empty.');
      continue;
    }
    const key = plan.key(number);
    const { id, entry } = matcher.find(key, [key]);
    if (cells.isTwice('numbers', id)) continue;
    const value = withFields(entry?.value ?? { number }, {
      number,
      ...cells.field('name', 'numberName', (column) => cells.text(column)),
      ...cells.field('record', 'record', (column) => cells.choice(column, RECORD)),
    });
    draft.put('numbers', id, tidyValue('numbers', value), keptBy(entry, key, report, options));
  }
  if (deleteMissing) removeMissing(draft, 'numbers', source, report, { before, force });
}
