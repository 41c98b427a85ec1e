import type { Clock } from '../../base/clock.ts';
import type { TrunkConfig } from '../../base/trunks.ts';
import type { Health } from './api.ts';
import { TokenBucket } from './token-bucket.ts';

/** Null = no limit. */
export interface OverloadLimits {
  /** New calls a second on all trunks together. */
  readonly setupsPerSecond: number | null;
  /** Requests a second that one address is answered, besides new calls and those of running ones. */
  readonly requestsPerSource: number | null;
}

const RETRY_AFTER_SECONDS = 2;
/** Addresses whose pace is known at once: a flood from invented addresses must not fill the memory. */
const MOST_SOURCES = 4096;
/** INVITEs that were turned away, by their transaction: their retransmissions get the same answer. */
const MOST_REFUSED = 16_384;

const FIT: Health = { ok: true };

/**
 * Says who is turned away when more comes than is to be taken (RFC 7339's subject, by the simplest means that every peer understands:
 * 503 and Retry-After, RFC 3261 §21.5.4). It is asked before anything is made of a request, and keeps bounded state.
 */
export class Overload {
  readonly #clock: Clock;
  readonly #limits: OverloadLimits;
  readonly #setups: TokenBucket | null;
  readonly #trunks = new Map<string, TokenBucket>();
  readonly #sources = new Map<string, TokenBucket>();
  readonly #refused = new Set<string>();
  readonly #running = new Map<string, number>();
  /** New calls that were turned away. */
  turnedAway = 0;

  constructor(clock: Clock, limits: OverloadLimits) {
    this.#clock = clock;
    this.#limits = limits;
    this.#setups = limits.setupsPerSecond === null ? null : new TokenBucket(clock, limits.setupsPerSecond);
  }

  /** A call on the trunk begins to be set up, or is taken up again. */
  joined(trunk: string): void {
    this.#running.set(trunk, (this.#running.get(trunk) ?? 0) + 1);
  }

  left(trunk: string): void {
    const others = (this.#running.get(trunk) ?? 0) - 1;
    if (others > 0) this.#running.set(trunk, others);
    else this.#running.delete(trunk);
  }

  /** False: this address asks too often and gets no answer, so that an invented sender cannot be flooded through us. */
  hears(address: string): boolean {
    const { requestsPerSource } = this.#limits;
    if (requestsPerSource === null) return true;
    let bucket = this.#sources.get(address);
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#clock, requestsPerSource);
      if (this.#sources.size >= MOST_SOURCES) dropOldest(this.#sources);
      this.#sources.set(address, bucket);
    }
    return bucket.take();
  }

  /**
   * Whether a new call may be set up.
   * @param key of its transaction: what was turned away once stays so, however often it is sent again
   * @param fitness what else speaks against it
   */
  admit(trunk: TrunkConfig, key: string, fitness: () => Health): Health {
    if (this.#refused.has(key)) return unfit('Overload');
    const verdict = this.#judge(trunk, fitness);
    if (!verdict.ok) {
      this.turnedAway += 1;
      this.#remember(key);
    }
    return verdict;
  }

  #judge(trunk: TrunkConfig, fitness: () => Health): Health {
    const health = fitness();
    if (!health.ok) return health;
    if (trunk.calls !== null && (this.#running.get(trunk.name) ?? 0) >= trunk.calls) return unfit('Trunk full');
    const own = this.#bucketOf(trunk);
    // Looked at before any is taken: a trunk that is over its rate must not eat up the others'.
    if (own?.ready === false) return unfit('Trunk overload');
    if (this.#setups?.take() === false) return unfit('Overload');
    own?.take();
    return FIT;
  }

  #bucketOf(trunk: TrunkConfig): TokenBucket | null {
    if (trunk.rate === null) return null;
    let bucket = this.#trunks.get(trunk.name);
    if (bucket === undefined) this.#trunks.set(trunk.name, (bucket = new TokenBucket(this.#clock, trunk.rate)));
    return bucket;
  }

  #remember(key: string): void {
    if (this.#refused.size >= MOST_REFUSED) dropOldest(this.#refused);
    this.#refused.add(key);
  }
}

function unfit(reason: string): Health {
  return { ok: false, reason, retryAfterSeconds: RETRY_AFTER_SECONDS };
}

function dropOldest(kept: Map<string, unknown> | Set<string>): void {
  const [oldest] = kept.keys();
  if (oldest !== undefined) kept.delete(oldest);
}
