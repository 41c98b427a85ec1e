import { queryOptions, useQueryClient, useSuspenseQuery, type QueryClient } from '@tanstack/react-query';
import { api, asked } from '../api/client.ts';
import { isStatus } from '../api/problem.ts';
import type { Session } from '../api/types.ts';

/** Actions that the client asks for; the API names them in `session.abilities`. */
export type Ability =
  | 'calls.live'
  | 'settings.read'
  | 'settings.change'
  | 'tokens.read'
  | 'tokens.change'
  | 'audit.read'
  | 'status.read'
  | 'password.change'
  | 'recordings.list'
  | 'calls.list'
  | 'calls.control'
  | 'directory.read'
  | 'directory.change'
  | 'own.change'
  | 'explain'
  | 'people.read'
  | 'people.change'
  | 'brand.change'
  | 'platform.change';

/** Null: nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }): Promise<Session | null> => {
    try {
      return await asked(api.GET('/api/v1/session', { signal }));
    } catch (error) {
      if (isStatus(error, 401)) return null;
      throw error;
    }
  },
  staleTime: 60_000,
});

/** Who is signed in; only for pages behind the sign-in. */
export function useSession(): Session | null {
  return useSuspenseQuery(sessionQuery).data;
}

export function useMay(): (ability: Ability) => boolean {
  const abilities = useSession()?.abilities ?? [];
  return (ability) => abilities.includes(ability);
}

/** Somebody has signed in: nothing that was loaded for another person stays. */
export function signedIn(client: QueryClient, session: Session): void {
  client.clear();
  client.setQueryData(sessionQuery.queryKey, session);
}

export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await asked(api.DELETE('/api/v1/session')).catch((error: unknown) => {
      if (!isStatus(error, 401)) throw error;
    });
    client.clear();
    client.setQueryData(sessionQuery.queryKey, null);
  };
}
