import { VisuallyHidden } from '@mantine/core';
import type { RecordingDetail } from '../api/types.ts';
import type { Flag } from '../player/waveform.tsx';
import { eventWords } from '../words/call.ts';
import { clockExact, length } from '../words/time.ts';
import classes from './recording.module.css';

/** What happened within the audio, as marks on the wave form. */
export function flagsOf(recording: RecordingDetail): Flag[] {
  return recording.events
    .filter(({ offsetMs }) => offsetMs > 0 && offsetMs < recording.durationMs)
    .map(({ offsetMs, type, text }) => ({ offsetMs, text: `${length(offsetMs)} ${eventWords(type)}: ${text}` }));
}

interface Props {
  readonly recording: RecordingDetail;
  readonly seek: ((ms: number) => void) | undefined;
}

export function EventsPanel({ recording, seek }: Props) {
  if (recording.events.length === 0) return <p className={classes.soft}>Nothing was noted during this call.</p>;
  return (
    <ol className={classes.timeline}>
      {recording.events.map((event, i) => (
        <li key={i}>
          <Offset ms={event.offsetMs} durationMs={recording.durationMs} seek={seek} />
          <div>
            <span className={classes.strong}>{eventWords(event.type)}</span>
            <p>{event.text}</p>
          </div>
          <time dateTime={event.at} className={classes.soft}>
            {clockExact(event.at)}
          </time>
        </li>
      ))}
    </ol>
  );
}

interface OffsetProps {
  readonly ms: number;
  readonly durationMs: number;
  readonly seek: ((ms: number) => void) | undefined;
}

/** A place in the audio; a button where one can go there. */
export function Offset({ ms, durationMs, seek }: OffsetProps) {
  if (ms < 0) return <span className={classes.offset}>before</span>;
  if (seek === undefined || ms > durationMs) return <span className={classes.offset}>{length(ms)}</span>;
  return (
    <button type="button" className={classes.offset} onClick={() => seek(ms)}>
      <VisuallyHidden>Go to </VisuallyHidden>
      {length(ms)}
    </button>
  );
}
