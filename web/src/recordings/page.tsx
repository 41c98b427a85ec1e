import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useEffect } from 'react';
import { Banner } from '../app/failure.tsx';
import { Page } from '../app/page.tsx';
import type { LiveCall } from '../api/types.ts';
import { endedCallsQuery, liveCallsQuery } from '../live/queries.ts';
import { useMay } from '../session/session.ts';
import { settingsQuery } from '../settings/queries.ts';
import { FilterBar } from './filter-bar.tsx';
import { readFilters, rememberFilters, type Filters } from './filters.ts';
import { RecordingList } from './list.tsx';
import { listQuery } from './queries.ts';

const route = getRouteApi('/inside/');

/** All recordings, newest first, with the calls that run now on top. */
export function RecordingsPage() {
  // The router hands on what it did not understand as well.
  const filters = route.useSearch({ select: readFilters, structuralSharing: true });
  const may = useMay();
  useEffect(() => rememberFilters(filters), [filters]);
  const list = useInfiniteQuery(listQuery(filters));
  const isFiltered = Object.keys(filters).length > 0;
  // Running calls belong to no search; they are shown where the newest things are.
  const showsLive = !isFiltered || isOnlyRecent(filters);
  const live = useQuery({ ...liveCallsQuery, enabled: may('calls.live') });
  const ended = useQuery(endedCallsQuery);
  return (
    <Page title="Recordings" above={<TrunkWarning />}>
      <FilterBar filters={filters} />
      <RecordingList
        list={list}
        isFiltered={isFiltered}
        live={showsLive ? newestFirst(live.data?.items ?? []) : []}
        ended={showsLive ? ended.data : []}
      />
    </Page>
  );
}

function newestFirst(calls: readonly LiveCall[]): LiveCall[] {
  return calls.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt));
}

function isOnlyRecent(filters: Filters): boolean {
  return Object.keys(filters).length === 1 && filters.period !== undefined;
}

function TrunkWarning() {
  const may = useMay();
  const settings = useQuery({ ...settingsQuery, enabled: may('settings.read') });
  const warning = settings.data?.trunkWarning ?? null;
  return warning === null ? null : <Banner>{warning}</Banner>;
}
