/**
 * The life of a call in the recorder.
 *
 *   preparing ──commit──► running ──end──► closing ──synced──► ended ──acknowledged──► archived
 *       │                                     ▲
 *       └──────abort──► aborted               └─ (recovery starts at running)
 */
export type CallPhase = 'preparing' | 'running' | 'closing' | 'ended' | 'archived' | 'aborted';

export type CallStep = 'commit' | 'abort' | 'end' | 'synced' | 'acknowledged';

const MOVES: Readonly<Record<CallPhase, Partial<Record<CallStep, CallPhase>>>> = {
  preparing: { commit: 'running', abort: 'aborted' },
  running: { end: 'closing' },
  closing: { synced: 'ended' },
  ended: { acknowledged: 'archived' },
  archived: {},
  aborted: {},
};

/** @throws Error on a move that the drawing above does not show: a defect, never a peer's doing */
export function transition(phase: CallPhase, step: CallStep): CallPhase {
  const next = MOVES[phase][step];
  if (next === undefined) throw new Error(`a call that is ${phase} cannot ${step}`);
  return next;
}
