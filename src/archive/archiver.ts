import type { Clock, Timer } from '../base/clock.ts';
import { EarshotError, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { CallState } from '../link/fold.ts';
import type { ArchiveOutcome } from './types.ts';
import { WaitingCalls } from './waiting.ts';

export interface ArchiverOptions {
  readonly archive: (call: CallState) => Promise<ArchiveOutcome>;
  /** Tells the recorder that the call's audio may be freed. Called again when the same call is offered again. */
  readonly acknowledge: (callId: string) => Promise<void> | void;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether that which all archiving needs answers; asked while calls have failed, so that none of them waits for long once it is back. */
  readonly probe?: () => Promise<unknown>;
  /** How many calls at once; default 2. */
  readonly concurrency?: number;
}

/** A call that could not be archived yet. */
export interface ArchiveFailure {
  readonly callId: string;
  readonly attempts: number;
  readonly reason: string;
  /** When it is tried again, ms since 1970. */
  readonly nextAt: number;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 5 * 60_000;
const PROBE_MS = 5000;
/** What was committed and is damaged now does not mend by itself: somebody has to bring it back, and an alarm stands until then. */
const DAMAGED_WAIT_MS = 3_600_000;
const DAMAGED: readonly string[] = ['SEAL_CORRUPT', 'OBJECT_MISSING', 'MANIFEST_CORRUPT'];
const REMEMBERED = 10_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Archives ended calls in the order of their ends, a few at once. What fails waits, longer each time up to five minutes, and lets the others pass;
 * it is tried for ever, since its audio is kept until it succeeds. What live-keep holds waits until its time is over or somebody has asked.
 *
 *   offered → waiting → running → done (acknowledged)
 *              ↑   ↑       │ │ failed
 *              │   └resting┼─┘
 *              └─── held ──┘
 */
export class Archiver {
  readonly #options: ArchiverOptions;
  readonly #waiting = new WaitingCalls();
  readonly #running = new Map<string, Promise<void>>();
  readonly #resting = new Map<string, { call: CallState; failure: ArchiveFailure; timer: Timer }>();
  readonly #held = new Map<string, { call: CallState; timer: Timer }>();
  readonly #attempts = new Map<string, number>();
  readonly #known = new Set<string>();
  /** Asked for while they ran. */
  readonly #woken = new Set<string>();
  #archived = 0;
  #failed = 0;
  #closed = false;
  #probe: Timer | undefined;
  #wasAway = false;

  constructor(options: ArchiverOptions) {
    this.#options = options;
  }

  /** Takes a call that has ended; one that is here already is left where it is, one that is done is acknowledged again. */
  offer(call: CallState): void {
    const { callId } = call;
    if (this.#closed || call.ended === null) return;
    if (this.#waiting.has(callId) || this.#running.has(callId) || this.#resting.has(callId)) return;
    if (this.#held.has(callId)) return;
    if (this.#known.has(callId)) void this.#acknowledge(callId);
    else this.#waiting.add(call);
    this.#start();
  }

  /** Calls that are not archived yet. */
  get backlog(): number {
    return this.#waiting.size + this.#running.size + this.#resting.size;
  }

  /** Calls that live-keep holds. */
  get held(): number {
    return this.#held.size;
  }

  get failures(): ArchiveFailure[] {
    return [...this.#resting.values()].map(({ failure }) => failure);
  }

  /** Since the start of the process: calls done, attempts that failed. */
  get figures(): { readonly archived: number; readonly failed: number } {
    return { archived: this.#archived, failed: this.#failed };
  }

  /** While calls have failed, looks whether it was for something that is back now. */
  #probeLater(): void {
    const { probe, clock } = this.#options;
    if (probe === undefined || this.#closed || this.#probe !== undefined || this.#resting.size === 0) return;
    this.#probe = clock.after(PROBE_MS, () => {
      void probe().then(
        () => this.#probed(true),
        () => this.#probed(false),
      );
    });
  }

  #probed(answers: boolean): void {
    this.#probe = undefined;
    if (answers && this.#wasAway) {
      this.#options.log.info({ calls: this.#resting.size }, 'what archiving needs is back; calls are tried again');
      for (const callId of this.#resting.keys()) this.#wake(callId);
    }
    this.#wasAway = !answers;
    this.#probeLater();
  }

  /** Looks at a call again that live-keep holds, because somebody has asked. */
  wake(callId: string): void {
    if (this.#running.has(callId)) this.#woken.add(callId);
    const held = this.#held.get(callId);
    if (held === undefined || this.#closed) return;
    held.timer.cancel();
    this.#held.delete(callId);
    this.#waiting.add(held.call);
    this.#start();
  }

  /** Starts nothing new and waits for what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#probe?.cancel();
    for (const { timer } of [...this.#resting.values(), ...this.#held.values()]) timer.cancel();
    await Promise.all(this.#running.values());
  }

  #start(): void {
    while (!this.#closed && this.#running.size < (this.#options.concurrency ?? 2)) {
      const call = this.#waiting.take();
      if (call === undefined) return;
      this.#running.set(call.callId, this.#run(call));
    }
  }

  async #run(call: CallState): Promise<void> {
    const { callId } = call;
    try {
      const outcome = await this.#options.archive(call);
      this.#attempts.delete(callId);
      if (typeof outcome === 'object') this.#hold(call, outcome.heldUntil);
      else await this.#done(callId, outcome);
    } catch (error) {
      this.#rest(call, error);
    }
    this.#running.delete(callId);
    if (this.#woken.delete(callId)) this.wake(callId);
    this.#start();
  }

  async #done(callId: string, outcome: ArchiveOutcome): Promise<void> {
    this.#remember(callId);
    this.#archived += 1;
    this.#options.log.info({ callId, outcome }, 'call archived');
    await this.#acknowledge(callId);
  }

  #hold(call: CallState, until: number): void {
    const { callId } = call;
    const { clock, log } = this.#options;
    log.info({ callId, until: new Date(until).toISOString() }, 'call held until somebody asks for it');
    if (this.#closed) return;
    // A timer reaches 24 days; whoever wakes early looks and waits again.
    const wait = Math.min(Math.max(0, until - clock.now()), LONGEST_TIMER_MS);
    this.#held.set(callId, { call, timer: clock.after(wait, () => this.wake(callId)) });
  }

  /** A lost acknowledgement is no failure: the call is offered again. */
  async #acknowledge(callId: string): Promise<void> {
    try {
      await this.#options.acknowledge(callId);
    } catch (error) {
      this.#options.log.warn({ callId, reason: messageOf(error) }, 'acknowledgement not delivered');
    }
  }

  #rest(call: CallState, error: unknown): void {
    const { callId } = call;
    const { clock, log } = this.#options;
    const attempts = (this.#attempts.get(callId) ?? 0) + 1;
    this.#attempts.set(callId, attempts);
    this.#failed += 1;
    const isDamaged = error instanceof EarshotError && DAMAGED.includes(error.code);
    const wait = isDamaged
      ? DAMAGED_WAIT_MS
      : Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 20));
    const failure = { callId, attempts, reason: messageOf(error), nextAt: clock.now() + wait };
    log.warn({ callId, attempts, wait, reason: failure.reason }, 'call not archived yet');
    if (this.#closed) return;
    this.#resting.set(callId, { call, failure, timer: clock.after(wait, () => this.#wake(callId)) });
    this.#probeLater();
  }

  #wake(callId: string): void {
    const resting = this.#resting.get(callId);
    if (resting === undefined || this.#closed) return;
    resting.timer.cancel();
    this.#resting.delete(callId);
    this.#waiting.add(resting.call);
    this.#start();
  }

  #remember(callId: string): void {
    this.#known.add(callId);
    if (this.#known.size <= REMEMBERED) return;
    for (const oldest of this.#known) {
      this.#known.delete(oldest);
      return;
    }
  }
}
