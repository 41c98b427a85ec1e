import { useParams, useSearch } from '@tanstack/react-router';

/** What the address of a page of an account holds besides its path. */
export interface EntrySearch {
  /** What is searched for. */
  readonly q?: string;
  /** Id of the entry that is open, or `new`. */
  readonly edit?: string;
}

export function readEntrySearch(search: Record<string, unknown>): EntrySearch {
  const text = (value: unknown): string | undefined =>
    typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 200) : undefined;
  const [q, edit] = [text(search['q']), text(search['edit'])];
  return { ...(q === undefined || q === '' ? {} : { q }), ...(edit === undefined || edit === '' ? {} : { edit }) };
}

/** The search of an address with one part changed; an undefined one is taken away. */
export function withSearch(
  search: EntrySearch,
  change: { [F in keyof EntrySearch]?: string | undefined },
): EntrySearch {
  return readEntrySearch({ ...search, ...change });
}

export const useEntrySearch = (): EntrySearch => useSearch({ strict: false, select: readEntrySearch });

/** The account of the page; only beneath `/accounts/$accountId`. */
export function useAccountId(): string {
  return useParams({ strict: false }).accountId ?? '';
}
