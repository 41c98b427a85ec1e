import { Link } from '@tanstack/react-router';
import { Section } from '../app/page.tsx';
import type { RecordingDetail, RecordingSummary } from '../api/types.ts';
import { madeBy } from '../words/asking.ts';
import { clockSeconds, roundedLength } from '../words/time.ts';
import classes from './recording.module.css';

/** All recordings of the same call, first to last (S1). */
export function partsOf(recording: RecordingDetail): readonly RecordingSummary[] {
  const others = recording.related.filter(({ callId, id }) => callId === recording.callId && id !== recording.id);
  return [recording, ...others].toSorted((a, b) => a.recording - b.recording);
}

/** Where a call was recorded several times: all of them together, with who asked for each. */
export function CallParts({ recording }: { readonly recording: RecordingDetail }) {
  const parts = partsOf(recording);
  if (parts.length < 2) return null;
  return (
    <Section title="The whole call" note={`Recorded in ${parts.length} parts; each start makes a new one.`}>
      <ol className={classes.related}>
        {parts.map((part, i) => {
          const name = `Part ${i + 1} of ${parts.length}`;
          return (
            <li key={part.id}>
              {part.id === recording.id ? (
                <strong aria-current="true">{name}, this one</strong>
              ) : (
                <Link to="/recordings/$id" params={{ id: part.id }}>
                  {name}
                </Link>
              )}
              <span className={classes.soft}>
                {madeBy(part.by, part.asker)} · {clockSeconds(part.startedAt)} · {roundedLength(part.durationMs)}
              </span>
            </li>
          );
        })}
      </ol>
    </Section>
  );
}
