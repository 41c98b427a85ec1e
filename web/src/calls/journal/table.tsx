import { Link } from '@tanstack/react-router';
import type { CallParty, CallSummary } from '../../api/types.ts';
import { VerdictBadge } from '../../decisions/verdict.tsx';
import { DirectionMark } from '../../recordings/direction.tsx';
import { partyLines, twoSides } from '../../words/call.ts';
import { counted } from '../../words/numbers.ts';
import { clockSeconds, dayNear, momentExact, roundedLength } from '../../words/time.ts';
import classes from './journal.module.css';

/** One row a call; the REC mark opens all recordings of it. */
export function CallTable({ calls }: { readonly calls: readonly CallSummary[] }) {
  return (
    <div className={classes.frame}>
      <table className={classes.table} aria-label="Calls, newest first">
        <thead>
          <tr>
            <th scope="col">Start</th>
            <th scope="col">Caller and callee</th>
            <th scope="col">Direction</th>
            <th scope="col">Length</th>
            <th scope="col">Outcome</th>
            <th scope="col">Recordings</th>
          </tr>
        </thead>
        <tbody>
          {calls.map((call) => (
            <CallRow key={call.id} call={call} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function CallRow({ call }: { readonly call: CallSummary }) {
  const { caller, callee, more } = twoSides<CallParty>(call.parties);
  return (
    <tr>
      <td className={classes.start}>
        <time dateTime={call.startedAt} title={momentExact(call.startedAt)}>
          {clockSeconds(call.startedAt)} <span className={classes.soft}>{dayNear(call.startedAt)}</span>
        </time>
      </td>
      <td className={classes.sides}>
        <Link to="/calls/$callId" params={{ callId: call.id }} className={classes.rowLink} data-row-link>
          {callPartyName(caller)} <span className={classes.soft}>to</span> {callPartyName(callee)}
          {more > 0 && <span className={classes.soft}> and {more} more</span>}
        </Link>
      </td>
      <td className={classes.direction}>
        <DirectionMark direction={call.direction} />
      </td>
      <td className={classes.length}>{roundedLength(Date.parse(call.endedAt) - Date.parse(call.startedAt))}</td>
      <td className={classes.outcome}>
        <VerdictBadge verdict={call.verdict} />
        <span className={classes.reason}>{call.reason}</span>
      </td>
      <td className={classes.rec}>
        <RecMark call={call} />
      </td>
    </tr>
  );
}

/** The name of the directory goes before the one that was signalled. */
export function callPartyName(party: CallParty | undefined): string {
  return party?.userName ?? partyLines(party).main;
}

function RecMark({ call: { id, recordings, heldUntil } }: { readonly call: CallSummary }) {
  const [only, ...others] = recordings;
  if (only === undefined) return heldUntil === null ? null : <span className={classes.held}>Held</span>;
  const label = others.length === 0 ? 'REC' : `REC ${recordings.length}`;
  const spoken = `: open ${others.length === 0 ? 'the recording' : `all ${counted(recordings.length, 'recording')}`}`;
  return others.length === 0 ? (
    <Link to="/recordings/$id" params={{ id: only.id }} className={classes.recMark}>
      {label}
      <span className={classes.spoken}>{spoken}</span>
    </Link>
  ) : (
    <Link to="/calls/$callId" params={{ callId: id }} hash="recordings" className={classes.recMark}>
      {label}
      <span className={classes.spoken}>{spoken}</span>
    </Link>
  );
}
