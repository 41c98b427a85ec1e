import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { DoneCalls } from './done-calls.ts';

const EVERY_MS = 2000;
/** Files of the journal may go when it has grown by this much since they were looked at last. */
const GROWN_BYTES = 4 * 1024 * 1024;
/** Done calls are forgotten when so many more are known than after the last time, even if the journal does not grow. */
const FORGET_CALLS = 20_000;

type IsDone = (callId: string) => boolean;

export interface HousekeepingParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Calls whose audio may be freed. Whoever is not in it keeps its audio, known or not. */
  readonly done: DoneCalls;
  /** Part of the journal could not be read: its files are written anew soon, so that the damage is left behind. */
  readonly isJournalDamaged: boolean;
  /** Takes in calls that the audio log alone knows; before anything is freed. */
  readonly adoptOrphans: () => Promise<number>;
  /** Removes segments all of whose calls are done. */
  readonly free: (isDone: IsDone) => Promise<readonly string[]>;
  /** Carries the rest out of segments most of whose calls are done. */
  readonly carry: (isDone: IsDone) => Promise<readonly string[]>;
  /** Rewrites segments that hold something void: destroyed or dropped while others need the rest. */
  readonly purge: (isDone: IsDone) => Promise<readonly string[]>;
  /** Ids of all calls with records in the audio log; null when a part of it cannot be read. */
  readonly listCalls: () => Promise<ReadonlySet<string> | null>;
  /** Bytes that this recorder has written to the journal. */
  readonly journalBytes: () => number;
  /** Lets files of the journal go that are over; all but the present one where they are damaged. */
  readonly retireJournal: (isDamaged: boolean) => Promise<unknown>;
}

/** Frees what the service has archived: segments of the audio log, and old parts of the journal. */
export class Housekeeping {
  readonly #parts: HousekeepingParts;
  #timer: Timer | undefined;
  #haveAdopted = false;
  /** What the journal took when it was looked at last; never at first, as former recorders may have left much of it. */
  #bytesThen = -GROWN_BYTES;
  #doneThen = 0;
  #isDamaged: boolean;

  constructor(parts: HousekeepingParts) {
    this.#parts = parts;
    this.#isDamaged = parts.isJournalDamaged;
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
    if (this.#parts.journalBytes() >= this.#bytesThen + GROWN_BYTES) await this.#retire();
    else if (done.size >= this.#doneThen + FORGET_CALLS) await this.#forget();
  }

  async #retire(): Promise<void> {
    const { journalBytes, retireJournal } = this.#parts;
    await this.#forget();
    await retireJournal(this.#isDamaged);
    this.#isDamaged = false;
    this.#bytesThen = journalBytes();
  }

  async #forget(): Promise<void> {
    const { done, listCalls } = this.#parts;
    const before = done.values();
    const held = await listCalls();
    // Who may stand in what cannot be read would be a stranger when it can.
    if (held !== null) done.forget(before, held);
    this.#doneThen = done.size;
  }
}
