import type { Asker, RecordingStep } from '../../link/journal.ts';
import type { CallRecording, RecordingPast } from '../../link/recordings.ts';
import type { Decision } from '../../policy/types.ts';
import { dropsAt } from './live-keep.ts';
import { resumesAt } from './pause.ts';
import { runningOf } from './recordings.ts';

export const BY_TIMER: Asker = { kind: 'system', id: null, name: 'Earshot', via: 'timer' };

/** A step that the clock takes by itself. */
export interface Due {
  /** `mono` of the call, ms. */
  readonly atMono: number;
  readonly step: RecordingStep;
}

/**
 * What the clock does next in a call: end a pause, end a recording at its longest duration, drop what nobody asked for. Follows from what
 * is journalled alone, so it holds after a restart. @param endedMono end of the call, null while it runs
 */
export function nextDue(past: RecordingPast, decision: Decision, endedMono: number | null): Due | null {
  const due = endedMono === null ? whileRunning(past, decision) : [];
  const drop = dropsAt(past, endedMono);
  if (drop !== null) due.push({ atMono: drop, step: { do: 'dropped', asker: BY_TIMER } });
  return due.reduce<Due | null>((least, one) => (least === null || one.atMono < least.atMono ? one : least), null);
}

function whileRunning(past: RecordingPast, decision: Decision): Due[] {
  const due: Due[] = [];
  const resume = resumesAt(past, decision);
  if (resume !== null) due.push({ atMono: resume, step: { do: 'resumed', asker: BY_TIMER } });
  const { longestSeconds = null } = decision;
  if (longestSeconds === null) return due;
  for (const one of runningOf(past)) {
    const { recording } = one;
    due.push({
      atMono: longestAt(one, longestSeconds),
      step: { do: 'ended', recording, reason: 'longest', asker: BY_TIMER },
    });
  }
  return due;
}

/** Blank stretches between its spans do not count; pauses do. */
function longestAt({ spans }: CallRecording, longestSeconds: number): number {
  let over = 0;
  for (const { fromMono, toMono } of spans) if (toMono !== null) over += toMono - fromMono;
  return (spans.at(-1)?.fromMono ?? 0) + longestSeconds * 1000 - over;
}
