import { Link } from '@tanstack/react-router';
import type { LiveCall, RecordingSummary } from '../api/types.ts';
import { RunningTime } from '../live/running.tsx';
import { partyLines, twoSides } from '../words/call.ts';
import { clock, dayNear, roundedLength } from '../words/time.ts';
import { DirectionMark } from './direction.tsx';
import classes from './list.module.css';
import type { Rows } from './list.tsx';
import { WarningsBadge } from './warnings-badge.tsx';

/** The list on a narrow screen. */
export function Cards({ live, ended, recordings }: Rows) {
  return (
    <ul className={classes.cards} aria-label="Recordings, newest first">
      {live.map((call) => (
        <CallCard key={call.callId} call={call} />
      ))}
      {ended.map(({ call, endedAt }) => (
        <CallCard key={call.callId} call={call} endedAt={endedAt} />
      ))}
      {recordings.map((recording) => (
        <RecordingCard key={recording.id} recording={recording} />
      ))}
    </ul>
  );
}

function RecordingCard({ recording }: { readonly recording: RecordingSummary }) {
  return (
    <li className={classes.card}>
      <div className={classes.cardTop}>
        <Link to="/recordings/$id" params={{ id: recording.id }} className={classes.rowLink} data-row-link>
          <Sides parties={recording.parties} />
        </Link>
        <span className={classes.length}>{roundedLength(recording.durationMs)}</span>
      </div>
      <div className={classes.cardLine}>
        <DirectionMark direction={recording.direction} />
        <time dateTime={recording.startedAt}>
          {dayNear(recording.startedAt)}, {clock(recording.startedAt)}
        </time>
        <WarningsBadge warnings={recording.warnings} playable={recording.playable} />
        <span className={classes.cardId}>Record {recording.recordId}</span>
      </div>
    </li>
  );
}

function CallCard({ call, endedAt }: { readonly call: LiveCall; readonly endedAt?: number }) {
  const isOver = endedAt !== undefined;
  return (
    <li className={classes.card} data-live={isOver ? undefined : true}>
      <div className={classes.cardTop}>
        <Link to="/calls/live" className={classes.rowLink} data-row-link>
          <Sides parties={call.parties} />
        </Link>
        <span className={classes.length}>
          {isOver ? roundedLength(endedAt - Date.parse(call.startedAt)) : <RunningTime startedAt={call.startedAt} />}
        </span>
      </div>
      <div className={classes.cardLine}>
        <span className={classes.liveWord}>
          <span className={isOver ? classes.savingMark : 'live-mark'} aria-hidden="true" />
          {isOver ? 'Saving' : 'Live'}
        </span>
        <DirectionMark direction={call.direction} />
        <WarningsBadge warnings={call.warnings} playable />
      </div>
    </li>
  );
}

function Sides({ parties }: { readonly parties: LiveCall['parties'] | RecordingSummary['parties'] }) {
  const { caller, callee, more } = twoSides<(typeof parties)[number]>(parties);
  return (
    <span className={classes.sides}>
      <span>{partyLines(caller).main}</span>
      <span className={classes.to}>
        to <span className={classes.toName}>{partyLines(callee).main}</span>
        {more > 0 && ` and ${more} more`}
      </span>
    </span>
  );
}
