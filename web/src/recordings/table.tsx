import { Link } from '@tanstack/react-router';
import type { Party, RecordingSummary } from '../api/types.ts';
import { RunningTime } from '../live/running.tsx';
import { partyLines, partyName, twoSides } from '../words/call.ts';
import { clockSeconds, dayNear, momentExact, roundedLength, spokenLength } from '../words/time.ts';
import { DirectionMark } from './direction.tsx';
import classes from './list.module.css';
import type { Rows } from './list.tsx';
import { WarningsBadge } from './warnings-badge.tsx';

export function RecordingTable({ live, ended, recordings }: Rows) {
  return (
    <table className={classes.table} aria-label="Recordings, newest first">
      <thead>
        <tr>
          <th scope="col">Record</th>
          <th scope="col">Start</th>
          <th scope="col">Direction</th>
          <th scope="col">Caller</th>
          <th scope="col">Callee</th>
          <th scope="col" className={classes.right}>
            Length
          </th>
          <th scope="col">
            <span className={classes.spoken}>Warnings</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {live.map((call) => (
          <CallRow key={call.callId} call={call} />
        ))}
        {ended.map(({ call, endedAt }) => (
          <CallRow key={call.callId} call={call} endedAt={endedAt} />
        ))}
        {recordings.map((recording) => (
          <RecordingRow key={recording.id} recording={recording} />
        ))}
      </tbody>
    </table>
  );
}

function RecordingRow({ recording }: { readonly recording: RecordingSummary }) {
  const { caller, callee, more } = twoSides(recording.parties);
  return (
    <tr className={classes.row}>
      <td>
        <Link
          to="/recordings/$id"
          params={{ id: recording.id }}
          className={classes.rowLink}
          data-row-link
          aria-label={`Recording ${recording.recordId}, ${partyName(caller)} and ${partyName(callee)}`}
        >
          {recording.recordId}
        </Link>
      </td>
      <td>
        <Start at={recording.startedAt} />
      </td>
      <td>
        <DirectionMark direction={recording.direction} />
      </td>
      <PartyCell party={caller} />
      <PartyCell party={callee} more={more} />
      <td className={classes.right}>
        <span className={classes.spoken}>{spokenLength(recording.durationMs)}</span>
        <span aria-hidden="true" className={classes.length}>
          {roundedLength(recording.durationMs)}
        </span>
      </td>
      <td>
        <WarningsBadge warnings={recording.warnings} playable={recording.playable} />
      </td>
    </tr>
  );
}

interface CallRowProps {
  readonly call: Rows['live'][number];
  readonly endedAt?: number;
}

/** A call that runs, or one that has just ended and is being sealed. */
function CallRow({ call, endedAt }: CallRowProps) {
  const { caller, callee, more } = twoSides(call.parties);
  const isOver = endedAt !== undefined;
  return (
    <tr className={classes.row} data-live={isOver ? undefined : true}>
      <td>
        <Link
          to="/calls/live"
          className={classes.rowLink}
          data-row-link
          aria-label={`${isOver ? 'Saving' : 'Live'}: ${partyName(caller)} and ${partyName(callee)}`}
        >
          <span className={classes.liveWord}>
            <span className={isOver ? classes.savingMark : 'live-mark'} aria-hidden="true" />
            {isOver ? 'Saving' : 'Live'}
          </span>
        </Link>
      </td>
      <td>
        <Start at={call.startedAt} />
      </td>
      <td>
        <DirectionMark direction={call.direction} />
      </td>
      <PartyCell party={caller} />
      <PartyCell party={callee} more={more} />
      <td className={classes.right}>
        <span className={classes.length}>
          {isOver ? roundedLength(endedAt - Date.parse(call.startedAt)) : <RunningTime startedAt={call.startedAt} />}
        </span>
      </td>
      <td>
        <WarningsBadge warnings={call.warnings} playable />
      </td>
    </tr>
  );
}

export function Start({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={momentExact(at)} className={classes.start}>
      <span>{clockSeconds(at)}</span>
      <span className={classes.sub}>{dayNear(at)}</span>
    </time>
  );
}

function PartyCell({
  party,
  more = 0,
}: {
  readonly party: Omit<Party, 'position' | 'channel'> | undefined;
  readonly more?: number;
}) {
  const { main, sub } = partyLines(party);
  return (
    <td className={classes.party}>
      <span className={classes.partyMain}>
        {main}
        {more > 0 && <span className={classes.sub}> and {more} more</span>}
      </span>
      {sub !== null && <span className={classes.sub}>{sub}</span>}
    </td>
  );
}
