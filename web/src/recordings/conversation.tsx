import { Link } from '@tanstack/react-router';
import { Section } from '../app/page.tsx';
import type { RecordingDetail } from '../api/types.ts';
import { partyName, twoSides } from '../words/call.ts';
import { clockSeconds, roundedLength } from '../words/time.ts';
import classes from './recording.module.css';

/** Other recordings of the same conversation: further legs, transfers. */
export function Conversation({ recording }: { readonly recording: RecordingDetail }) {
  // Those of the same call stand above, in their order.
  const related = recording.related.filter(({ callId }) => callId !== recording.callId);
  if (related.length === 0) return null;
  return (
    <Section
      title="The same conversation"
      note="Further calls that belong together, by what the phone system tells of them."
    >
      <ul className={classes.related}>
        {related
          .toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
          .map((other) => {
            const { caller, callee } = twoSides(other.parties);
            return (
              <li key={other.id}>
                <Link to="/recordings/$id" params={{ id: other.id }}>
                  {partyName(caller)} and {partyName(callee)}
                </Link>
                <span className={classes.soft}>
                  Recording {other.recordId} · {clockSeconds(other.startedAt)} · {roundedLength(other.durationMs)}
                </span>
              </li>
            );
          })}
      </ul>
    </Section>
  );
}
