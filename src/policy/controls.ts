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
