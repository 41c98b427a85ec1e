import type { Clock } from '../base/clock.ts';
import { EarshotError } from '../base/errors.ts';
import { networkOf } from './network.ts';

interface Count {
  failures: number;
  since: number;
}

export interface AttemptLimits {
  /** Failures in the window after which further attempts are refused. */
  readonly perLogin: number;
  readonly perAddress: number;
  readonly windowMs: number;
}

const DEFAULT_LIMITS: AttemptLimits = { perLogin: 10, perAddress: 30, windowMs: 10 * 60_000 };

/** Most keys that are remembered; an attacker with many addresses must not fill the memory. */
const MOST_KEYS = 10_000;

/**
 * Slows down guessing of passwords and links. A login is counted together with the address, so that nobody can lock another person
 * out from elsewhere; an address is counted as a whole too.
 */
export class Attempts {
  readonly #clock: Clock;
  readonly #limits: AttemptLimits;
  readonly #counts = new Map<string, Count>();

  constructor(clock: Clock, limits: AttemptLimits = DEFAULT_LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /**
   * Takes one attempt in advance, so that a burst of parallel ones is counted as well; {@link succeeded} gives it back.
   * @throws EarshotError TOO_MANY_REQUESTS
   */
  take(address: string, login: string): void {
    const network = networkOf(address);
    const [byLogin, byAddress] = [this.#count(keyOf(network, login)), this.#count(network)];
    if (byLogin.failures >= this.#limits.perLogin || byAddress.failures >= this.#limits.perAddress) {
      const wait = Math.ceil(
        (Math.max(byLogin.since, byAddress.since) + this.#limits.windowMs - this.#clock.mono()) / 1000,
      );
      throw new EarshotError('TOO_MANY_REQUESTS', 'too many failed attempts.', {
        remedy: `Try again in ${Math.max(1, Math.ceil(wait / 60))} min.`,
      });
    }
    byLogin.failures += 1;
    byAddress.failures += 1;
  }

  succeeded(address: string, login: string): void {
    const network = networkOf(address);
    this.#counts.delete(keyOf(network, login));
    const byAddress = this.#count(network);
    byAddress.failures = Math.max(0, byAddress.failures - 1);
  }

  #count(key: string): Count {
    const now = this.#clock.mono();
    const known = this.#counts.get(key);
    if (known !== undefined && now - known.since < this.#limits.windowMs) return known;
    const fresh = { failures: 0, since: now };
    this.#counts.delete(key);
    this.#counts.set(key, fresh);
    if (this.#counts.size > MOST_KEYS) this.#forgetOldest();
    return fresh;
  }

  #forgetOldest(): void {
    const oldest = this.#counts.keys().next();
    if (oldest.done !== true) this.#counts.delete(oldest.value);
  }
}

function keyOf(network: string, login: string): string {
  return `${network} ${login.toLowerCase()}`;
}
