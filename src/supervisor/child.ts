/**
 * The life of one supervised process, apart from processes and timers.
 *
 * ```
 *            start              started              stop
 *   idle ───────────► starting ─────────► running ─────────► stopping ──► stopped
 *                        │                   │                   exited
 *                        │ exited            │ exited
 *                        ▼                   ▼
 *                     waiting ◄──────────────┘        exited with a configuration error, not yet proven ──► failed
 *                        │ due
 *                        └────────► starting
 * ```
 */
export type ChildState =
  | { readonly phase: 'idle' }
  | ({ readonly phase: 'starting' } & History)
  | ({ readonly phase: 'running'; readonly since: number } & History)
  | ({ readonly phase: 'waiting'; readonly delayMs: number } & History)
  | { readonly phase: 'stopping' }
  | { readonly phase: 'stopped' }
  | { readonly phase: 'failed'; readonly exitCode: number };

interface History {
  /** In a row, none of which came after the process had settled. */
  readonly failures: number;
  /**
   * It has been healthy with this configuration. A configuration error after that (a disk gone read-only, say) is one of the machine,
   * and must not take the recorder and its calls down with it.
   */
  readonly proven: boolean;
}

/** `at`: monotonic ms. */
export type ChildEvent =
  | { readonly type: 'start' }
  | { readonly type: 'started'; readonly at: number }
  | { readonly type: 'exited'; readonly at: number; readonly code: number | null }
  | { readonly type: 'due' }
  | { readonly type: 'stop' };

/** EX_CONFIG of sysexits.h: starting again would only fail again. */
export const CONFIGURATION_ERROR = 78;

/** After this long its configuration has proven good. */
const HEALTHY_MS = 60_000;
/** A process that ran this long did its work: its end counts as a first failure, and it is started again at once. */
const SETTLED_MS = 2000;
const FIRST_BACKOFF_MS = 500;
/** Short: while a recorder waits, running calls lose audio. */
const LONGEST_BACKOFF_MS = 5000;

/** The wait before restart number `failures`: none at first (a killed recorder is back within two seconds), then doubling. */
export function backoff(failures: number): number {
  return failures <= 1 ? 0 : Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (failures - 2));
}

/** @throws Error on a move that the drawing does not have: a defect of the caller */
export function transition(state: ChildState, event: ChildEvent): ChildState {
  switch (event.type) {
    case 'start':
      if (state.phase === 'idle') return { phase: 'starting', failures: 0, proven: false };
      break;
    case 'started':
      if (state.phase === 'starting') return { ...history(state), phase: 'running', since: event.at };
      if (state.phase === 'stopping') return state;
      break;
    case 'exited':
      return exited(state, event);
    case 'due':
      if (state.phase === 'waiting') return { ...history(state), phase: 'starting' };
      break;
    case 'stop':
      return stop(state);
  }
  throw new Error(`a child that is ${state.phase} cannot take "${event.type}"`);
}

function exited(state: ChildState, event: Extract<ChildEvent, { type: 'exited' }>): ChildState {
  if (state.phase === 'stopping') return { phase: 'stopped' };
  if (state.phase !== 'starting' && state.phase !== 'running') {
    throw new Error(`a child that is ${state.phase} cannot exit`);
  }
  const ranMs = state.phase === 'running' ? event.at - state.since : 0;
  const proven = state.proven || ranMs >= HEALTHY_MS;
  if (event.code === CONFIGURATION_ERROR && !proven) return { phase: 'failed', exitCode: event.code };
  const failures = ranMs >= SETTLED_MS ? 1 : state.failures + 1;
  return { phase: 'waiting', failures, proven, delayMs: backoff(failures) };
}

function history({ failures, proven }: History): History {
  return { failures, proven };
}

function stop(state: ChildState): ChildState {
  if (state.phase === 'idle' || state.phase === 'waiting') return { phase: 'stopped' };
  if (state.phase === 'starting' || state.phase === 'running') return { phase: 'stopping' };
  return state;
}
