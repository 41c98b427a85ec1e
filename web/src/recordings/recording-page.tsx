import { Skeleton, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Banner, Empty, Failure } from '../app/failure.tsx';
import { Page } from '../app/page.tsx';
import { isStatus } from '../api/problem.ts';
import type { RecordingDetail } from '../api/types.ts';
import { Player } from '../player/player.tsx';
import { usePlayer } from '../player/use-player.ts';
import { useMay } from '../session/session.ts';
import { ChevronLeftIcon, RecordingsIcon } from '../theme/icons.tsx';
import { endWords, partyName, twoSides } from '../words/call.ts';
import { counted } from '../words/numbers.ts';
import { moment, roundedLength } from '../words/time.ts';
import { CallParts, partsOf } from './call-parts.tsx';
import { Conversation } from './conversation.tsx';
import { DecisionPanel } from './decision.tsx';
import { DeleteButton } from './delete-button.tsx';
import { DownloadMenu } from './download-menu.tsx';
import { EventsPanel, flagsOf } from './events.tsx';
import { Facts } from './facts.tsx';
import { lastFilters } from './filters.ts';
import { IntegrityPanel } from './integrity.tsx';
import { Pauses } from './pauses.tsx';
import { QualityPanel } from './quality.tsx';
import { recordingQuery } from './queries.ts';
import classes from './recording.module.css';
import { TracePanel } from './trace.tsx';

const route = getRouteApi('/inside/recordings/$id');

export function RecordingPage() {
  const { id } = route.useParams();
  const query = useQuery(recordingQuery(id));
  if (query.data !== undefined) return <Loaded key={id} recording={query.data} />;
  if (query.isError) return <Missing error={query.error} retry={() => void query.refetch()} />;
  return (
    <Page title="Recording" above={<BackLink />}>
      <div role="status" aria-label="Loading the recording" className={classes.loading}>
        <Skeleton height={250} radius="md" />
        <Skeleton height={160} radius="md" />
      </div>
    </Page>
  );
}

function BackLink() {
  return (
    <Link to="/" search={lastFilters()} className={classes.back}>
      <ChevronLeftIcon size={16} />
      Recordings
    </Link>
  );
}

function Missing({ error, retry }: { readonly error: unknown; readonly retry: () => void }) {
  if (isStatus(error, 404, 400)) {
    return (
      <Page title="Recording" above={<BackLink />}>
        <Empty icon={<RecordingsIcon size={22} />} title="There is no such recording">
          <p>It was deleted, its time of keeping is over, or you may not see it.</p>
        </Empty>
      </Page>
    );
  }
  return (
    <Page title="Recording" above={<BackLink />}>
      <Failure title="The recording could not be loaded" error={error} retry={retry} />
    </Page>
  );
}

function Loaded({ recording }: { readonly recording: RecordingDetail }) {
  const { caller, callee, more } = twoSides(recording.parties);
  const title = `${partyName(caller)} and ${partyName(callee)}${more > 0 ? ` and ${more} more` : ''}`;
  const player = usePlayer(recording.durationMs, recording.channels);
  const flags = flagsOf(recording);
  const parts = partsOf(recording);
  const part =
    parts.length > 1 ? ` · part ${parts.findIndex(({ id }) => id === recording.id) + 1} of ${parts.length}` : '';
  return (
    <Page
      title={title}
      tabTitle={`${title}, recording ${recording.recordId}`}
      above={<BackLink />}
      lead={`Recording ${recording.recordId}${part} · ${moment(recording.startedAt)} · ${roundedLength(recording.durationMs)}`}
      actions={recording.abilities.delete && <DeleteButton recording={recording} title={title} />}
    >
      <Warnings recording={recording} />
      {recording.abilities.play && (
        <Player
          recording={recording}
          player={player}
          flags={flags}
          actions={recording.abilities.download && <DownloadMenu recording={recording} />}
        />
      )}
      {!recording.playable && (
        <Banner>
          <strong>There is no audio.</strong> The call was set up, but nothing arrived that could be kept as sound.{' '}
          {endWords(recording.endReason)} The SIP trace below shows what was agreed.
        </Banner>
      )}
      <CallParts recording={recording} />
      <Pauses recording={recording} seek={recording.abilities.play ? player.seek : undefined} />
      <Facts recording={recording} />
      <Conversation recording={recording} />
      <Parts recording={recording} seek={recording.abilities.play ? player.seek : undefined} />
    </Page>
  );
}

function Warnings({ recording: { warnings } }: { readonly recording: RecordingDetail }) {
  if (warnings.length === 0) return null;
  return (
    <Banner>
      <strong>{counted(warnings.length, 'warning')} about this recording</strong>
      <ul className={classes.warnings}>
        {warnings.map((warning, i) => (
          <li key={i}>{warning}</li>
        ))}
      </ul>
    </Banner>
  );
}

interface PartsProps {
  readonly recording: RecordingDetail;
  readonly seek: ((ms: number) => void) | undefined;
}

function Parts({ recording, seek }: PartsProps) {
  const may = useMay();
  return (
    <Tabs defaultValue="events" keepMounted={false} className={classes.parts ?? ''}>
      <Tabs.List aria-label="More about this recording" className={classes.tabs ?? ''}>
        <Tabs.Tab value="events">Events</Tabs.Tab>
        <Tabs.Tab value="quality">Quality</Tabs.Tab>
        <Tabs.Tab value="decision">Why recorded</Tabs.Tab>
        {recording.abilities.trace && <Tabs.Tab value="trace">SIP trace</Tabs.Tab>}
        <Tabs.Tab value="integrity">Integrity</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="events">
        <EventsPanel recording={recording} seek={seek} />
      </Tabs.Panel>
      <Tabs.Panel value="quality">
        <QualityPanel recording={recording} seek={seek} />
      </Tabs.Panel>
      <Tabs.Panel value="decision">
        <DecisionPanel decision={recording.decision} />
        {may('calls.list') && (
          <p className={classes.whole}>
            <Link to="/calls/$callId" params={{ callId: recording.callId }}>
              The whole call, with every decision
            </Link>
          </p>
        )}
      </Tabs.Panel>
      {recording.abilities.trace && (
        <Tabs.Panel value="trace">
          <TracePanel id={recording.id} startedAt={recording.startedAt} />
        </Tabs.Panel>
      )}
      <Tabs.Panel value="integrity">
        <IntegrityPanel recording={recording} />
      </Tabs.Panel>
    </Tabs>
  );
}
