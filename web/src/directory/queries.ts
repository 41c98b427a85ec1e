import { infiniteQueryOptions, queryOptions, useQueries, useQuery, type QueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import { ask } from '../api/client.ts';
import type { Account, AccountPolicy, Change, Entry, Kind, PageOf, PlannedChange, Values } from './types.ts';

const at = (accountId: string, ...rest: string[]): string =>
  `/accounts/${[accountId, ...rest].map(encodeURIComponent).join('/')}`;

/** Everything that is kept of one account's settings. */
export const directoryKey = (accountId: string) => ['directory', accountId] as const;

const PAGE = 100;

export function entriesQuery<K extends Kind>(accountId: string, kind: K, q = '') {
  return infiniteQueryOptions({
    queryKey: [...directoryKey(accountId), kind, 'list', q],
    queryFn: ({ pageParam, signal }) =>
      ask<PageOf<Entry<Values[K]>>>('GET', at(accountId, kind), {
        query: { q, cursor: pageParam, limit: PAGE },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 15_000,
  });
}

export function entryQuery<K extends Kind>(accountId: string, kind: K, id: string) {
  return queryOptions({
    queryKey: [...directoryKey(accountId), kind, 'one', id],
    queryFn: ({ signal }) => ask<Entry<Values[K]>>('GET', at(accountId, kind, id), { signal }),
    staleTime: 15_000,
  });
}

/** A first page, for choosing from. */
export function choicesQuery<K extends Kind>(accountId: string, kind: K, q: string) {
  return queryOptions({
    queryKey: [...directoryKey(accountId), kind, 'choices', q],
    queryFn: ({ signal }) =>
      ask<PageOf<Entry<Values[K]>>>('GET', at(accountId, kind), { query: { q, limit: PAGE }, signal }),
    staleTime: 15_000,
  });
}

export interface Draft<V> {
  /** Null: a new entry. */
  readonly id: string | null;
  readonly revision: number;
  readonly value: V;
}

export function saveEntry<K extends Kind>(
  accountId: string,
  kind: K,
  draft: Draft<Values[K]>,
): Promise<Entry<Values[K]>> {
  const { id, revision, value } = draft;
  return id === null
    ? ask('POST', at(accountId, kind), { body: { value } })
    : ask('PUT', at(accountId, kind, id), { body: { revision, value } });
}

export function removeEntry(accountId: string, kind: Kind, id: string, revision: number): Promise<unknown> {
  return ask('DELETE', at(accountId, kind, id), { query: { revision } });
}

export const accountsQuery = queryOptions({
  queryKey: ['accounts'],
  queryFn: ({ signal }) => allPages<Account>('/accounts', signal),
  staleTime: 60_000,
});

export function accountQuery(accountId: string) {
  return queryOptions({
    queryKey: [...directoryKey(accountId), 'account'],
    queryFn: ({ signal }) => ask<Account>('GET', at(accountId), { signal }),
    staleTime: 15_000,
  });
}

export function saveAccount(account: Account, policy: AccountPolicy): Promise<Account> {
  return ask('PUT', at(account.id), { body: { revision: account.revision, policy } });
}

/** A list that is short enough to be had at once. */
export async function allPages<T>(path: string, signal?: AbortSignal): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const page: PageOf<T> = await ask('GET', path, {
      query: { cursor, limit: PAGE },
      ...(signal === undefined ? {} : { signal }),
    });
    items.push(...page.items);
    cursor = page.next ?? null;
  } while (cursor !== null && items.length < 5000);
  return items;
}

export interface Impact {
  readonly examined: number;
  readonly changed: readonly ImpactedCall[];
}

export interface ImpactedCall {
  readonly callId: string;
  readonly startedAt: string;
  readonly from: string | null;
  readonly to: string | null;
  readonly before: Verdict;
  readonly after: Verdict;
  readonly why: string;
}

type Verdict = 'record' | 'offer' | 'ignore' | 'forbid' | 'hold';

export function previewChanges(
  accountId: string,
  changes: readonly PlannedChange[],
  signal: AbortSignal,
): Promise<Impact> {
  return ask('POST', at(accountId, 'preview'), { body: { changes }, signal });
}

export function historyQuery(accountId: string) {
  return infiniteQueryOptions({
    queryKey: [...directoryKey(accountId), 'history'],
    queryFn: ({ pageParam, signal }) =>
      ask<PageOf<Change>>('GET', at(accountId, 'history'), { query: { cursor: pageParam, limit: 50 }, signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  });
}

export function undoChange(accountId: string, changeId: string): Promise<unknown> {
  return ask('POST', at(accountId, 'history', changeId, 'undo'));
}

/** The newest change of an entry that still stands: what "Undo" takes back. */
export async function newestChange(accountId: string, entryId: string): Promise<Change | undefined> {
  const page = await ask<PageOf<Change>>('GET', at(accountId, 'history'), { query: { entryId, limit: 10 } });
  return page.items.find(({ undoneBy }) => undoneBy === null);
}

/** After a change everything of the account may read otherwise: names, inherited values, history. */
export function refreshAccount(client: QueryClient, accountId: string): Promise<void> {
  void client.invalidateQueries({ queryKey: ['accounts'] });
  return client.invalidateQueries({ queryKey: directoryKey(accountId) });
}

/** Names of entries by id; an id whose name is not known yet is missing. */
export function useNames(accountId: string, kind: Kind, ids: readonly string[]): ReadonlyMap<string, string> {
  const choices = useQuery({ ...choicesQuery(accountId, kind, ''), enabled: ids.length > 0 });
  const known = useMemo(() => new Map(choices.data?.items.map(({ id, name }) => [id, name] as const)), [choices.data]);
  const others = choices.isPending ? [] : ids.filter((id) => !known.has(id)).slice(0, 200);
  return useQueries({
    queries: others.map((id) => ({ ...entryQuery(accountId, kind, id), retry: false })),
    combine: (results) => {
      const names = new Map(known);
      for (const { data } of results) if (data !== undefined) names.set(data.id, data.name);
      return names;
    },
  });
}
