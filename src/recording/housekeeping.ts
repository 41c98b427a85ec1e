import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

const EVERY_MS = 2000;
/** The journal moves to a new file when it has grown by this much since the last move. */
const COMPACT_BYTES = 16 * 1024 * 1024;

export interface HousekeepingParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Calls whose audio and journal entries must stay. */
  readonly unarchived: () => ReadonlySet<string>;
  /** Removes segments all of whose calls are done. */
  readonly free: (isDone: (callId: string) => boolean) => Promise<readonly string[]>;
  readonly journalPosition: () => { readonly file: string; readonly offset: number };
  /** Moves the journal to a new file that holds only what is still needed. */
  readonly moveJournal: () => Promise<void>;
}

/** Frees what the service has archived: segments of the audio log, and old parts of the journal. */
export class Housekeeping {
  readonly #parts: HousekeepingParts;
  #timer: Timer | undefined;
  #compactedFile = '';
  #compactedOffset = 0;

  constructor(parts: HousekeepingParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = this.#parts.clock.after(EVERY_MS, () => {
      this.look()
        .catch((error: unknown) =>
          this.#parts.log.warn({ error: messageOf(error) }, 'the spool could not be tidied; trying again'),
        )
        .finally(() => this.start());
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  async look(): Promise<void> {
    const kept = this.#parts.unarchived();
    const freed = await this.#parts.free((callId) => !kept.has(callId));
    if (freed.length > 0) this.#parts.log.debug({ freed: freed.length }, 'segments freed');
    const { file, offset } = this.#parts.journalPosition();
    const grown = file === this.#compactedFile ? offset - this.#compactedOffset : offset;
    if (grown >= COMPACT_BYTES) await this.#move();
  }

  async #move(): Promise<void> {
    await this.#parts.moveJournal();
    const { file, offset } = this.#parts.journalPosition();
    this.#compactedFile = file;
    this.#compactedOffset = offset;
  }
}
