import { Badge, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Banner, Empty, Failure } from '../../app/failure.tsx';
import { Page } from '../../app/page.tsx';
import type { LiveCall } from '../../api/types.ts';
import { liveCallsQuery } from '../../live/queries.ts';
import { RunningTime } from '../../live/running.tsx';
import { FirstSteps } from '../../recordings/first-steps.tsx';
import { DirectionMark } from '../../recordings/direction.tsx';
import { LiveIcon } from '../../theme/icons.tsx';
import { partyName, twoSides, VERDICT_WORDS } from '../../words/call.ts';
import { counted } from '../../words/numbers.ts';
import { clockSeconds } from '../../words/time.ts';
import classes from './live.module.css';
import { StreamLine } from './stream-line.tsx';

/** Calls come and go by events; their counters are asked for while the page is looked at. */
const COUNTERS_MS = 2000;

export function LivePage() {
  const live = useQuery({ ...liveCallsQuery, refetchInterval: COUNTERS_MS });
  return (
    <Page
      title="Live calls"
      lead={
        live.data === undefined || live.data.items.length === 0
          ? undefined
          : `${counted(live.data.items.length, 'call')} running`
      }
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
          <Empty icon={<LiveIcon size={24} />} title="No call is running">
            <FirstSteps />
          </Empty>
        </div>
      )}
      {live.data !== undefined && live.data.items.length > 0 && (
        <ul className={classes.calls} aria-label="Running calls">
          {live.data.items.map((call) => (
            <CallCard key={call.callId} call={call} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function CallCard({ call }: { readonly call: LiveCall }) {
  const { caller, callee, more } = twoSides(call.parties);
  return (
    <li className={classes.card}>
      <div className={classes.top}>
        <span className="live-mark" aria-hidden="true" />
        <h2 className={classes.title}>
          {partyName(caller)} <span className={classes.soft}>to</span> {partyName(callee)}
          {more > 0 && <span className={classes.soft}> and {more} more</span>}
        </h2>
        <span className={classes.time}>
          <RunningTime startedAt={call.startedAt} />
        </span>
      </div>
      <div className={classes.facts}>
        <Badge color={call.verdict === 'record' ? 'red' : 'gray'}>
          {call.verdict === 'record' ? 'Recording' : VERDICT_WORDS[call.verdict]}
        </Badge>
        <DirectionMark direction={call.direction} />
        <span>Since {clockSeconds(call.startedAt)}</span>
        <span>Trunk {call.trunk}</span>
      </div>
      <ul className={classes.streams} aria-label="Streams">
        {call.streams.map((stream) => (
          <StreamLine key={stream.stream} stream={stream} parties={call.parties} />
        ))}
        {call.streams.length === 0 && <li className={classes.soft}>No stream has been agreed yet.</li>}
      </ul>
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
