import type { RecordingPast } from '../../link/recordings.ts';

/** A record of the audio log holds no more than this; it is made every 350 ms. */
export const RECORD_US = 1_000_000;

/** Whether some of what was captured of the call has become void: destroyed by a `deny` (D2), or held and dropped (S8). */
export function hasVoid({ recordings, destroyedUntil }: RecordingPast): boolean {
  return destroyedUntil !== null || recordings.some(({ kept }) => kept === false);
}

/**
 * Whether a record of the audio log is void: nothing in it is wanted by any recording. Notes go with a `deny` only.
 * @param baseUs of the record, µs since the call's opening
 */
export function isVoid(past: RecordingPast, baseUs: number, isAudio: boolean): boolean {
  if (past.destroyedUntil !== null && baseUs < past.destroyedUntil * 1000) return true;
  if (!isAudio || !hasVoid(past)) return false;
  return !past.recordings.some(
    ({ kept, spans }) =>
      kept !== false &&
      spans.some(
        ({ fromMono, toMono }) => baseUs + RECORD_US > fromMono * 1000 && (toMono === null || baseUs <= toMono * 1000),
      ),
  );
}
