import { Button, Skeleton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Empty, Failure } from '../../app/failure.tsx';
import { Page } from '../../app/page.tsx';
import { failed } from '../../app/say.ts';
import { directoryKey, refreshAccount } from '../../directory/queries.ts';
import { useMay } from '../../session/session.ts';
import { SearchIcon } from '../../theme/icons.tsx';
import { counted } from '../../words/numbers.ts';
import { useAccountId } from '../frame/address.ts';
import { Effect } from '../frame/effect.tsx';
import frame from '../frame/frame.module.css';
import { savedWithUndo } from '../frame/saved.tsx';
import { Grid } from './grid.tsx';
import classes from './matrix.module.css';
import { matrixQuery } from './queries.ts';
import { rowsOf, stage, type Staged } from './rows.ts';
import { plannedChanges, saveStaged } from './save.ts';

const NOTHING: Staged = new Map();

/** Who is recorded by users and devices: what is set, what is inherited, and from where. */
export function MatrixPage() {
  const accountId = useAccountId();
  const may = useMay();
  const [q, setQ] = useState('');
  const [staged, setStaged] = useState<Staged>(NOTHING);
  const matrix = useInfiniteQuery(matrixQuery(accountId, q));
  const account = matrix.data?.pages[0]?.account;
  const items = matrix.data?.pages.flatMap((page) => page.items) ?? [];
  const rows = account === undefined ? [] : rowsOf(account, items, staged);
  return (
    <Page
      title="Users & devices"
      lead="Recording by direction and by who is at the other end. A device goes before its user, a user before all users; the entire account is recorded for itself, whatever a user says."
    >
      <SearchBox onSearch={setQ} />
      {matrix.isPending && <Skeleton height={320} radius="md" role="status" aria-label="Loading users and devices" />}
      {matrix.isError && matrix.data === undefined && (
        <div className={frame.panel}>
          <Failure
            title="Users and devices could not be loaded"
            error={matrix.error}
            retry={() => void matrix.refetch()}
          />
        </div>
      )}
      {account !== undefined && (
        <>
          <p className={classes.keys}>
            Press a cell to change it: inherit, on, off. By keyboard, arrow keys move and Space changes.
          </p>
          <Grid
            rows={rows}
            account={{ ...account, endpoints: staged.get('all')?.switches ?? account.endpoints }}
            canChange={may('directory.change')}
            changed={new Set(staged.keys())}
            onChange={(row, cell, value) => setStaged(stage(staged, row, cell, value))}
          />
          {items.length === 0 && q !== '' && (
            <Empty icon={<SearchIcon size={22} />} title={`Nobody fits “${q}”`}>
              <p>Try a shorter part of the name or number.</p>
            </Empty>
          )}
          {matrix.hasNextPage && (
            <Button
              variant="default"
              className={frame.more ?? ''}
              loading={matrix.isFetchingNextPage}
              onClick={() => void matrix.fetchNextPage()}
            >
              Load more
            </Button>
          )}
        </>
      )}
      {staged.size > 0 && <SaveBar accountId={accountId} staged={staged} onDone={() => setStaged(NOTHING)} />}
    </Page>
  );
}

interface SaveProps {
  readonly accountId: string;
  readonly staged: Staged;
  readonly onDone: () => void;
}

/** What is changed and not saved yet: its effect on past calls, and the choice. */
function SaveBar({ accountId, staged, onDone }: SaveProps) {
  const client = useQueryClient();
  const planned = useQuery({
    queryKey: [...directoryKey(accountId), 'planned', [...staged]],
    queryFn: () => plannedChanges(client, accountId, staged),
  });
  const save = useMutation({
    mutationFn: () => saveStaged(client, accountId, staged),
    onSuccess: async (ids) => {
      onDone();
      await refreshAccount(client, accountId);
      if (ids.length > 0) savedWithUndo(client, accountId, ids, 'The switches are saved.');
    },
    onError: async (error) => {
      failed('Not everything was saved', error);
      await refreshAccount(client, accountId);
    },
  });
  return (
    <section className={classes.bar} aria-label="Not saved yet">
      <Effect accountId={accountId} changes={planned.data ?? []} isShort />
      <div className={frame.buttons}>
        <span className={classes.barText}>{counted(staged.size, 'row')} changed, not saved yet</span>
        <Button variant="default" onClick={onDone}>
          Discard
        </Button>
        <Button loading={save.isPending} onClick={() => save.mutate()}>
          Save
        </Button>
      </div>
    </section>
  );
}

function SearchBox({ onSearch }: { readonly onSearch: (text: string) => void }) {
  const [typed, setTyped] = useState('');
  const search = useDebouncedCallback(onSearch, 250);
  return (
    <TextInput
      className={frame.search ?? ''}
      aria-label="Search users and devices"
      placeholder="Search names and numbers"
      leftSection={<SearchIcon />}
      maxLength={200}
      value={typed}
      onChange={({ currentTarget: { value } }) => {
        setTyped(value);
        search(value.trim());
      }}
    />
  );
}
