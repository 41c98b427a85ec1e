import { sql, type Kysely } from 'kysely';
import type { Schema } from '../../catalogue/schema.ts';
import { NumberPlan } from '../../policy/number.ts';
import type { Draft, Stored } from '../change/draft.ts';
import { searchText } from '../search-text.ts';
import type { Kind } from '../values.ts';
import { type Fault, listed } from './fault.ts';

/** Names and ids by which an entry is looked up: two of the same would fit both, so that neither is found. */
export function clashFaults(draft: Draft): Fault[] {
  const plan = new NumberPlan(draft.policy.country);
  const lower = (text: string | undefined) => (text === undefined ? [] : [text.toLowerCase()]);
  return [
    ...twice(draft, 'users', 'pbxUserName', ({ value }) => lower(value.pbxUserName)),
    ...twice(draft, 'users', 'agentId', ({ value }) => lower(value.agentId)),
    ...twice(draft, 'devices', 'name', ({ value }) => lower(value.name)),
    ...twice(draft, 'devices', 'mac', ({ value }) => lower(value.mac)),
    ...twice(draft, 'numbers', 'number', ({ value }) => [plan.key(value.number)]),
    ...twice(draft, 'queues', 'numbers', ({ value }) => (value.numbers ?? []).map((number) => plan.key(number))),
    ...(['queues', 'teams', 'groups', 'roles'] as const).flatMap((kind) =>
      twice(draft, kind, 'name', ({ value }) => lower(value.name)),
    ),
  ];
}

function twice<K extends Kind>(draft: Draft, kind: K, field: string, keysOf: (entry: Stored<K>) => string[]): Fault[] {
  const changed = new Set(draft.edits.filter((edit) => edit.kind === kind && edit.after !== null).map(({ id }) => id));
  if (changed.size === 0) return [];
  return collisions(draft.all(kind), changed, keysOf).map(({ entry, other, key }) => ({
    kind,
    id: entry.id,
    field,
    message: `${key} is taken already, by ${other.name}.`,
  }));
}

interface Collision<K extends Kind> {
  readonly entry: Stored<K>;
  readonly other: Stored<K>;
  readonly key: string;
}

/** Of each changed entry, the first other entry with the same key. */
function collisions<K extends Kind>(
  entries: ReadonlyMap<string, Stored<K>>,
  changed: ReadonlySet<string>,
  keysOf: (entry: Stored<K>) => string[],
): Collision<K>[] {
  const holders = new Map<string, Stored<K>[]>();
  for (const entry of entries.values()) {
    for (const key of new Set(keysOf(entry))) {
      const held = holders.get(key);
      if (held === undefined) holders.set(key, [entry]);
      else held.push(entry);
    }
  }
  return [...holders].flatMap(([key, held]) => {
    if (held.length < 2) return [];
    return held
      .filter(({ id }) => changed.has(id))
      .map((entry) => ({ entry, key, other: held.find((one) => one !== entry)! }));
  });
}

/** What is allowed, but tells nobody apart by itself. */
export function overlapWarnings(draft: Draft): string[] {
  const changed = new Set(
    draft.edits.filter(({ kind, after }) => kind === 'users' && after !== null).map(({ id }) => id),
  );
  if (changed.size === 0) return [];
  const plan = new NumberPlan(draft.policy.country);
  const users = draft.all('users');
  const extensions = collisions(users, changed, ({ value }) => (value.extensions ?? []).map((text) => plan.key(text)));
  const aliases = collisions(users, changed, ({ value }) => (value.aliases ?? []).map((text) => plan.key(text)));
  return [
    ...extensions.map(
      ({ entry, other, key }) =>
        `${key} is the extension of ${entry.name} and of ${other.name}: calls tell them apart only by device, PBX user name, or numeric user or partition id.`,
    ),
    ...aliases.map(
      ({ entry, other, key }) =>
        `${key} is an alias of ${entry.name} and of ${other.name}: a call to it is tied to neither.`,
    ),
  ];
}

/** A MAC is one device's on the whole platform; a phone that asks by its MAC must mean one account. */
export async function macFaults(db: Kysely<Schema>, draft: Draft): Promise<Fault[]> {
  const macs = new Map(
    draft.edits.flatMap(({ kind, id, after }) => {
      const mac = kind === 'devices' && after !== null ? (after as Stored<'devices'>).value.mac : undefined;
      return mac === undefined ? [] : [[mac, id] as const];
    }),
  );
  if (macs.size === 0) return [];
  const { rows } = await sql<{ mac: string }>`
    select distinct value ->> 'mac' as mac from directory_entries
    where kind = 'devices' and account_id <> ${draft.account.id} and value ->> 'mac' = any(${[...macs.keys()]})`.execute(
    db,
  );
  return rows.map(({ mac }) => ({
    kind: 'devices',
    id: macs.get(mac)!,
    field: 'mac',
    message: `${mac} is a device of another account.`,
  }));
}

/** The same number in two accounts: other signs must tell which of them a call belongs to. */
export async function foreignNumberWarnings(db: Kysely<Schema>, draft: Draft): Promise<string[]> {
  const plan = new NumberPlan(draft.policy.country);
  const changed = draft.edits.flatMap(({ kind, after }) =>
    kind === 'numbers' && after !== null ? [plan.key((after as Stored<'numbers'>).value.number)] : [],
  );
  if (changed.length === 0) return [];
  const rows = await db
    .selectFrom('directory_entries')
    .select('search')
    .where('kind', '=', 'numbers')
    .where('account_id', '<>', draft.account.id)
    .execute();
  const foreign = new Set(rows.flatMap(({ search }) => searchText.keysOf(search)));
  const shared = changed.filter((key) => foreign.has(key));
  if (shared.length === 0) return [];
  return [
    `${listed(shared)} ${shared.length === 1 ? 'is a number' : 'are numbers'} of another account too: which one a call belongs to must be told by its trunk or tenant.`,
  ];
}
