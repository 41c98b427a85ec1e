import type { ErrorCode } from '../../base/errors.ts';
import type { Asker, RecordingStep } from '../../link/journal.ts';
import type { ControlAction } from '../../link/messages.ts';
import type { RecordingPast } from '../../link/recordings.ts';
import { mayControl, NO_CONTROLS } from '../../policy/controls.ts';
import type { Decision } from '../../policy/types.ts';
import * as liveKeep from './live-keep.ts';
import * as pause from './pause.ts';
import { nextNumber, runningOf } from './recordings.ts';

/** What becomes of a request: steps to take, and the answer. */
export interface Outcome {
  readonly ok: boolean;
  readonly code?: ErrorCode;
  readonly text: string;
  readonly recording?: number;
  readonly steps: readonly RecordingStep[];
}

export interface Controlled {
  readonly past: RecordingPast;
  readonly decision: Decision;
  /** False: the call is over, and only what live-keep holds can be asked for. */
  readonly isRunning: boolean;
}

interface Request {
  readonly asker: Asker;
  readonly reason: string;
}

const REASON_LENGTH = 200;

/** What somebody's request does in a call (S1, S2, S7, S8). Pure; refusals say why. */
export function control(call: Controlled, action: ControlAction, asker: Asker, reason = ''): Outcome {
  if (!call.isRunning && action !== 'keep' && action !== 'drop') return refused('NOT_FOUND', 'This call does not run.');
  return ACTIONS[action](call, { asker, reason: reason.trim().slice(0, REASON_LENGTH) });
}

const ACTIONS: Readonly<Record<ControlAction, (call: Controlled, request: Request) => Outcome>> = {
  start,
  stop,
  pause: pauseCall,
  resume: resumeCall,
  keep: (call, request) => decideHeld(call, 'keep', request),
  drop: (call, request) => decideHeld(call, 'drop', request),
};

export function refused(code: ErrorCode, text: string): Outcome {
  return { ok: false, code, text, steps: [] };
}

function start({ past, decision }: Controlled, { asker }: Request): Outcome {
  const running = runningOf(past).find(({ by }) => by !== 'live-keep');
  if (running !== undefined) {
    const text = `The call is being recorded already${pausedWords(past)}`;
    return { ok: true, text, recording: running.recording, steps: [] };
  }
  const why = mayControl(decision.controls ?? NO_CONTROLS, 'start', asker, null);
  if (why !== null) return refused('NOT_ALLOWED', why);
  const recording = nextNumber(past);
  const text = `The recording has started${pausedWords(past)}`;
  return { ok: true, text, recording, steps: [{ do: 'begun', recording, by: 'hand', asker }] };
}

function pausedWords(past: RecordingPast): string {
  return pause.pausePhase(past) === 'paused' ? '; the call is paused until somebody resumes it.' : '.';
}

function stop({ past, decision }: Controlled, { asker }: Request): Outcome {
  const running = runningOf(past);
  const one = running.findLast(({ by }) => by === 'hand') ?? running.find(({ by }) => by !== 'live-keep') ?? running[0];
  if (one === undefined) return refused('CONFLICT', 'Nothing is being recorded.');
  const why = mayControl(decision.controls ?? NO_CONTROLS, 'stop', asker, one);
  if (why !== null) return refused('NOT_ALLOWED', why);
  const { recording } = one;
  const steps: RecordingStep[] = [{ do: 'ended', recording, reason: 'stopped', asker }];
  return { ok: true, text: 'The recording has been stopped.', recording, steps };
}

function pauseCall({ past, decision }: Controlled, { asker, reason }: Request): Outcome {
  const why = mayControl(decision.controls ?? NO_CONTROLS, 'pause', asker, null);
  if (why !== null) return refused('NOT_ALLOWED', why);
  if (pause.transition(pause.pausePhase(past), 'pause') === null)
    return { ok: true, text: 'The call is paused already.', steps: [] };
  if (runningOf(past).length === 0) return refused('CONFLICT', 'Nothing is being recorded that could be paused.');
  const mode = decision.pauseMode ?? 'cut';
  const after = decision.resumeAfterSeconds ?? null;
  const text = after === null ? 'The call is paused.' : `The call is paused, for ${after} seconds at most.`;
  return { ok: true, text, steps: [{ do: 'paused', mode, reason, asker }] };
}

function resumeCall({ past, decision }: Controlled, { asker }: Request): Outcome {
  const why = mayControl(decision.controls ?? NO_CONTROLS, 'resume', asker, null);
  if (why !== null) return refused('NOT_ALLOWED', why);
  if (pause.transition(pause.pausePhase(past), 'resume') === null)
    return refused('CONFLICT', 'The call is not paused.');
  return { ok: true, text: 'The call goes on after its pause.', steps: [{ do: 'resumed', asker }] };
}

function decideHeld({ past, decision }: Controlled, move: 'keep' | 'drop', { asker }: Request): Outcome {
  const phase = liveKeep.holdPhase(past);
  if (phase === 'nothing') return refused('CONFLICT', 'Nothing of this call is held.');
  const why = mayControl(decision.controls ?? NO_CONTROLS, move, asker, null);
  if (why !== null) return refused('NOT_ALLOWED', why);
  const held = liveKeep.heldOf(past)!;
  const { recording } = held;
  const next = liveKeep.transition(phase, move);
  if (next === 'kept') return { ok: true, text: 'The call is kept.', recording, steps: [{ do: 'kept', asker }] };
  if (next === 'dropped') {
    const end: RecordingStep[] = held.toMono === null ? [{ do: 'ended', recording, reason: 'dropped', asker }] : [];
    return { ok: true, text: 'What was held is destroyed.', recording, steps: [{ do: 'dropped', asker }, ...end] };
  }
  if (phase === 'kept')
    return move === 'keep'
      ? { ok: true, text: 'The call is kept already.', recording, steps: [] }
      : refused('CONFLICT', 'Somebody has asked for this call to be kept.');
  return move === 'drop'
    ? { ok: true, text: 'What was held is destroyed already.', recording, steps: [] }
    : refused('CONFLICT', 'What was held of this call is destroyed already.');
}
