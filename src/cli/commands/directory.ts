import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { EarshotError, messageOf } from '../../base/errors.ts';
import type { JsonValue } from '../../base/json.ts';
import type { Connection } from '../connection.ts';
import type { CommandContext } from '../context.ts';
import { localTime, plain, table } from '../output.ts';
import { wholeNumber } from './recordings.ts';

interface Entry {
  readonly id: string;
  readonly revision: number;
  readonly name: string;
  readonly value?: JsonValue;
  readonly policy?: JsonValue;
  readonly source?: string | null;
  readonly changedAt: string | null;
  readonly changedBy: string | null;
  readonly warnings?: readonly string[];
}

interface Options {
  readonly account: string;
  readonly json?: boolean;
}

interface Run {
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly adopt?: boolean;
}

interface ImportOutcome {
  readonly applied: boolean;
  readonly counts: { created: number; changed: number; deleted: number; unchanged: number };
  readonly created: readonly { name: string; kind: string }[];
  readonly changed: readonly {
    name: string;
    kind: string;
    fields: readonly { field: string; before: JsonValue; after: JsonValue }[];
  }[];
  readonly deleted: readonly { name: string; kind: string }[];
  readonly errors: readonly { line: number | null; column: string | null; message: string }[];
  readonly warnings: readonly string[];
}

interface Change {
  readonly changeId: string;
  readonly at: string;
  readonly actorName: string;
  readonly kind: string;
  readonly name: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly undoneBy: string | null;
}

const ADOPT = 'give what was made by hand and fits to this source, which may delete it later';
const KINDS = 'users, devices, numbers, queues, teams, groups, roles, rules; accounts, brands, trunks';

export function directoryCommand(program: Command, context: CommandContext): void {
  const directory = program
    .command('directory')
    .description('users, devices, numbers, rules …: what decides which calls are recorded');
  const command = (name: string, description: string) =>
    directory
      .command(name)
      .description(description)
      .option('--account <id>', 'the account', 'main')
      .option('--json', 'for programs');
  command('list <kind>', `entries by name; kinds: ${KINDS}`)
    .option('--search <text>', 'part of a name, number, MAC …')
    .option('--limit <n>', 'how many at most', '100')
    .action((kind: string, options: Options & { search?: string; limit: string }) => list(context, kind, options));
  command('show <kind> <id>', 'one entry with its value').action((kind: string, id: string, options: Options) =>
    show(context, kind, id, options),
  );
  command('set <kind> [id]', 'make an entry, or replace the value of one, from a JSON file or standard input')
    .option('--value <file>', 'JSON file; - for standard input', '-')
    .option('--revision <n>', 'the revision it was made from; the newest without it')
    .action((kind: string, id: string | undefined, options: Options & { value: string; revision?: string }) =>
      set(context, kind, id, options),
    );
  command('delete <kind> <id>', 'delete an entry').action((kind: string, id: string, options: Options) =>
    remove(context, kind, id, options),
  );
  command('import <kind> <file>', 'bring in users, devices or numbers from a CSV file (docs/directory.md)')
    .option('--dry-run', 'only show what would change')
    .option('--sync', 'delete what an earlier file brought and this one does not name')
    .option('--force', 'even when more than a third would be deleted')
    .option('--adopt', ADOPT)
    .action((kind: string, file: string, options: Options & Run & { sync?: boolean }) =>
      importFile(context, kind, file, options),
    );
  command('sync', 'make the users follow the directory server (LDAP, Active Directory) now')
    .option('--dry-run', 'only show what would change')
    .option('--force', 'even when more than a third would be deleted')
    .option('--adopt', ADOPT)
    .action((options: Options & Run) => sync(context, options));
  command('history', 'changes, newest first')
    .option('--limit <n>', 'how many at most', '20')
    .action((options: Options & { limit: string }) => history(context, options));
  command('undo <change>', 'take a change back').action((change: string, options: Options) =>
    undo(context, change, options),
  );
}

/** Brands, accounts and trunks stand above the accounts. */
function pathOf(kind: string, { account }: Options, id?: string): string {
  const path = ['accounts', 'brands', 'trunks'].includes(kind)
    ? `/${kind}`
    : `/accounts/${encodeURIComponent(account)}/${encodeURIComponent(kind)}`;
  return id === undefined ? path : `${path}/${encodeURIComponent(id)}`;
}

async function list(context: CommandContext, kind: string, options: Options & { search?: string; limit: string }) {
  const limit = wholeNumber(options.limit, '--limit');
  const connection = context.connect();
  const isPaged = pathOf(kind, options).startsWith('/accounts/');
  const items: Entry[] = [];
  const query = new URLSearchParams(options.search === undefined ? {} : { q: options.search });
  for (let next: string | null = null; items.length < limit;) {
    if (isPaged) query.set('limit', String(Math.min(1000, limit - items.length)));
    if (next !== null) query.set('cursor', next);
    const text = query.toString();
    const page: { items: Entry[]; next?: string | null } = await connection.json(
      'GET',
      `${pathOf(kind, options)}${text === '' ? '' : `?${text}`}`,
    );
    items.push(...page.items);
    next = page.next ?? null;
    if (next === null) break;
  }
  const rows = items.map((item) => [plain(item.name), item.id ?? '', item.source ?? 'by hand', changeOf(item)]);
  context
    .output(options)
    .result(items, () => (items.length === 0 ? 'None.' : table(['Name', 'Id', 'Kept by', 'Changed'], rows)));
}

function changeOf({ changedAt, changedBy }: Entry): string {
  return changedAt === null ? '' : `${localTime(changedAt)} ${plain(changedBy ?? '')}`;
}

