import { usersInCall, type Manual } from './layers/manual.ts';
import type { Case } from './layers/case.ts';
import type { Control, Controls, Verdict } from './types.ts';

const NOBODY: Control = { by: 'nobody', userIds: [] };
const ADMINISTRATORS: Control = { by: 'administrators', userIds: [] };

export const NO_CONTROLS: Controls = {
  start: NOBODY,
  stop: NOBODY,
  stopAutomatic: NOBODY,
  pause: NOBODY,
  resume: NOBODY,
  keep: NOBODY,
};

/**
 * Who may do what in the call (D3, D9, S1, S2, S8). What was asked for automatically, a number's recording above all, is not for users to
 * stop; a pause stops none and acts on all.
 */
export function controlsOf(one: Case, verdict: Verdict, manual: Manual): Controls {
  const byHand: Control = manual.isAllowed ? { by: 'users', userIds: manual.userIds } : NOBODY;
  const isCaptured = verdict === 'record' || manual.isAllowed;
  const isForParties = one.account.settings.pause?.who !== 'administrators';
  const pause: Control = isForParties ? { by: 'users', userIds: usersInCall(one) } : ADMINISTRATORS;
  return {
    start: byHand,
    stop: byHand,
    stopAutomatic: verdict === 'record' ? ADMINISTRATORS : NOBODY,
    pause: isCaptured ? pause : NOBODY,
    resume: isCaptured ? pause : NOBODY,
    keep: manual.isLiveKeep ? byHand : NOBODY,
  };
}

/** Who asks for a control; of a user the directory's id, where it is known. */
export interface ControlAsker {
  readonly kind: 'policy' | 'operator' | 'administrator' | 'user' | 'phone' | 'flow' | 'token' | 'system';
  readonly userId?: string;
}

type ControlAction = 'start' | 'stop' | 'pause' | 'resume' | 'keep' | 'drop';

const REFUSALS: Readonly<Record<ControlAction, string>> = {
  start: 'This call may not be recorded by hand.',
  stop: 'This recording cannot be stopped by hand.',
  pause: 'This call cannot be paused.',
  resume: 'This call cannot be resumed.',
  keep: 'Nothing of this call is held that could be kept.',
  drop: 'Nothing of this call is held that could be dropped.',
};

/**
 * Whether somebody may do it: null, or why not, a sentence for whoever asked. An automatic recording that was stopped may be started again
 * by whoever may stop it.
 * @param recording what made the recording that is to be stopped; null for the other actions
 */
export function mayControl(
  controls: Controls,
  action: ControlAction,
  asker: ControlAsker,
  recording: { readonly by: 'policy' | 'hand' | 'flow' | 'live-keep' } | null,
): string | null {
  const isAutomatic = recording !== null && recording.by !== 'hand';
  const asked: Readonly<Record<ControlAction, readonly Control[]>> = {
    start: [controls.start, controls.stopAutomatic],
    stop: [isAutomatic ? controls.stopAutomatic : controls.stop],
    pause: [controls.pause],
    resume: [controls.resume],
    keep: [controls.keep],
    drop: [controls.keep],
  };
  const permitting = asked[action];
  if (permitting.some((control) => permits(control, asker))) return null;
  if (permitting.every(({ by }) => by === 'nobody')) return REFUSALS[action];
  if (action === 'stop' && isAutomatic) return 'What is recorded automatically can be stopped by administrators only.';
  return permitting.some(({ by }) => by === 'users')
    ? 'Only users who are in the call and have the permission may do this.'
    : 'Only administrators may do this.';
}

function permits({ by, userIds }: Control, { kind, userId }: ControlAsker): boolean {
  if (by === 'nobody') return false;
  if (kind !== 'user' && kind !== 'phone') return true;
  if (by === 'administrators') return false;
  // Nobody in the call is known: then it is for those who the access rules say are in it.
  return userIds.length === 0 || (userId !== undefined && userIds.includes(userId));
}
