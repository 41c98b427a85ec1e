import type { Clock, Timer } from '../../base/clock.ts';
import type { TransactionTimers } from '../transaction/timers.ts';

/**
 * Repeats a 2xx until its ACK comes, on any transport (RFC 3261 §13.3.1.4): after T1, then at doubled intervals up to T2;
 * after 64 * T1 it gives up.
 */
export class AcceptedResponse {
  readonly #clock: Clock;
  readonly #timers: TransactionTimers;
  readonly #resend: () => void;
  readonly #gaveUp: () => void;
  #next: Timer | undefined;
  #limit: Timer | undefined;

  constructor(clock: Clock, timers: TransactionTimers, resend: () => void, gaveUp: () => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#resend = resend;
    this.#gaveUp = gaveUp;
    this.#limit = clock.after(64 * timers.t1, () => {
      this.stop();
      this.#gaveUp();
    });
    this.#schedule(timers.t1);
  }

  stop(): void {
    this.#next?.cancel();
    this.#limit?.cancel();
    this.#next = undefined;
    this.#limit = undefined;
  }

  #schedule(interval: number): void {
    this.#next = this.#clock.after(interval, () => {
      this.#resend();
      if (this.#limit !== undefined) this.#schedule(Math.min(interval * 2, this.#timers.t2));
    });
  }
}
