import { queryOptions } from '@tanstack/react-query';
import { api, asked } from '../api/client.ts';
import type { LiveCall, LiveCalls } from '../api/types.ts';

/** Calls that run now; kept true by events, see follow.ts. */
export const liveCallsQuery = queryOptions({
  queryKey: ['calls', 'live'],
  queryFn: ({ signal }): Promise<LiveCalls> => asked(api.GET('/api/v1/calls/live', { signal })),
  staleTime: 60_000,
});

export interface EndedCall {
  readonly call: LiveCall;
  /** Milliseconds since 1970, server time. */
  readonly endedAt: number;
}

/** Calls that have ended and are not in the list yet; filled by events only. */
export const endedCallsQuery = queryOptions({
  queryKey: ['calls', 'ended'],
  queryFn: (): readonly EndedCall[] => [],
  staleTime: Infinity,
  initialData: [] as readonly EndedCall[],
});

/** Calls of the past; all pages and filters. */
export const journalKey = ['calls', 'journal'] as const;
