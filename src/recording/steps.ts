import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { JournalEntry, RecordingStep } from '../link/journal.ts';
import { makesVoid } from '../link/recordings.ts';
import type { RecordedCall } from './call/call.ts';
import { nextDue } from './call/due.ts';
import { isVoid, RECORD_US } from './call/unwanted.ts';
import type { CapturePort, JournalPort } from './ports.ts';

export interface StepParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: JournalPort;
  readonly capture: CapturePort;
  /** A call appeared, changed or went; for the live page. */
  readonly onChange: () => void;
}

/** The longest that a timer of the system can wait is 24.8 days. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * Takes the steps of recording: in the state of the call, in the journal, in the capture, and on the clock. What ends the keeping of audio is
 * in force at once, whatever the disk does; what begins it again after a pause is first written down, so that a crash never ends a pause.
 */
export class RecordingSteps {
  readonly #parts: StepParts;
  readonly #timers = new Map<string, Timer>();

  constructor(parts: StepParts) {
    this.#parts = parts;
  }

  /** Resolves when the steps are on the disk and in force. @throws EarshotError UNAVAILABLE: they are in force, but the disk takes nothing */
  async take(call: RecordedCall, steps: readonly RecordingStep[]): Promise<void> {
    if (steps.length === 0) return;
    const { journal, onChange } = this.#parts;
    const entries = steps.map((step) => call.record(step));
    const written = Promise.all(entries.map((entry) => journal.append(entry)));
    // Looked at by then; it must not count as forgotten meanwhile.
    written.catch(() => undefined);
    const isResumed = steps.some((step) => step.do === 'resumed');
    if (isResumed) await written.catch(() => undefined);
    await this.#capture(call, steps);
    this.schedule(call);
    onChange();
    await written;
  }

  /** The same for steps that a decision made: they come to the disk with the next sync, before the decision's own entry. */
  takeLazily(call: RecordedCall, steps: readonly RecordingStep[]): void {
    for (const step of steps) this.#parts.journal.appendLazy(call.record(step));
    // It has been logged.
    this.#capture(call, steps).catch(() => undefined);
    this.schedule(call);
  }

  /** What a call begins with, to be journalled together with its opening; its capture has been told. */
  first(call: RecordedCall, steps: readonly RecordingStep[]): JournalEntry[] {
    return steps.map((step) => call.record(step));
  }

  /** Sets the clock for what comes next in the call. */
  schedule(call: RecordedCall): void {
    const { callId } = call.identity;
    this.#timers.get(callId)?.cancel();
    this.#timers.delete(callId);
    if (call.phase === 'archived' || call.phase === 'aborted') return;
    const due = nextDue(call.past, call.decision, call.endedMono);
    if (due === null) return;
    const wait = Math.min(LONGEST_WAIT_MS, Math.max(0, due.atMono - call.mono));
    this.#timers.set(
      callId,
      this.#parts.clock.after(wait, () => this.#fall(call)),
    );
  }

  /** The call is forgotten. */
  forget(callId: string): void {
    this.#timers.get(callId)?.cancel();
    this.#timers.delete(callId);
  }

  #fall(call: RecordedCall): void {
    const due = nextDue(call.past, call.decision, call.endedMono);
    if (due === null || due.atMono > call.mono) {
      this.schedule(call);
      return;
    }
    const { log } = this.#parts;
    const { callId } = call.identity;
    log.info({ callId, step: due.step.do }, 'a step of recording was due');
    this.take(call, [due.step]).catch((error: unknown) =>
      log.error({ callId, error: messageOf(error) }, 'a step of recording is not on the disk yet'),
    );
  }

  /** Brings the capture in line with the call. */
  async #capture(call: RecordedCall, steps: readonly RecordingStep[]): Promise<void> {
    if (call.phase !== 'running') return;
    const keep = call.isCaptured;
    // What gathered may hold the end of another recording that was stopped a moment ago; such a record is sealed, and looked at by its time.
    const isGone = steps.some(makesVoid) && !keep && isVoidNow(call);
    const digits = call.keepsDigits;
    if (keep === call.isCapturing && digits === call.isKeepingDigits && !isGone) return;
    call.isCapturing = keep;
    call.isKeepingDigits = digits;
    const { capture, log } = this.#parts;
    const { callId } = call.identity;
    try {
      await capture.keep(callId, { keep, digits, isVoid: isGone });
    } catch (error) {
      log.error({ callId, keep, error: messageOf(error) }, 'the capture of a call did not take a change');
      throw error;
    }
  }
}

/** Whether nothing that gathers now is wanted by any recording. */
function isVoidNow({ past, mono }: RecordedCall): boolean {
  return isVoid(past, mono * 1000 - RECORD_US, true);
}
