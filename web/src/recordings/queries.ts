import { infiniteQueryOptions, queryOptions, type InfiniteData, type QueryClient } from '@tanstack/react-query';
import { api, asked } from '../api/client.ts';
import type { RecordingSummary } from '../api/types.ts';
import { queryOf, type Filters } from './filters.ts';

export const recordingsKey = ['recordings'] as const;
const listKey = [...recordingsKey, 'list'] as const;

interface Page {
  readonly items: RecordingSummary[];
  readonly next: string | null;
}

const PAGE = 50;

function loadPage(filters: Filters, cursor: string | null, signal?: AbortSignal): Promise<Page> {
  const query = { ...queryOf(filters), limit: PAGE, ...(cursor === null ? {} : { cursor }) };
  return asked(api.GET('/api/v1/recordings', { params: { query }, ...(signal === undefined ? {} : { signal }) }));
}

export function listQuery(filters: Filters) {
  return infiniteQueryOptions({
    queryKey: [...listKey, filters],
    queryFn: ({ pageParam, signal }) => loadPage(filters, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page: Page) => page.next,
    staleTime: 30_000,
  });
}

/** Puts what is new on top of each list that is shown, without loading its further pages again. */
export async function freshenLists(client: QueryClient): Promise<void> {
  for (const query of client.getQueryCache().findAll({ queryKey: listKey })) {
    if (!query.isActive()) {
      query.invalidate();
      continue;
    }
    const filters = query.queryKey[2] as Filters;
    const head = await loadPage(filters, null).catch(() => undefined);
    const data = client.getQueryData<InfiniteData<Page>>(query.queryKey);
    if (head === undefined || data === undefined) continue;
    const known = new Set(data.pages.flatMap((page) => page.items.map(({ id }) => id)));
    const fresh = head.items.filter(({ id }) => !known.has(id));
    if (fresh.length === head.items.length && known.size > 0 && head.next !== null) {
      // More than a page is new: what lies between is not known.
      await client.resetQueries({ queryKey: query.queryKey });
    } else if (fresh.length > 0 || known.size === 0) {
      const [first, ...rest] = data.pages;
      const pages =
        first === undefined ? [head] : [{ ...first, items: newestFirst([...fresh, ...first.items]) }, ...rest];
      client.setQueryData(query.queryKey, { ...data, pages });
    }
  }
}

function newestFirst(items: RecordingSummary[]): RecordingSummary[] {
  return items.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
}

export function forgetRecording(client: QueryClient, id: string): void {
  client.setQueriesData<InfiniteData<Page>>(
    { queryKey: listKey },
    (data) =>
      data && {
        ...data,
        pages: data.pages.map((page) => ({ ...page, items: page.items.filter((item) => item.id !== id) })),
      },
  );
  client.removeQueries({ queryKey: [...recordingsKey, 'one', id], type: 'inactive' });
}

export function recordingQuery(id: string) {
  return queryOptions({
    queryKey: [...recordingsKey, 'one', id],
    queryFn: ({ signal }) => asked(api.GET('/api/v1/recordings/{id}', { params: { path: { id } }, signal })),
    staleTime: 60_000,
  });
}

/** So many columns fit the widest drawing at the finest screen. */
const PEAKS = 1600;

export function peaksQuery(id: string) {
  return queryOptions({
    queryKey: [...recordingsKey, 'one', id, 'peaks'],
    queryFn: ({ signal }) =>
      asked(api.GET('/api/v1/recordings/{id}/peaks', { params: { path: { id }, query: { width: PEAKS } }, signal })),
    staleTime: Infinity,
  });
}

export function traceQuery(id: string) {
  return queryOptions({
    queryKey: [...recordingsKey, 'one', id, 'trace'],
    queryFn: ({ signal }) => asked(api.GET('/api/v1/recordings/{id}/trace', { params: { path: { id } }, signal })),
    staleTime: Infinity,
  });
}
