import { infiniteQueryOptions } from '@tanstack/react-query';
import { ask } from '../../api/client.ts';
import { directoryKey } from '../../directory/queries.ts';
import type { Switches } from '../../directory/types.ts';

export interface MatrixEndpoint {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly endpoints: Switches;
  readonly own: Switches;
}

export interface MatrixUser extends MatrixEndpoint {
  readonly extensions: readonly string[];
}

export interface MatrixDevice extends MatrixEndpoint {
  readonly mac: string | null;
}

export interface MatrixItem {
  /** Null: devices that belong to nobody. */
  readonly user: MatrixUser | null;
  readonly devices: readonly MatrixDevice[];
}

export interface Matrix {
  readonly account: {
    readonly endpoints: Switches;
    readonly entire: Switches;
    readonly usersMaySet: boolean;
    readonly revision: number;
  };
  readonly items: readonly MatrixItem[];
  readonly next: string | null;
}

export function matrixQuery(accountId: string, q: string) {
  return infiniteQueryOptions({
    queryKey: [...directoryKey(accountId), 'matrix', q],
    queryFn: ({ pageParam, signal }) =>
      ask<Matrix>('GET', `/accounts/${encodeURIComponent(accountId)}/matrix`, {
        query: { q, cursor: pageParam, limit: 50 },
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    staleTime: 15_000,
  });
}
