import { ask } from '../../api/client.ts';
import { RequestFailed } from '../../api/problem.ts';
import { isSame, orNothing, patched } from '../../directory/merge.ts';
import { accountQuery, entryQuery, saveAccount, saveEntry } from '../../directory/queries.ts';
import type { Account, DeviceValue, PlannedChange, Switches, UserValue } from '../../directory/types.ts';
import type { QueryClient } from '@tanstack/react-query';
import { ALL, ENTIRE, type Staged } from './rows.ts';

type Kept = UserValue | DeviceValue;

/** The whole values that the staged rows come to; what stands now is read afresh, only the switches are put into it. */
export async function plannedChanges(
  client: QueryClient,
  accountId: string,
  staged: Staged,
): Promise<readonly PlannedChange[]> {
  const changes: PlannedChange[] = [];
  const account = await withAccount(client, accountId, staged);
  if (account !== null) changes.push({ kind: 'policy', id: null, value: account.policy });
  for (const [kind, id, { switches }] of entriesOf(staged)) {
    const entry = await client.fetchQuery(entryQuery(accountId, kind, id));
    changes.push({ kind, id, value: withSwitches(entry.value, switches) });
  }
  return changes;
}

/** Saves row by row. @returns ids of what was changed, for undo */
export async function saveStaged(client: QueryClient, accountId: string, staged: Staged): Promise<string[]> {
  const ids: string[] = [];
  const account = await withAccount(client, accountId, staged);
  if (account !== null) {
    await saveAccount(account, account.policy);
    ids.push(accountId);
  }
  for (const [kind, id, { base, switches }] of entriesOf(staged)) {
    const entry = await client.fetchQuery({ ...entryQuery(accountId, kind, id), staleTime: 0 });
    stillAs(base, entry.value.endpoints, entry);
    const value = withSwitches(entry.value, switches);
    if (isSame(value, entry.value)) continue;
    await saveEntry(accountId, kind, { id, revision: entry.revision, value });
    ids.push(id);
  }
  return ids;
}

async function withAccount(client: QueryClient, accountId: string, staged: Staged): Promise<Account | null> {
  const [entire, all] = [staged.get(ENTIRE), staged.get(ALL)];
  if (entire === undefined && all === undefined) return null;
  const account = await client.fetchQuery({ ...accountQuery(accountId), staleTime: 0 });
  if (entire !== undefined) stillAs(entire.base, account.policy.entire, account);
  if (all !== undefined) stillAs(all.base, account.policy.endpoints, account);
  const policy = patched(account.policy, {
    ...(entire === undefined ? {} : { entire: orNothing(entire.switches) }),
    ...(all === undefined ? {} : { endpoints: orNothing(all.switches) }),
  });
  return { ...account, policy };
}

/** @throws RequestFailed when somebody else has set these switches since they were shown */
function stillAs(
  base: Switches,
  now: Switches | undefined,
  { name, changedBy }: { name: string; changedBy: string },
): void {
  if (isSame(base, now ?? {})) return;
  throw new RequestFailed(409, 'CONFLICT', `${changedBy} has changed the switches of ${name} meanwhile.`, {
    remedy: 'Discard your change of this row to see them.',
  });
}

type OneStaged = NonNullable<ReturnType<Staged['get']>>;

function entriesOf(staged: Staged): (readonly ['users' | 'devices', string, OneStaged])[] {
  return [...staged].flatMap(([key, one]) => {
    const [kind, id] = key.split(':');
    return (kind === 'users' || kind === 'devices') && id !== undefined ? [[kind, id, one] as const] : [];
  });
}

function withSwitches(value: Kept, switches: Switches): Kept {
  return patched<Kept>(value, { endpoints: orNothing(switches) });
}

/** A user's own switches, or those of one of his devices. */
export function saveOwn(accountId: string, id: string, own: Switches): Promise<unknown> {
  const path = `/accounts/${encodeURIComponent(accountId)}/own/${encodeURIComponent(id)}`;
  return ask('PUT', path, { body: { own } });
}
