import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { isStatus, RequestFailed } from '../api/problem.ts';
import { sessionQuery } from '../session/session.ts';

/** `onSignedOut`: a request of a signed-in page was answered with 401; the session is over. */
export function createQueryClient(onSignedOut: () => void): QueryClient {
  const watch = (error: unknown): void => {
    const session = client.getQueryData(sessionQuery.queryKey);
    if (!isStatus(error, 401) || session === undefined || session === null) return;
    client.setQueryData(sessionQuery.queryKey, null);
    onSignedOut();
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError: watch }),
    mutationCache: new MutationCache({ onError: watch }),
    defaultOptions: {
      queries: {
        // What the server refused it will refuse again; a server that is away may come back.
        retry: (failures, error) =>
          failures < 2 && !(error instanceof RequestFailed && error.status >= 400 && error.status < 500),
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
  client.getQueryCache().subscribe((event) => {
    // The event stream found out that nobody is signed in any more.
    if (event.type !== 'updated' || event.action.type !== 'success' || event.query.queryKey[0] !== 'session') return;
    if (event.query.state.data === null) onSignedOut();
  });
  return client;
}
