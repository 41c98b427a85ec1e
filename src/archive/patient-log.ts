import type { Clock } from '../base/clock.ts';
import { systemCode } from '../base/errors.ts';
import type { LogItem, ReadCallOptions } from '../recording/log/reader.ts';
import type { CallLog } from './types.ts';

/** A disk that does not give a call is asked again; after so many attempts, and so long, what it does not give is lost. */
const ATTEMPTS = 3;
const PATIENCE_MS = 300_000;
/** Calls that are remembered, the latest of them. */
const MOST_CALLS = 10_000;

interface Refused {
  attempts: number;
  /** `Clock.mono()` of the first. */
  readonly since: number;
}

/**
 * The audio log for those who free a call's audio when they have read it. What a failing disk does not give (EIO) may come at another time, so
 * the attempt fails. Where it does not come for long, the call is read past it: a bad sector must cost what stood there, with a declared gap, and not the call.
 */
export class PatientLog implements CallLog {
  readonly #log: CallLog;
  readonly #pastSectors: CallLog;
  readonly #clock: Clock;
  readonly #refused = new Map<string, Refused>();

  /** @param pastSectors reads on behind bad sectors, but not where the disk itself fails */
  constructor(log: CallLog, pastSectors: CallLog, clock: Clock) {
    this.#log = log;
    this.#pastSectors = pastSectors;
    this.#clock = clock;
  }

  async *readCall(options: ReadCallOptions): AsyncIterable<LogItem> {
    const { callId } = options;
    // A long call is read more than once for its recording: what was given up stays so.
    if (this.#isGivenUp(callId)) {
      yield* this.#pastSectors.readCall(options);
      return;
    }
    try {
      yield* this.#log.readCall(options);
    } catch (error) {
      if (systemCode(error) === 'EIO') this.#note(callId);
      throw error;
    }
    this.#refused.delete(callId);
  }

  #isGivenUp(callId: string): boolean {
    const refused = this.#refused.get(callId);
    if (refused === undefined || refused.attempts < ATTEMPTS) return false;
    return this.#clock.mono() - refused.since >= PATIENCE_MS;
  }

  #note(callId: string): void {
    const refused = this.#refused.get(callId);
    if (refused !== undefined) {
      refused.attempts += 1;
      return;
    }
    this.#refused.set(callId, { attempts: 1, since: this.#clock.mono() });
    if (this.#refused.size > MOST_CALLS) this.#refused.delete(this.#refused.keys().next().value!);
  }
}
