import { Button, Skeleton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState, type ComponentType, type ReactNode } from 'react';
import { Empty, Failure } from '../../app/failure.tsx';
import { Page } from '../../app/page.tsx';
import { failed } from '../../app/say.ts';
import { entriesQuery, entryQuery } from '../../directory/queries.ts';
import type { Entry, Kind, Values } from '../../directory/types.ts';
import { useMay } from '../../session/session.ts';
import { SearchIcon } from '../../theme/icons.tsx';
import { KINDS } from '../../words/policy.ts';
import { counted } from '../../words/numbers.ts';
import { useAccountId, useEntrySearch, withSearch } from './address.ts';
import { Editor, type FormProps } from './editor.tsx';
import classes from './frame.module.css';

export interface EntryPageProps<K extends Kind> {
  readonly kind: K;
  readonly title: string;
  readonly lead: ReactNode;
  readonly icon: ReactNode;
  /** What to do when there is none. */
  readonly empty: ReactNode;
  readonly blank: Values[K];
  readonly Form: ComponentType<FormProps<Values[K]>>;
  readonly children: (entries: readonly Entry<Values[K]>[], accountId: string) => ReactNode;
}

/** All entries of a kind: search, list, editor. The address holds what is searched and what is open. */
export function EntryPage<K extends Kind>(props: EntryPageProps<K>) {
  const { kind, title, lead, icon, empty, children } = props;
  const accountId = useAccountId();
  const { q = '' } = useEntrySearch();
  const may = useMay();
  const navigate = useNavigate();
  const list = useInfiniteQuery(entriesQuery(accountId, kind, q));
  const entries = list.data?.pages.flatMap(({ items }) => items) ?? [];
  const words = KINDS[kind];
  const showsSearch = q !== '' || entries.length > 7 || list.hasNextPage;
  return (
    <Page
      title={title}
      lead={lead}
      actions={
        may('directory.change') && (
          <Button onClick={() => void navigate({ to: '.', search: (now) => ({ ...now, edit: 'new' }) })}>
            New {words.one}
          </Button>
        )
      }
    >
      {showsSearch && <SearchBox what={words.many} />}
      {list.isPending && <Skeleton height={180} radius="md" role="status" aria-label={`Loading the ${words.many}`} />}
      {list.isError && list.data === undefined && (
        <div className={classes.panel}>
          <Failure
            title={`The ${words.many} could not be loaded`}
            error={list.error}
            retry={() => void list.refetch()}
          />
        </div>
      )}
      {list.data !== undefined && entries.length === 0 && (
        <div className={classes.panel}>
          {q === '' ? (
            <Empty icon={icon} title={`No ${words.many} yet`}>
              {empty}
            </Empty>
          ) : (
            <Empty icon={<SearchIcon size={22} />} title={`Nothing fits “${q}”`}>
              <p>Try a shorter part of the name or number.</p>
            </Empty>
          )}
        </div>
      )}
      {entries.length > 0 && (
        <>
          {children(entries, accountId)}
          {list.hasNextPage ? (
            <Button
              variant="default"
              className={classes.more ?? ''}
              loading={list.isFetchingNextPage}
              onClick={() => void list.fetchNextPage()}
            >
              Load more
            </Button>
          ) : (
            <p className={classes.count} role="status">
              {counted(entries.length, words.one, words.many)}
            </p>
          )}
        </>
      )}
      <OpenEditor {...props} accountId={accountId} known={entries} />
    </Page>
  );
}

interface OpenProps<K extends Kind> extends EntryPageProps<K> {
  readonly accountId: string;
  readonly known: readonly Entry<Values[K]>[];
}

/** The entry that the address names: it may not be on the page that is loaded. */
function OpenEditor<K extends Kind>({ kind, blank, Form, accountId, known }: OpenProps<K>) {
  const { edit } = useEntrySearch();
  const may = useMay();
  const navigate = useNavigate();
  const isNew = edit === 'new';
  const listed = known.find(({ id }) => id === edit);
  const one = useQuery({
    ...entryQuery(accountId, kind, edit ?? ''),
    enabled: edit !== undefined && !isNew && listed === undefined,
  });
  const close = (): void =>
    void navigate({
      to: '.',
      search: (now) => withSearch(now, { edit: undefined }),
      replace: true,
      resetScroll: false,
    });
  useEffect(() => {
    if (!one.isError || edit === undefined || isNew) return;
    failed(`This ${KINDS[kind].one} could not be opened`, one.error);
    close();
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once for each error
  }, [one.isError]);
  const entry = isNew ? null : (listed ?? one.data);
  if (edit === undefined || entry === undefined || !may('directory.change')) return null;
  return (
    <Editor key={edit} accountId={accountId} kind={kind} entry={entry} blank={blank} Form={Form} onClose={close} />
  );
}

function SearchBox({ what }: { readonly what: string }) {
  const { q = '' } = useEntrySearch();
  const navigate = useNavigate();
  const [typed, setTyped] = useState(q);
  const search = useDebouncedCallback((text: string) => {
    void navigate({
      to: '.',
      search: (now) => withSearch(now, { q: text.trim() }),
      replace: true,
      resetScroll: false,
    });
  }, 250);
  return (
    <TextInput
      className={classes.search ?? ''}
      aria-label={`Search ${what}`}
      placeholder={`Search ${what}`}
      leftSection={<SearchIcon />}
      maxLength={200}
      value={typed}
      onChange={({ currentTarget: { value } }) => {
        setTyped(value);
        search(value);
      }}
    />
  );
}