async function show(context: CommandContext, kind: string, id: string, options: Options): Promise<void> {
  const entry = await context.connect().json<Entry>('GET', pathOf(kind, options, id));
  context.output(options).result(entry, () => JSON.stringify(entry, null, 2));
}

async function set(
  context: CommandContext,
  kind: string,
  id: string | undefined,
  options: Options & { value: string; revision?: string },
): Promise<void> {
  const connection = context.connect();
  const value = readJson(context, options.value);
  // Accounts and brands are changed field by field, the others as a whole.
  const isWhole = kind !== 'accounts' && kind !== 'brands';
  const fields = isWhole ? { value } : (value as Record<string, JsonValue>);
  let entry: Entry;
  if (id === undefined) entry = await connection.json<Entry>('POST', pathOf(kind, options), fields);
  else {
    const revision = await revisionOf(connection, pathOf(kind, options, id), options.revision);
    entry = await connection.json<Entry>('PUT', pathOf(kind, options, id), { revision, ...fields });
  }
  context
    .output(options)
    .result(entry, () =>
      [`${plain(entry.name)} (${entry.id ?? entry.name}), revision ${entry.revision}`, ...(entry.warnings ?? [])].join(
        '\n',
      ),
    );
}

async function revisionOf(connection: Connection, path: string, given?: string): Promise<number> {
  if (given !== undefined) return wholeNumber(given, '--revision');
  return (await connection.json<Entry>('GET', path)).revision;
}

function readJson(context: CommandContext, file: string): JsonValue {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : resolve(context.cwd, file), 'utf8')) as JsonValue;
  } catch (error) {
    throw new EarshotError('BAD_REQUEST', `cannot be read as JSON: ${messageOf(error)}.`, { key: '--value' });
  }
}

async function remove(context: CommandContext, kind: string, id: string, options: Options): Promise<void> {
  const connection = context.connect();
  const { revision, name } = await connection.json<Entry>('GET', pathOf(kind, options, id));
  await connection.request('DELETE', `${pathOf(kind, options, id)}?revision=${revision}`);
  context.output(options).result({ deleted: id }, () => `${plain(name)} is deleted.`);
}

async function importFile(
  context: CommandContext,
  kind: string,
  file: string,
  options: Options & Run & { sync?: boolean },
): Promise<void> {
  const body = {
    text: readText(context, file),
    kind,
    mode: options.sync === true ? 'sync' : 'merge',
    dryRun: options.dryRun === true,
    force: options.force === true,
    adopt: options.adopt === true,
  };
  tellOutcome(context, options, await context.connect().json('POST', `${pathOf('imports', options)}/csv`, body));
}

/** UTF-8 alone: other encodings would turn names into others without a word. */
function readText(context: CommandContext, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(resolve(context.cwd, file)));
  } catch (error) {
    throw new EarshotError('BAD_REQUEST', `${file} cannot be read as UTF-8: ${messageOf(error)}.`, {
      remedy: 'Save it as UTF-8.',
    });
  }
}

async function sync(context: CommandContext, options: Options & Run): Promise<void> {
  const body = { dryRun: options.dryRun === true, force: options.force === true, adopt: options.adopt === true };
  tellOutcome(context, options, await context.connect().json('POST', `${pathOf('imports', options)}/ldap`, body));
}

function tellOutcome(context: CommandContext, options: Options, outcome: ImportOutcome): void {
  context.output(options).result(outcome, () => outcomeText(outcome));
  if (outcome.errors.length > 0) process.exitCode = 1;
}

function outcomeText({ applied, counts, created, changed, deleted, errors, warnings }: ImportOutcome): string {
  const fields = (list: ImportOutcome['changed'][number]['fields']) =>
    list.map(({ field, before, after }) => `${field} ${JSON.stringify(before)} → ${JSON.stringify(after)}`).join(', ');
  const lines = [
    ...created.map(({ kind, name }) => `+ ${kind} ${name}`),
    ...changed.map((one) => `~ ${one.kind} ${one.name}: ${fields(one.fields)}`),
    ...deleted.map(({ kind, name }) => `- ${kind} ${name}`),
    ...warnings.map((text) => `warning: ${text}`),
    ...errors.map(
      ({ line, column, message }) =>
        `error${line === null ? '' : ` in line ${line}`}${column === null ? '' : `, ${column}`}: ${message}`,
    ),
    `${counts.created} created, ${counts.changed} changed, ${counts.deleted} deleted, ${counts.unchanged} unchanged: ${
      errors.length > 0 ? 'nothing was applied.' : applied ? 'applied.' : 'not applied, this was a dry run.'
    }`,
  ];
  return lines.map(plain).join('\n');
}

async function history(context: CommandContext, options: Options & { limit: string }): Promise<void> {
  const limit = wholeNumber(options.limit, '--limit', 200);
  const { items } = await context
    .connect()
    .json<{ items: Change[] }>('GET', `${pathOf('history', options)}?limit=${limit}`);
  const rows = items.map((item) => [
    localTime(item.at),
    plain(item.actorName),
    `${item.kind} ${item.before === null ? 'made' : item.after === null ? 'deleted' : 'changed'}`,
    plain(item.name),
    `${item.changeId}${item.undoneBy === null ? '' : ' (taken back)'}`,
  ]);
  context
    .output(options)
    .result(items, () =>
      rows.length === 0 ? 'No changes yet.' : table(['When', 'Who', 'What', 'Name', 'Change'], rows),
    );
}

async function undo(context: CommandContext, change: string, options: Options): Promise<void> {
  const path = `${pathOf('history', options, change)}/undo`;
  const undone = await context.connect().json<{ changeId: string }>('POST', path);
  context.output(options).result(undone, () => `Taken back, by change ${undone.changeId}.`);
}
