import { Badge, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Banner, Empty, Failure } from '../../app/failure.tsx';
import { Page } from '../../app/page.tsx';
import type { LiveCall } from '../../api/types.ts';
import { useSession } from '../../session/session.ts';
import { liveCallsQuery } from '../../live/queries.ts';
import { RunningTime } from '../../live/running.tsx';
import { FirstSteps } from '../../recordings/first-steps.tsx';
import { DirectionMark } from '../../recordings/direction.tsx';
import { LiveIcon } from '../../theme/icons.tsx';
import { partyName, twoSides } from '../../words/call.ts';
import { counted } from '../../words/numbers.ts';
import { clockSeconds } from '../../words/time.ts';
import { Controls } from './controls.tsx';
import classes from './live.module.css';
import { CallState } from './state.tsx';
import { StreamLine } from './stream-line.tsx';

/** Calls come and go by events; their counters are asked for while the page is looked at. */
const COUNTERS_MS = 2000;

export function LivePage() {
  const session = useSession();
  const live = useQuery({ ...liveCallsQuery, refetchInterval: COUNTERS_MS });
  const isOwn = session?.role === 'user';
  const items = live.data?.items ?? [];
  return (
    <Page
      title={isOwn ? 'My call' : 'Live calls'}
      lead={items.length === 0 || isOwn ? undefined : `${counted(items.length, 'call')} running`}
    >
      {live.data?.recorder === 'away' && (
        <Banner tone="bad">
          <strong>The recorder cannot be asked just now.</strong> The calls below are what was known last; it goes on
          recording by itself.
        </Banner>
      )}
      {live.isPending && <Skeleton height={150} radius="md" role="status" aria-label="Loading the calls" />}
      {live.isError && live.data === undefined && (
        <div className={classes.frame}>
          <Failure title="The calls could not be loaded" error={live.error} retry={() => void live.refetch()} />
        </div>
      )}
      {live.data?.items.length === 0 && (
        <div className={classes.frame}>
          <Empty icon={<LiveIcon size={24} />} title={isOwn ? 'You are in no call' : 'No call is running'}>
            {isOwn ? <p>When you are, it appears here with what you may do.</p> : <FirstSteps />}
          </Empty>
        </div>
      )}
      {items.length > 0 && (
        <ul className={classes.calls} aria-label="Running calls">
          {items.map((call) =>
            isOwn ? <MyCall key={call.callId} call={call} /> : <CallCard key={call.callId} call={call} />,
          )}
        </ul>
      )}
    </Page>
  );
}

/** The person's own call: what happens to it, and big buttons. */
function MyCall({ call }: { readonly call: LiveCall }) {
  return (
    <li className={classes.card}>
      <Head call={call} />
      <CallState call={call} />
      <Controls call={call} isBig />
    </li>
  );
}

function CallCard({ call }: { readonly call: LiveCall }) {
  return (
    <li className={classes.card}>
      <Head call={call} />
      <div className={classes.acts}>
        <CallState call={call} />
        <Controls call={call} />
      </div>
      <div className={classes.facts}>
        <DirectionMark direction={call.direction} />
        <span>Since {clockSeconds(call.startedAt)}</span>
        <span>Trunk {call.trunk}</span>
        {call.override !== 'auto' && <Badge color="yellow">Override: {call.override}</Badge>}
      </div>
      <ul className={classes.streams} aria-label="Streams">
        {call.streams.map((stream) => (
          <StreamLine key={stream.stream} stream={stream} parties={call.parties} />
        ))}
        {call.streams.length === 0 && <li className={classes.soft}>No stream has been agreed yet.</li>}
      </ul>
      {call.recordings.length > 0 && <p className={classes.why}>{call.why}</p>}
      {call.warnings.length > 0 && (
        <Banner>
          {call.warnings.map((warning, i) => (
            <div key={i}>{warning}</div>
          ))}
        </Banner>
      )}
    </li>
  );
}

function Head({ call }: { readonly call: LiveCall }) {
  const { caller, callee, more } = twoSides<LiveCall['parties'][number]>(call.parties);
  return (
    <div className={classes.top}>
      <h2 className={classes.title}>
        {caller?.userName ?? partyName(caller)} <span className={classes.soft}>to</span>{' '}
        {callee?.userName ?? partyName(callee)}
        {more > 0 && <span className={classes.soft}> and {more} more</span>}
      </h2>
      <span className={classes.time}>
        <RunningTime startedAt={call.startedAt} />
      </span>
    </div>
  );
}
