import { Button, NativeSelect, Skeleton, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { Empty, Failure } from '../../app/failure.tsx';
import { Page } from '../../app/page.tsx';
import { accountsQuery } from '../../directory/queries.ts';
import { FirstSteps } from '../../recordings/first-steps.tsx';
import { useMay } from '../../session/session.ts';
import { PhoneIcon, SearchIcon } from '../../theme/icons.tsx';
import { counted } from '../../words/numbers.ts';
import { OUTCOMES } from '../../words/policy.ts';
import { readCallFilters, withCallChange, type CallFilters } from './filters.ts';
import classes from './journal.module.css';
import { callsQuery } from './queries.ts';
import { CallTable } from './table.tsx';

const route = getRouteApi('/inside/calls/');

/** Every call, recorded or not, newest first. */
export function JournalPage() {
  const filters = route.useSearch({ select: readCallFilters, structuralSharing: true });
  const list = useInfiniteQuery(callsQuery(filters));
  const calls = list.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Page title="Calls" lead="Every call that reached Earshot, recorded or not, and why.">
      <Filters filters={filters} />
      {list.isPending && <Skeleton height={320} radius="md" role="status" aria-label="Loading the calls" />}
      {list.isError && list.data === undefined && (
        <div className={classes.frame}>
          <Failure title="The calls could not be loaded" error={list.error} retry={() => void list.refetch()} />
        </div>
      )}
      {list.data !== undefined && calls.length === 0 && <Nothing isFiltered={Object.keys(filters).length > 0} />}
      {calls.length > 0 && (
        <>
          <CallTable calls={calls} />
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
              {counted(calls.length, 'call')}, that is all
            </p>
          )}
        </>
      )}
    </Page>
  );
}

function Nothing({ isFiltered }: { readonly isFiltered: boolean }) {
  return (
    <div className={classes.frame}>
      {isFiltered ? (
        <Empty icon={<SearchIcon size={22} />} title="No call fits these filters">
          <p>Try fewer filters, or a shorter part of the name or number.</p>
        </Empty>
      ) : (
        <Empty icon={<PhoneIcon size={22} />} title="No calls yet">
          <FirstSteps />
        </Empty>
      )}
    </div>
  );
}

function Filters({ filters }: { readonly filters: CallFilters }) {
  const navigate = useNavigate();
  const change = (next: Parameters<typeof withCallChange>[1], replace = false): void => {
    void navigate({ to: '/calls', search: withCallChange(filters, next), replace, resetScroll: false });
  };
  return (
    <search className={classes.filters} aria-label="Calls">
      <SearchBox text={filters.q ?? ''} onSearch={(q) => change({ q: q === '' ? undefined : q }, true)} />
      <NativeSelect
        aria-label="Outcome"
        value={filters.verdict ?? ''}
        onChange={({ currentTarget: { value } }) => change(readCallFilters({ ...filters, verdict: value }), false)}
        data={[
          { value: '', label: 'Any outcome' },
          ...Object.entries(OUTCOMES).map(([value, label]) => ({ value, label })),
        ]}
      />
      <TextInput
        type="date"
        aria-label="From day"
        value={filters.from ?? ''}
        max={filters.to ?? '2100-01-01'}
        onChange={({ currentTarget: { value } }) => change({ from: value || undefined })}
      />
      <TextInput
        type="date"
        aria-label="To day"
        value={filters.to ?? ''}
        min={filters.from ?? '2000-01-01'}
        onChange={({ currentTarget: { value } }) => change({ to: value || undefined })}
      />
      <AccountFilter value={filters.account} onChange={(account) => change({ account })} />
      {Object.keys(filters).length > 0 && (
        <Button variant="subtle" onClick={() => void navigate({ to: '/calls', search: {}, resetScroll: false })}>
          Clear all
        </Button>
      )}
    </search>
  );
}

interface AccountProps {
  readonly value: string | undefined;
  readonly onChange: (id: string | undefined) => void;
}

function AccountFilter({ value, onChange }: AccountProps) {
  const may = useMay();
  const accounts = useQuery({ ...accountsQuery, enabled: may('directory.read') }).data ?? [];
  if (accounts.length < 2) return null;
  return (
    <NativeSelect
      aria-label="Account"
      value={value ?? ''}
      onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
      data={[{ value: '', label: 'Every account' }, ...accounts.map(({ id, name }) => ({ value: id, label: name }))]}
    />
  );
}

function SearchBox({ text, onSearch }: { readonly text: string; readonly onSearch: (text: string) => void }) {
  const [typed, setTyped] = useState(text);
  const search = useDebouncedCallback((value: string) => onSearch(value.trim()), 250);
  return (
    <TextInput
      className={classes.search ?? ''}
      aria-label="Search names and numbers"
      placeholder="Search names and numbers"
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
