import type { Clock } from '../../base/clock.ts';

/** A player asks for one recording in dozens of ranges; that is one play. */
const ONE_PLAY_MS = 5 * 60_000;
const MOST_KEYS = 5000;

/** Tells a new play or download from the next range of one that is in the audit log already. */
export class Plays {
  readonly #clock: Clock;
  readonly #seen = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** True for the first request of a play: who, what, which recording, as what, from where. Each further one keeps it going. */
  isNew(...of: readonly string[]): boolean {
    const key = of.join(' ');
    const now = this.#clock.mono();
    const last = this.#seen.get(key);
    this.#seen.delete(key);
    this.#seen.set(key, now);
    if (this.#seen.size > MOST_KEYS) this.#forgetOldest();
    return last === undefined || now - last > ONE_PLAY_MS;
  }

  #forgetOldest(): void {
    const oldest = this.#seen.keys().next();
    if (oldest.done !== true) this.#seen.delete(oldest.value);
  }
}
