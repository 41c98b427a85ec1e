import { Badge, Button, NativeSelect, Skeleton } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { Empty, Failure } from '../app/failure.tsx';
import { Page, Section } from '../app/page.tsx';
import type { AuditEntry } from '../api/types.ts';
import { ShieldIcon } from '../theme/icons.tsx';
import { moment, momentExact } from '../words/time.ts';
import { ACTIONS, actionWords, actorWords, detailWords } from './audit-words.ts';
import { auditQuery } from './queries.ts';
import classes from './settings.module.css';

/** Who did what, newest first. */
export function AuditPage() {
  const [action, setAction] = useState('');
  const [outcome, setOutcome] = useState('');
  const audit = useInfiniteQuery(
    auditQuery({
      ...(action === '' ? {} : { action }),
      ...(outcome === '' ? {} : { outcome: outcome as AuditEntry['outcome'] }),
    }),
  );
  const entries = audit.data?.pages.flatMap(({ items }) => items) ?? [];
  return (
    <Page title="Audit log">
      <Section title="Who did what" note="Sign-ins, plays, downloads, changes, deletions, and what was refused.">
        <div className={classes.row}>
          <NativeSelect
            aria-label="What"
            value={action}
            onChange={({ currentTarget }) => setAction(currentTarget.value)}
            data={[
              { value: '', label: 'Everything' },
              ...Object.entries(ACTIONS).map(([value, label]) => ({ value, label })),
            ]}
          />
          <NativeSelect
            aria-label="Outcome"
            value={outcome}
            onChange={({ currentTarget }) => setOutcome(currentTarget.value)}
            data={[
              { value: '', label: 'Any outcome' },
              { value: 'done', label: 'Done' },
              { value: 'refused', label: 'Refused' },
              { value: 'failed', label: 'Failed' },
            ]}
          />
          <Button
            variant="default"
            onClick={() => void audit.refetch()}
            loading={audit.isRefetching && !audit.isFetchingNextPage}
          >
            Refresh
          </Button>
        </div>
        {audit.isPending && <Skeleton height={200} mt="md" role="status" aria-label="Loading the audit log" />}
        {audit.isError && audit.data === undefined && (
          <Failure title="The audit log could not be loaded" error={audit.error} retry={() => void audit.refetch()} />
        )}
        {audit.data !== undefined && entries.length === 0 && (
          <Empty icon={<ShieldIcon size={22} />} title="Nothing fits">
            <p>No entry has this action and outcome.</p>
          </Empty>
        )}
        <ol className={classes.audit} aria-label="Entries, newest first">
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ol>
        {audit.hasNextPage && (
          <div className={classes.more}>
            <Button variant="default" loading={audit.isFetchingNextPage} onClick={() => void audit.fetchNextPage()}>
              Load more
            </Button>
          </div>
        )}
      </Section>
    </Page>
  );
}

function Entry({ entry }: { readonly entry: AuditEntry }) {
  const detail = [entry.address, ...detailWords(entry.detail)].filter((part) => part !== null && part !== '');
  const isGone = entry.action === 'recording.deleted';
  return (
    <li>
      <time dateTime={entry.at} title={momentExact(entry.at)}>
        {moment(entry.at)}
      </time>
      <span>
        <strong>{actorWords(entry.actor)}</strong>: {actionWords(entry)}
        {entry.action.startsWith('recording') && entry.subject !== null && !isGone && (
          <>
            {' '}
            <Link to="/recordings/$id" params={{ id: entry.subject }}>
              (recording)
            </Link>
          </>
        )}
      </span>
      {entry.outcome !== 'done' && (
        <Badge color={entry.outcome === 'refused' ? 'orange' : 'red'}>
          {entry.outcome === 'refused' ? 'Refused' : 'Failed'}
        </Badge>
      )}
      {detail.length > 0 && <span className={classes.detail}>{detail.join(' · ')}</span>}
    </li>
  );
}
