import type { Clock } from '../../base/clock.ts';

/** A rate with some slack: fills at `perSecond`, holds at most `burst`. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #tokens: number;
  #filledAt: number;

  constructor(clock: Clock, perSecond: number, burst = perSecond) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#burst = Math.max(1, burst);
    this.#tokens = this.#burst;
    this.#filledAt = clock.mono();
  }

  /** Whether one is there now; it stays. */
  get ready(): boolean {
    this.#fill();
    return this.#tokens >= 1;
  }

  /** Takes one; false when there is none. */
  take(): boolean {
    if (!this.ready) return false;
    this.#tokens -= 1;
    return true;
  }

  #fill(): void {
    const now = this.#clock.mono();
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond);
    this.#filledAt = now;
  }
}
