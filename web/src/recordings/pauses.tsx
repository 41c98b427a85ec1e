import { Section } from '../app/page.tsx';
import type { RecordingDetail } from '../api/types.ts';
import { counted } from '../words/numbers.ts';
import { spokenLength } from '../words/time.ts';
import { Offset } from './events.tsx';
import classes from './recording.module.css';

interface Props {
  readonly recording: RecordingDetail;
  readonly seek: ((ms: number) => void) | undefined;
}

/** What was left out on purpose, why, and at whose word (S2). */
export function Pauses({ recording, seek }: Props) {
  const { pauses } = recording;
  if (pauses.length === 0) return null;
  return (
    <Section
      title={counted(pauses.length, 'pause')}
      note="Nothing of these stretches was kept: no sound, no dialled digits."
    >
      <ol className={classes.timeline}>
        {pauses.map((pause, i) => (
          <li key={i}>
            <Offset ms={pause.offsetMs} durationMs={recording.durationMs} seek={seek} />
            <div>
              <span className={classes.strong}>{spokenLength(pause.lengthMs)}</span>
              <p>
                {[
                  pause.mode === 'cut' ? 'cut out here' : 'silent here',
                  pause.reason,
                  pause.asker === '' ? '' : `asked by ${pause.asker}`,
                ]
                  .filter((part) => part !== '')
                  .join(' · ')}
              </p>
            </div>
          </li>
        ))}
      </ol>
    </Section>
  );
}
