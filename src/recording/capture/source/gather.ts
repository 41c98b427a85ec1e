/** At most so long a datagram waits in its socket for company. A stream has one every 10 to 60 ms. */
export const GATHER_MS = 2;

const never = new Int32Array(new SharedArrayBuffer(4));

export interface GatheringOptions {
  /** Monotonic, ms. */
  readonly now?: () => number;
  /** Blocks the thread. */
  readonly sleep?: (ms: number) => void;
}

/**
 * Lets datagrams gather in the kernel instead of waking up for each: the turn of the event loop around a single datagram costs as much as
 * reading it. The thread sleeps at the end of a turn, and only for what is left of {@link GATHER_MS} since the last: when there is more
 * to do than fits, it does not sleep at all, and without datagrams it waits as ever. For a thread that does nothing but receive.
 */
export class Gathering {
  readonly #now: () => number;
  readonly #sleep: (ms: number) => void;
  #isAhead = false;
  #since = Number.NEGATIVE_INFINITY;

  constructor({
    now = () => performance.now(),
    sleep = (ms) => void Atomics.wait(never, 0, 0, ms),
  }: GatheringOptions = {}) {
    this.#now = now;
    this.#sleep = sleep;
  }

  /** A datagram was read. */
  heard(): void {
    if (this.#isAhead) return;
    this.#isAhead = true;
    setImmediate(() => this.#endTurn());
  }

  #endTurn(): void {
    this.#isAhead = false;
    const left = this.#since + GATHER_MS - this.#now();
    if (left > 0) this.#sleep(left);
    this.#since = this.#now();
  }
}
