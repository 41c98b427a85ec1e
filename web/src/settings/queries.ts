import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, asked } from '../api/client.ts';
import type { AuditEntry } from '../api/types.ts';

export const settingsQuery = queryOptions({
  queryKey: ['settings'],
  queryFn: ({ signal }) => asked(api.GET('/api/v1/settings', { signal })),
  staleTime: 30_000,
});

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => asked(api.GET('/api/v1/status', { signal })),
  refetchInterval: 15_000,
});

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async ({ signal }) => (await asked(api.GET('/api/v1/tokens', { signal }))).items,
});

export interface AuditFilters {
  readonly action?: string;
  readonly outcome?: AuditEntry['outcome'];
}

export function auditQuery(filters: AuditFilters) {
  return infiniteQueryOptions({
    queryKey: ['audit', filters],
    queryFn: ({ pageParam, signal }) =>
      asked(
        api.GET('/api/v1/audit', {
          params: { query: { ...filters, limit: 50, ...(pageParam === null ? {} : { cursor: pageParam }) } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 0,
  });
}
