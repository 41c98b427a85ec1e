import { sql, type Kysely } from 'kysely';
import { EarshotError } from '../base/errors.ts';
import type { Schema } from '../catalogue/schema.ts';
import { endpointValue } from '../policy/layers/endpoint.ts';
import type { DeviceSettings, EndpointSwitches, UserSettings } from '../policy/types.ts';
import { type ChangeParts, makeChange } from './change/change.ts';
import type { Draft } from './change/draft.ts';
import { storedOf } from './change/load.ts';
import { tidyValue } from './check/tidy.ts';
import { getAccount } from './accounts.ts';
import type { CellName, EffectiveCells, Matrix, MatrixDevice, MatrixQuery, MatrixUser, OwnSwitches } from './port.ts';
import { searchText } from './search-text.ts';
import type { Account, AccountPolicy, Author, Entry, Kind } from './values.ts';

const CELLS: readonly CellName[] = ['inboundInternal', 'inboundExternal', 'outboundInternal', 'outboundExternal'];
/** Sorts after every name: devices without a user come last. */
const LAST = '\u{10FFFF}';

/** Users with their devices and what holds for each cell, by the same code as decisions. */
export async function readMatrix(db: Kysely<Schema>, accountId: string, query: MatrixQuery): Promise<Matrix> {
  const account = await getAccount(db, accountId);
  if (account === undefined) throw new EarshotError('NOT_FOUND', 'there is no such account.', { key: 'accountId' });
  const { limit } = query;
  const users = query.after?.[0] === LAST ? [] : await userRows(db, accountId, query);
  const shown = users.slice(0, limit);
  const devices = await devicesOf(
    db,
    accountId,
    shown.map(({ id }) => id),
  );
  const items = shown.map((user) => ({
    user: userCells(user, account.policy),
    devices: devices
      .filter(({ value }) => value.userId === user.id)
      .map((one) => deviceCells(one, user, account.policy)),
  }));
  const last = shown.at(-1);
  if (users.length > limit && last !== undefined)
    return { account: accountCells(account), items, next: [last.name.toLowerCase(), last.id] };
  const free = query.userId === undefined ? await ownerless(db, accountId, query, limit - shown.length) : [];
  const rest = free.slice(0, Math.max(0, limit - shown.length));
  const isMore = free.length > rest.length;
  return {
    account: accountCells(account),
    items: [...items, ...rest.map((one) => ({ user: null, devices: [deviceCells(one, undefined, account.policy)] }))],
    next: isMore ? [LAST, rest.at(-1)?.id ?? ''] : null,
  };
}

async function userRows(db: Kysely<Schema>, accountId: string, query: MatrixQuery): Promise<Entry<'users'>[]> {
  const { q, after, limit, userId } = query;
  let rows = db
    .selectFrom('directory_entries as entry')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('kind', '=', 'users')
    .orderBy(sql`lower(name)`)
    .orderBy('id')
    .limit(limit + 1);
  if (after !== undefined) rows = rows.where(sql<boolean>`(lower(name), id) > (${after[0]}, ${after[1]})`);
  if (userId !== undefined) rows = rows.where('id', '=', userId);
  if (q !== undefined) {
    const pattern = searchText.pattern(q);
    // A user is also found by his devices.
    rows = rows.where(sql<boolean>`(search like ${pattern} or exists (select 1 from directory_entries as device
      where device.account_id = entry.account_id and device.kind = 'devices' and device.value ->> 'userId' = entry.id
        and device.search like ${pattern}))`);
  }
  return (await rows.execute()).map((row) => storedOf(row) as unknown as Entry<'users'>);
}

async function devicesOf(
  db: Kysely<Schema>,
  accountId: string,
  userIds: readonly string[],
): Promise<Entry<'devices'>[]> {
  if (userIds.length === 0) return [];
  const rows = await db
    .selectFrom('directory_entries')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('kind', '=', 'devices')
    .where(sql<boolean>`value ->> 'userId' = any(${[...userIds]})`)
    .orderBy(sql`lower(name)`)
    .execute();
  return rows.map((row) => storedOf(row) as unknown as Entry<'devices'>);
}

