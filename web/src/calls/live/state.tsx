import type { LiveCall } from '../../api/types.ts';
import { RunningTime } from '../../live/running.tsx';
import { madeBy } from '../../words/asking.ts';
import { counted } from '../../words/numbers.ts';
import classes from './controls.module.css';

/** What happens to the call now: recordings with who asked, a pause with its clock, what is held. */
export function CallState({ call }: { readonly call: LiveCall }) {
  const { recordings, paused, liveKeep } = call;
  const shown = recordings.filter(({ by }) => by !== 'live-keep');
  return (
    <ul className={classes.state} aria-label="Recording">
      {paused !== null && (
        <li className={classes.paused}>
          <span className={classes.bars} aria-hidden="true" />
          <span>
            <strong>Paused</strong> for <RunningTime startedAt={paused.since} />
            {paused.reason !== '' && <span className={classes.soft}> · {paused.reason}</span>}
          </span>
        </li>
      )}
      {shown.map(({ recording, by, since, askerName }) => (
        <li key={recording}>
          <span className={paused === null ? 'live-mark' : classes.still} aria-hidden="true" />
          <span>
            <strong>Recording</strong> <RunningTime startedAt={since} />
            <span className={classes.soft}>
              {' '}
              · {madeBy(by, by === 'policy' ? null : askerName)}
              {recording > 1 && ` · part ${recording}`}
            </span>
          </span>
        </li>
      ))}
      {liveKeep !== null && shown.length === 0 && (
        <li>
          <span className={classes.heldMark} aria-hidden="true" />
          <span>
            <strong>{liveKeep.kept === null ? 'Held' : liveKeep.kept ? 'Kept' : 'Dropped'}</strong>
            <span className={classes.soft}> · {keepWords(liveKeep)}</span>
          </span>
        </li>
      )}
      {shown.length === 0 && liveKeep === null && (
        <li>
          <span className={classes.ring} aria-hidden="true" />
          <span>
            <strong>Not recorded</strong>
            <span className={classes.soft}> · {call.why}</span>
          </span>
        </li>
      )}
    </ul>
  );
}

function keepWords({ kept, minutes }: NonNullable<LiveCall['liveKeep']>): string {
  if (kept === true) return 'somebody has asked for it';
  if (kept === false) return 'what was held is destroyed';
  return `destroyed unless somebody keeps it within ${counted(minutes, 'minute')} after the end`;
}
