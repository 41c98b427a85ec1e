import { EarshotError } from '../../base/errors.ts';
import type { JsonValue } from '../../base/json.ts';

/** Somebody else was faster. `current` goes to the one who was not, so that he sees what is there now, by whom and since when. */
export function conflict(current: {
  readonly revision: number;
  readonly changedAt: Date;
  readonly changedBy: string;
}): EarshotError {
  const { changedAt, changedBy } = current;
  const at = changedAt.toISOString().slice(0, 16).replace('T', ' ');
  return new EarshotError('CONFLICT', `${changedBy} has changed this meanwhile (${at} UTC).`, {
    key: 'revision',
    remedy: 'Look at what is there now, and repeat the change.',
    current: JSON.parse(JSON.stringify(current)) as JsonValue,
  });
}
