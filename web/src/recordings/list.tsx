import { Button } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import type { UseInfiniteQueryResult, InfiniteData } from '@tanstack/react-query';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { Empty, Failure } from '../app/failure.tsx';
import type { LiveCall, RecordingSummary } from '../api/types.ts';
import type { EndedCall } from '../live/queries.ts';
import { RecordingsIcon, SearchIcon } from '../theme/icons.tsx';
import { counted } from '../words/numbers.ts';
import { Cards } from './cards.tsx';
import { FirstSteps } from './first-steps.tsx';
import classes from './list.module.css';
import { ListSkeleton } from './skeleton.tsx';
import { RecordingTable } from './table.tsx';

interface Page {
  readonly items: RecordingSummary[];
  readonly next: string | null;
}

export interface Rows {
  readonly live: readonly LiveCall[];
  readonly ended: readonly EndedCall[];
  readonly recordings: readonly RecordingSummary[];
}

interface ListProps {
  readonly list: UseInfiniteQueryResult<InfiniteData<Page>>;
  readonly isFiltered: boolean;
  readonly live: readonly LiveCall[];
  readonly ended: readonly EndedCall[];
}

export function RecordingList({ list, isFiltered, live, ended }: ListProps) {
  const isNarrow = useMediaQuery('(max-width: 860px)', undefined, { getInitialValueInEffect: false });
  if (list.isPending) return <ListSkeleton narrow={isNarrow} />;
  if (list.isError && list.data === undefined) {
    return (
      <div className={classes.frame}>
        <Failure title="The recordings could not be loaded" error={list.error} retry={() => void list.refetch()} />
      </div>
    );
  }
  const recordings = list.data?.pages.flatMap((page) => page.items) ?? [];
  const known = new Set(recordings.map(({ callId }) => callId));
  const rows = { live, ended: ended.filter(({ call }) => !known.has(call.callId)), recordings };
  if (recordings.length + live.length + rows.ended.length === 0) return <NothingHere isFiltered={isFiltered} />;
  return (
    <div className={classes.frame} data-narrow={isNarrow || undefined} onKeyDown={moveBetweenRows}>
      {isNarrow ? <Cards {...rows} /> : <RecordingTable {...rows} />}
      <More list={list} shown={recordings.length} />
    </div>
  );
}

function NothingHere({ isFiltered }: { readonly isFiltered: boolean }) {
  return (
    <div className={classes.frame}>
      {isFiltered ? (
        <Empty icon={<SearchIcon size={22} />} title="No recording fits these filters">
          <p>Try fewer filters, a shorter part of the name or number, or a longer time.</p>
        </Empty>
      ) : (
        <Empty icon={<RecordingsIcon size={24} />} title="No recordings yet">
          <FirstSteps />
        </Empty>
      )}
    </div>
  );
}

/** Arrow keys go from row to row, Home and End to the ends; Tab still reaches each of them. */
function moveBetweenRows(event: KeyboardEvent<HTMLElement>): void {
  if (!['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(event.key)) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-row-link]')];
  const at = links.indexOf(document.activeElement as HTMLElement);
  if (at === -1) return;
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: links.length - 1 }[event.key] ?? at;
  event.preventDefault();
  links[Math.max(0, Math.min(links.length - 1, to))]?.focus();
}

/** The next page comes when the end is nearly in sight; the button does the same by hand. */
function More({ list, shown }: { readonly list: ListProps['list']; readonly shown: number }) {
  const end = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = list;
  useEffect(() => {
    if (end.current === null || !hasNextPage || isFetchingNextPage || isFetchNextPageError) return;
    const watch = new IntersectionObserver(([entry]) => entry?.isIntersecting === true && void fetchNextPage(), {
      rootMargin: '400px',
    });
    watch.observe(end.current);
    return () => watch.disconnect();
  }, [hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);
  return (
    <div className={classes.more} ref={end}>
      {hasNextPage ? (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchNextPageError ? 'That failed. Try again' : 'Load more'}
        </Button>
      ) : (
        <span role="status">{shown > 0 && `${counted(shown, 'recording')}, that is all`}</span>
      )}
    </div>
  );
}
