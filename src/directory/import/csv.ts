import type { ChangeParts } from '../change/change.ts';
import type { Draft } from '../change/draft.ts';
import type { CsvFile, ImportResult } from '../port.ts';
import type { Author } from '../values.ts';
import type { Column } from './columns.ts';
import { DEVICE_KEYS, planDevices } from './csv-devices.ts';
import { planNumbers } from './csv-numbers.ts';
import { planUserFile, USER_KEYS } from './csv-users.ts';
import { Report } from './report.ts';
import { runImport } from './run.ts';
import { readTable, type Table } from './table.ts';
import type { SyncOptions } from './users.ts';

const NEEDED: Readonly<Record<CsvFile['kind'], readonly Column[]>> = {
  users: USER_KEYS,
  devices: DEVICE_KEYS,
  numbers: ['number'],
};

/** Brings in a file: what it names is made or changed, and with `sync` what an earlier file brought and this one does not is deleted. */
export async function importCsv(
  parts: ChangeParts,
  author: Author,
  accountId: string,
  file: CsvFile,
): Promise<ImportResult> {
  const { kind, mode, dryRun, force, adopt } = file;
  const table = readTable(file.text, kind);
  const report = new Report();
  report.faults.push(...table.faults);
  report.warnings.push(...table.warnings);
  if (table.faults.length === 0 && !NEEDED[kind].some((column) => table.columns.has(column))) {
    report.fault(
      1,
      null,
      `One of these columns is needed: ${NEEDED[kind].map((column) => WORDS[column] ?? column).join(', ')}.`,
    );
  }
  const options: SyncOptions = { source: 'csv', random: parts.random, deleteMissing: mode === 'sync', force, adopt };
  return runImport(parts, {
    author,
    accountId,
    isTrial: dryRun,
    adopt,
    head: { kind: 'import', entryId: 'csv', name: `CSV file of ${kind}` },
    action: 'directory.import',
    report,
    work: (draft) => PLANS[kind](draft, table, report, options),
    headingOf: (field) => headingOf(table, field),
  });
}

const WORDS: Partial<Record<Column, string>> = {
  userName: 'user name',
  pbxUserName: 'PBX user name',
  deviceName: 'name',
  mac: 'MAC',
};

/** The heading that a field of a value came from. */
function headingOf({ columns }: Table, field: string): string | null {
  const [first = ''] = field.split('.');
  const column: Record<string, Column> = {
    groupId: 'group',
    additionalGroupIds: 'additionalGroups',
    userId: 'user',
    lastName: columns.has('lastName') ? 'lastName' : 'name',
  };
  const own = first === 'name' ? (columns.has('deviceName') ? 'deviceName' : 'numberName') : (first as Column);
  return columns.get(column[first] ?? own) ?? null;
}

const PLANS: Readonly<
  Record<CsvFile['kind'], (draft: Draft, table: Table, report: Report, options: SyncOptions) => void>
> = { users: planUserFile, devices: planDevices, numbers: planNumbers };
