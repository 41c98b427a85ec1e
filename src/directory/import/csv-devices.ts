import type { Draft } from '../change/draft.ts';
import { tidyValue } from '../check/tidy.ts';
import { CellReader, listIn } from './cells.ts';
import type { Column } from './columns.ts';
import type { Report } from './report.ts';
import { countOf, keptBy, Matcher, removeMissing, withFields } from './sync.ts';
import type { Table } from './table.ts';
import type { SyncOptions } from './users.ts';

/** By the first of these columns that the file has, a row is known again in the next file. */
export const DEVICE_KEYS: readonly Column[] = ['key', 'mac', 'deviceName'];

export function planDevices(draft: Draft, table: Table, report: Report, options: SyncOptions): void {
  const { source, random, deleteMissing, force } = options;
  const before = countOf(draft, 'devices', source);
  const keyColumn = DEVICE_KEYS.find((column) => table.columns.has(column)) ?? 'key';
  const owners = new Owners(draft);
  const tidyMac = (mac: string) => tidyValue('devices', { name: '', mac }).mac ?? mac;
  const matcher = new Matcher(draft.all('devices').values(), source, random, ({ name, mac }) =>
    [name, mac].flatMap((text) => (text === undefined ? [] : [text.toLowerCase()])),
  );
  for (const row of table.rows) {
    const cells = new CellReader(row, table, report);
    const text = cells.text(keyColumn);
    if (text === undefined) {
      cells.fault(keyColumn, 'The cell is empty, but devices are known again by it.');
      continue;
    }
    const mac = cells.text('mac');
    const key = keyColumn === 'mac' ? tidyMac(text) : text.toLowerCase();
    const name = cells.text('deviceName');
    const names = [mac === undefined ? undefined : tidyMac(mac), name?.toLowerCase()].flatMap((one) => one ?? []);
    const { id, entry } = matcher.find(key, names);
    if (cells.isTwice('devices', id)) continue;
    const value = withFields(entry?.value ?? { name: name ?? mac ?? key }, {
      ...(name === undefined ? {} : { name }),
      ...cells.field('mac', 'mac', (column) => cells.text(column)),
      ...cells.field('aliases', 'aliases', (column) => listIn(cells.text(column) ?? '')),
      ...cells.field('userId', 'user', () => owners.find(cells)),
      ...cells.switches(entry?.value.endpoints),
    });
    const { own, ...rest } = value;
    const kept = own !== undefined && value.userId === entry?.value.userId ? value : rest;
    draft.put('devices', id, tidyValue('devices', kept), keptBy(entry, key, report, options));
  }
  if (deleteMissing) removeMissing(draft, 'devices', source, report, { before, force });
}

/** Users as a cell may name them: key, user names, mail, extension, or first and last name. */
class Owners {
  readonly #byName = new Map<string, string | null>();

  constructor(draft: Draft) {
    for (const { id, name, value, externalKey } of draft.all('users').values()) {
      const words = [
        externalKey,
        value.userName,
        value.pbxUserName,
        value.mail?.address,
        name,
        ...(value.extensions ?? []),
      ];
      for (const word of new Set(words.flatMap((one) => one?.toLowerCase() ?? []))) {
        this.#byName.set(word, this.#byName.has(word) ? null : id);
      }
    }
  }

  find(cells: CellReader): string | undefined {
    const text = cells.text('user');
    if (text === undefined) return undefined;
    const id = this.#byName.get(text.toLowerCase());
    if (id === undefined) cells.fault('user', `There is no user "${text}".`);
    if (id === null) cells.fault('user', `"${text}" fits several users.`);
    return id ?? undefined;
  }
}
