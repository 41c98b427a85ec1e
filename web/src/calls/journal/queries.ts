import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';
import type { CallDetail, CallSummary } from '../../api/types.ts';
import type { PageOf } from '../../directory/types.ts';
import { journalKey } from '../../live/queries.ts';
import { callQueryOf, type CallFilters } from './filters.ts';

export function callsQuery(filters: CallFilters) {
  return infiniteQueryOptions({
    queryKey: [...journalKey, filters],
    queryFn: ({ pageParam, signal }) =>
      ask<PageOf<CallSummary>>('GET', '/calls', {
        query: { ...callQueryOf(filters), cursor: pageParam, limit: 50 },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 15_000,
  });
}

export function callQuery(id: string) {
  return queryOptions({
    queryKey: ['calls', 'one', id],
    queryFn: ({ signal }) => ask<CallDetail>('GET', `/calls/${encodeURIComponent(id)}`, { signal }),
    staleTime: 15_000,
  });
}
