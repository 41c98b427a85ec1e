import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { DoneCalls } from './done-calls.ts';

const EVERY_MS = 2000;
/** The journal moves to a new file when it has grown by this much since the last move. */
const COMPACT_BYTES = 16 * 1024 * 1024;
/** Done calls are forgotten when so many more are known than after the last time, even if the journal does not grow. */
const FORGET_CALLS = 20_000;

type IsDone = (callId: string) => boolean;

export interface HousekeepingParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Calls whose audio may be freed. Whoever is not in it keeps its audio, known or not. */
  readonly done: DoneCalls;
  /** Part of the journal could not be read: it moves to a new file soon, so that the damage is left behind. */
  readonly isJournalDamaged: boolean;
  /** What former recorders left of it: each start begins a file of its own, and one that is short-lived would never come to move it. */
  readonly formerJournalBytes: number;
  /** Takes in calls that the audio log alone knows; before anything is freed. */
  readonly adoptOrphans: () => Promise<number>;
  /** Removes segments all of whose calls are done. */
  readonly free: (isDone: IsDone) => Promise<readonly string[]>;
  /** Carries the rest out of segments most of whose calls are done. */
  readonly carry: (isDone: IsDone) => Promise<readonly string[]>;
  /** Rewrites segments that hold something void: destroyed or dropped while others need the rest. */
  readonly purge: (isDone: IsDone) => Promise<readonly string[]>;
  /** Ids of all calls with records in the audio log. */
  readonly listCalls: () => Promise<ReadonlySet<string>>;
  readonly journalPosition: () => { readonly file: string; readonly offset: number };
  /** Moves the journal to a new file that holds only what is still needed. */
  readonly moveJournal: () => Promise<void>;
}

/** Frees what the service has archived: segments of the audio log, and old parts of the journal. */
export class Housekeeping {
  readonly #parts: HousekeepingParts;
  #timer: Timer | undefined;
  #haveAdopted = false;
  #compactedFile = '';
  #compactedOffset = 0;
  #formerBytes: number;
  #doneThen = 0;
  #isDamaged: boolean;

  constructor(parts: HousekeepingParts) {
    this.#parts = parts;
    this.#isDamaged = parts.isJournalDamaged;
    this.#formerBytes = parts.formerJournalBytes;
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
    const { done, adoptOrphans, free, carry, purge, log } = this.#parts;
    if (!this.#haveAdopted) {
      const adopted = await adoptOrphans();
      if (adopted > 0)
        log.error({ calls: adopted }, 'calls that the journal had lost were taken in from the audio log');
      this.#haveAdopted = true;
    }
    const isDone = (callId: string): boolean => done.has(callId);
    const freed = await free(isDone);
    if (freed.length > 0) log.debug({ freed: freed.length }, 'segments freed');
    const purged = await purge(isDone);
    if (purged.length > 0) log.info({ segments: purged.length }, 'audio that was destroyed or dropped is gone');
    await carry(isDone);
    if (this.#hasGrown() || this.#isDamaged) await this.#move();
    else if (done.size >= this.#doneThen + FORGET_CALLS) await this.#forget();
  }

  #hasGrown(): boolean {
    const { file, offset } = this.#parts.journalPosition();
    const grown = file === this.#compactedFile ? offset - this.#compactedOffset : offset;
    return this.#formerBytes + grown >= COMPACT_BYTES;
  }

  async #move(): Promise<void> {
    await this.#forget();
    await this.#parts.moveJournal();
    this.#formerBytes = 0;
    this.#isDamaged = false;
    const { file, offset } = this.#parts.journalPosition();
    this.#compactedFile = file;
    this.#compactedOffset = offset;
  }

  async #forget(): Promise<void> {
    const { done, listCalls } = this.#parts;
    const before = done.values();
    done.forget(before, await listCalls());
    this.#doneThen = done.size;
  }
}
