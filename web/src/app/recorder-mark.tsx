import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Connection } from '../live/follow.ts';
import { useMay } from '../session/session.ts';
import { statusQuery } from '../settings/queries.ts';
import { counted } from '../words/numbers.ts';
import classes from './recorder-mark.module.css';

type Tone = 'good' | 'warn' | 'bad' | 'idle';

/** How the recorder does, always in sight; leads to the status page. */
export function RecorderMark({ connection }: { readonly connection: Connection }) {
  const may = useMay();
  const status = useQuery({ ...statusQuery, enabled: may('status.read') });
  if (!may('status.read')) return null;
  const { tone, text } = wordsOf(connection, status.data?.recorder.state, status.data?.alarms.length ?? 0);
  return (
    <Link to="/settings/status" className={classes.mark} data-tone={tone}>
      <span className={classes.dot} aria-hidden="true" />
      <span className={classes.text}>{text}</span>
    </Link>
  );
}

function wordsOf(connection: Connection, state: string | undefined, alarms: number): { tone: Tone; text: string } {
  if (connection === 'lost') return { tone: 'bad', text: 'No connection' };
  if (state === undefined) return { tone: 'idle', text: 'Recorder …' };
  if (state === 'away') return { tone: 'bad', text: 'Recorder is away' };
  if (alarms > 0) return { tone: 'warn', text: counted(alarms, 'alarm') };
  if (state === 'starting') return { tone: 'warn', text: 'Recorder starts' };
  if (state === 'draining') return { tone: 'warn', text: 'Takes no new calls' };
  return { tone: 'good', text: 'Recorder ready' };
}
