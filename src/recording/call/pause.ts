import { pauseInForce, type RecordingPast } from '../../link/recordings.ts';
import type { Decision } from '../../policy/types.ts';

/** Whether a call is paused, all of its recordings together: flowing ──pause──► paused ──resume──► flowing. */
export type PausePhase = 'flowing' | 'paused';

export function pausePhase(past: Pick<RecordingPast, 'pauses'>): PausePhase {
  return pauseInForce(past) === null ? 'flowing' : 'paused';
}

/** Null: the move changes nothing. */
export function transition(phase: PausePhase, move: 'pause' | 'resume'): PausePhase | null {
  if (move === 'pause') return phase === 'flowing' ? 'paused' : null;
  return phase === 'paused' ? 'flowing' : null;
}

/** When a pause ends by itself, `mono` of the call; null = not by itself, or there is none. */
export function resumesAt(past: Pick<RecordingPast, 'pauses'>, { resumeAfterSeconds = null }: Decision): number | null {
  const pause = pauseInForce(past);
  return pause === null || resumeAfterSeconds === null ? null : pause.fromMono + resumeAfterSeconds * 1000;
}