/** Devices without a user, in the order of their ids: one more than fits. */
async function ownerless(
  db: Kysely<Schema>,
  accountId: string,
  { q, after }: MatrixQuery,
  room: number,
): Promise<Entry<'devices'>[]> {
  let rows = db
    .selectFrom('directory_entries')
    .selectAll()
    .where('account_id', '=', accountId)
    .where('kind', '=', 'devices')
    .where(sql<boolean>`not value ? 'userId'`)
    .orderBy('id')
    .limit(room + 1);
  if (after?.[0] === LAST) rows = rows.where('id', '>', after[1]);
  if (q !== undefined) rows = rows.where('search', 'like', searchText.pattern(q));
  return (await rows.execute()).map((row) => storedOf(row) as unknown as Entry<'devices'>);
}

function accountCells({ policy, revision }: Account): Matrix['account'] {
  const { endpoints = {}, entire = {}, usersMaySet = true } = policy;
  return { endpoints, entire, usersMaySet, revision };
}

function userCells({ id, name, revision, value }: Entry<'users'>, policy: AccountPolicy): MatrixUser {
  const { endpoints = {}, own = {}, extensions = [], groupId = null } = value;
  const effective = effectiveCells({ user: { ...value, id, name }, device: undefined }, policy);
  return { id, name, revision, endpoints, own, effective, extensions, groupId };
}

function deviceCells(
  { id, name, revision, value }: Entry<'devices'>,
  owner: Pick<Entry<'users'>, 'id' | 'name' | 'value'> | undefined,
  policy: AccountPolicy,
): MatrixDevice {
  const { endpoints = {}, own = {}, mac = null } = value;
  const user = owner === undefined ? undefined : { ...owner.value, id: owner.id, name: owner.name };
  const effective = effectiveCells({ user, device: { ...value, id } }, policy);
  return { id, name, revision, endpoints, own, effective, mac };
}

function effectiveCells(
  endpoint: { readonly user: UserSettings | undefined; readonly device: DeviceSettings | undefined },
  policy: AccountPolicy,
): EffectiveCells {
  const cells = CELLS.map((cell) => {
    const { value, level, isOwn } = endpointValue(cell, endpoint, { settings: policy });
    const isNobody = level === 'account' && policy.endpoints?.[cell] === undefined;
    return [cell, { value, from: isOwn ? 'own' : isNobody ? 'none' : level }] as const;
  });
  return Object.fromEntries(cells) as unknown as EffectiveCells;
}

export async function ownerOf(
  db: Kysely<Schema>,
  accountId: string,
  id: string,
): Promise<{ userId: string | null } | undefined> {
  const row = await db
    .selectFrom('directory_entries')
    .select(['kind', 'value'])
    .where('account_id', '=', accountId)
    .where('kind', 'in', ['users', 'devices'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  if (row.kind === 'users') return { userId: id };
  return { userId: (row.value as { userId?: string }).userId ?? null };
}

/** @throws EarshotError NOT_ALLOWED where the account forbids it, NOT_FOUND */
export async function setOwn(
  parts: ChangeParts,
  author: Author,
  accountId: string,
  id: string,
  own: EndpointSwitches,
): Promise<OwnSwitches> {
  const { draft } = await makeChange(parts, {
    author,
    accountId,
    action: 'own.change',
    edit: (one) => {
      if (one.policy.usersMaySet === false)
        throw new EarshotError('NOT_ALLOWED', 'the account does not let users set this for themselves.');
      const kind: Kind = one.get('users', id) === undefined ? 'devices' : 'users';
      const entry = one.get(kind, id);
      if (entry === undefined) throw new EarshotError('NOT_FOUND', 'there is no such user or device.', { key: 'id' });
      one.put(kind, id, tidyValue(kind, { ...entry.value, own }));
      return { kind, entryId: id, name: entry.name };
    },
  });
  return ownOf(draft, id);
}

function ownOf(draft: Draft, id: string): OwnSwitches {
  const user = draft.get('users', id);
  if (user !== undefined) {
    const { own, effective } = userCells(user, draft.policy);
    return { own, effective };
  }
  const device = draft.get('devices', id)!;
  const owner = device.value.userId === undefined ? undefined : draft.get('users', device.value.userId);
  const { own, effective } = deviceCells(device, owner, draft.policy);
  return { own, effective };
}
