import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import { Banner, Failure } from '../app/failure.tsx';
import { Page, Section } from '../app/page.tsx';
import { useMay } from '../session/session.ts';
import { counted } from '../words/numbers.ts';
import { settingsQuery } from './queries.ts';
import classes from './settings.module.css';

/** Where it is set which calls are recorded, and for how long recordings are kept. */
export function RecordingSettings() {
  const may = useMay();
  const query = useQuery({ ...settingsQuery, enabled: may('settings.read') });
  if (!may('settings.read')) return <Navigate to="/settings/profile" replace />;
  return (
    <Page title="Recording">
      {query.isPending && <Skeleton height={220} radius="md" role="status" aria-label="Loading the settings" />}
      {query.isError && query.data === undefined && (
        <Failure title="The settings could not be loaded" error={query.error} retry={() => void query.refetch()} />
      )}
      {query.data !== undefined && (
        <div className={classes.stack}>
          {query.data.trunkWarning !== null && <Banner>{query.data.trunkWarning}</Banner>}
          <Section title="Which calls are recorded">
            <p className={classes.text}>
              Rules, numbers, queues, users and devices say so, for each account.{' '}
              {may('directory.read') && <Link to="/policy">Go to rules and people</Link>}
            </p>
          </Section>
          <Section title="How long recordings are kept">
            <p className={classes.text}>
              {counted(query.data.retentionDays, 'day')}, where no account, group, user or rule says otherwise. That is{' '}
              <code>retention</code> of earshot.yaml; it holds for recordings made from now on, and each recording shows
              its own date.
            </p>
          </Section>
        </div>
      )}
    </Page>
  );
}
