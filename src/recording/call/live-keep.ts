import type { CallRecording, RecordingPast } from '../../link/recordings.ts';

/**
 * What live-keep holds of a call (S8): everything from the start, until somebody asks for it or the time for that is over.
 *
 *   nothing    held ──keep──► kept
 *               └────drop───► dropped
 */
export type HoldPhase = 'nothing' | 'held' | 'kept' | 'dropped';

export function heldOf({ recordings }: Pick<RecordingPast, 'recordings'>): CallRecording | undefined {
  return recordings.find(({ by }) => by === 'live-keep');
}

export function holdPhase(past: Pick<RecordingPast, 'recordings'>): HoldPhase {
  const held = heldOf(past);
  if (held === undefined) return 'nothing';
  if (held.kept === null) return 'held';
  return held.kept ? 'kept' : 'dropped';
}

/** Null: the move changes nothing. */
export function transition(phase: HoldPhase, move: 'keep' | 'drop'): HoldPhase | null {
  if (phase !== 'held') return null;
  return move === 'keep' ? 'kept' : 'dropped';
}

/** When what is held is dropped by itself, `mono` of the call; null = not. @param endedMono end of the call, null while it runs */
export function dropsAt(past: Pick<RecordingPast, 'recordings'>, endedMono: number | null): number | null {
  if (endedMono === null || holdPhase(past) !== 'held') return null;
  return endedMono + (heldOf(past)?.keepMinutes ?? 0) * 60_000;
}
