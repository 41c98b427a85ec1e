import type { Asker, RecordingEnd, RecordingStep } from '../../link/journal.ts';
import type { CallRecording, RecordingPast } from '../../link/recordings.ts';
import type { Decision } from '../../policy/types.ts';

/**
 * The life of one recording within a call:
 *
 *   idle ──begin──► running ──end──► ended
 *                      ▲               │
 *                      └─────begin─────┘   only what policy or live-keep made, and only after `parties` or `taken-over`
 */
export type RecordingPhase = 'idle' | 'running' | 'ended';

export function phaseOf(recording: CallRecording | undefined): RecordingPhase {
  if (recording === undefined) return 'idle';
  return recording.toMono === null ? 'running' : 'ended';
}

/** @throws Error on a move that the drawing above does not show: a defect */
export function transition(recording: CallRecording | undefined, move: 'begin' | 'end'): RecordingPhase {
  const phase = phaseOf(recording);
  if (move === 'end' && phase === 'running') return 'ended';
  if (move === 'begin' && (phase === 'idle' || (recording !== undefined && mayGoOn(recording)))) return 'running';
  throw new Error(`a recording that is ${phase} cannot ${move}`);
}

/** What asks for a recording without anybody's hand. */
export type Wish = 'policy' | 'flow' | 'live-keep';

/** A call flow's recording is its own only while nothing else asks; what cannot be decided yet is recorded, and dropped if it is not wanted. */
export function wishOf({ verdict, asks = [], liveKeepMinutes = null }: Decision): Wish | null {
  if (verdict === 'hold') return 'policy';
  if (verdict === 'offer') return liveKeepMinutes === null ? null : 'live-keep';
  if (verdict !== 'record') return null;
  const active = asks.filter(({ silencedBy }) => silencedBy === undefined);
  return active.length > 0 && active.every(({ layer }) => layer === 'flow') ? 'flow' : 'policy';
}

export function runningOf({ recordings }: Pick<RecordingPast, 'recordings'>): readonly CallRecording[] {
  return recordings.filter(({ toMono }) => toMono === null);
}

export function nextNumber({ recordings }: Pick<RecordingPast, 'recordings'>): number {
  return Math.max(0, ...recordings.map(({ recording }) => recording)) + 1;
}

export interface Decided {
  /** Null: this is the call's first decision. */
  readonly before: Decision | null;
  readonly now: Decision;
  /** A call flow asked for a new part just now. */
  readonly isNewPart: boolean;
  /** Nobody is named in the call for now, so that nobody can be said to have left. */
  readonly isBlind: boolean;
  readonly asker: Asker;
}

/**
 * What a decision makes of the call's recordings: ends first, then what begins. The recording of policy, and that of live-keep, goes on under
 * its number however often the parties change; one that was stopped or has reached its longest duration does not. What is started by hand
 * lasts until it is stopped, or policy takes over, or nobody in the call may record by hand any more.
 */
export function follow(past: RecordingPast, decided: Decided): RecordingStep[] {
  const { before, now, asker } = decided;
  const running = runningOf(past);
  const end = ({ recording }: CallRecording, reason: RecordingEnd): RecordingStep => ({
    do: 'ended',
    recording,
    reason,
    asker,
  });
  if (now.verdict === 'forbid') {
    const ends = running.map((one) => end(one, 'denied'));
    return past.recordings.length === 0 || past.destroyedUntil !== null ? ends : [...ends, { do: 'destroyed', asker }];
  }
  const begun = beginning(past, decided);
  const wish = begun === null && !isRunning(past, wishOf(now)) ? null : wishOf(now);
  const ends = running
    .filter((one) => one.by !== wish)
    .flatMap((one) => {
      const reason = endOf(one, { before, wish, now, isBlind: decided.isBlind });
      return reason === null ? [] : [end(one, reason)];
    });
  return begun === null ? ends : [...ends, begun];
}

function isRunning(past: RecordingPast, wish: Wish | null): boolean {
  return runningOf(past).some(({ by }) => by === wish);
}

/** What the wish begins, or null: it runs, is spent, or there is none. */
function beginning(past: RecordingPast, { before, now, isNewPart, asker }: Decided): RecordingStep | null {
  const wish = wishOf(now);
  if (wish === null || isRunning(past, wish)) return null;
  const last = past.recordings.findLast(({ by }) => by === wish);
  const keepMinutes = now.liveKeepMinutes ?? null;
  const begin = {
    do: 'begun',
    by: wish,
    asker,
    ...(wish === 'live-keep' && keepMinutes !== null ? { keepMinutes } : {}),
  } as const;
  if (wish === 'flow') {
    const isSpent = last !== undefined && !mayGoOn(last) && !isNewPart && before !== null && wishOf(before) === 'flow';
    return isSpent ? null : { ...begin, recording: nextNumber(past) };
  }
  if (last !== undefined && mayGoOn(last)) return { ...begin, recording: last.recording };
  const isSpent = last !== undefined && !(wish === 'policy' && last.endReason === 'dropped');
  if (isSpent) return null;
  // What was held until it could be decided is what live-keep holds now.
  const held = before?.verdict === 'hold' ? runningOf(past).find(({ by }) => by === 'policy') : undefined;
  return { ...begin, recording: nextNumber(past), ...(held === undefined ? {} : { fromMono: held.fromMono }) };
}

function mayGoOn({ by, endReason }: CallRecording): boolean {
  return (by === 'policy' || by === 'live-keep') && (endReason === 'parties' || endReason === 'taken-over');
}

interface Ending {
  readonly before: Decision | null;
  readonly now: Decision;
  /** What runs from now on, or null. */
  readonly wish: Wish | null;
  readonly isBlind: boolean;
}

/** Why a running recording that is not what the decision wishes ends; null = it goes on. */
function endOf({ by }: CallRecording, { before, now, wish, isBlind }: Ending): RecordingEnd | null {
  const isTakenOver = wish === 'policy' || wish === 'flow';
  switch (by) {
    case 'policy':
      return before?.verdict === 'hold' ? 'dropped' : 'parties';
    case 'flow':
      return isTakenOver ? 'taken-over' : 'stopped';
    case 'live-keep':
      return isTakenOver ? 'taken-over' : 'parties';
    case 'hand':
      if (isTakenOver) return 'taken-over';
      return now.verdict === 'ignore' && !isBlind ? 'parties' : null;
  }
}
