import type { Clock } from '../base/clock.ts';
import { EarshotError } from '../base/errors.ts';

/** The ports of one stream: an even one for RTP, the next one for RTCP (RFC 3550, 11). */
export interface StreamPorts {
  readonly rtpPort: number;
  readonly rtcpPort: number;
}

export interface PortPoolOptions {
  readonly from: number;
  readonly to: number;
  /** How long a port that was in use stays closed, so that late packets of one call never reach the next. */
  readonly restSeconds: number;
  readonly clock: Clock;
}

/**
 * The RTP ports of a node, in pairs. A session's ports stand side by side where a free run is left; a fragmented range
 * gives single pairs rather than refuse a call. Pairs are taken in turn round the range, so that each rests as long as can be.
 */
export class PortPool {
  readonly #first: number;
  readonly #used: Uint8Array;
  /** Monotonic ms until which a pair rests. */
  readonly #restUntil: Float64Array;
  readonly #restMs: number;
  readonly #clock: Clock;
  #next = 0;

  constructor({ from, to, restSeconds, clock }: PortPoolOptions) {
    this.#first = from + (from % 2);
    const pairs = Math.max(0, Math.floor((to - this.#first + 1) / 2));
    this.#used = new Uint8Array(pairs);
    this.#restUntil = new Float64Array(pairs).fill(Number.NEGATIVE_INFINITY);
    this.#restMs = restSeconds * 1000;
    this.#clock = clock;
  }

  /** Pairs by what they do; together the size of the range. */
  get figures(): { free: number; used: number; resting: number } {
    const now = this.#clock.mono();
    const figures = { free: 0, used: 0, resting: 0 };
    for (let pair = 0; pair < this.#used.length; pair++) {
      if (this.#used[pair] === 1) figures.used++;
      else if (this.#restUntil[pair]! > now) figures.resting++;
      else figures.free++;
    }
    return figures;
  }

  /**
   * Takes ports for the streams of one session.
   * @throws EarshotError PORTS_EXHAUSTED; nothing is taken then
   */
  take(streams: number): StreamPorts[] {
    const pairs = this.#findRun(streams) ?? this.#findScattered(streams);
    if (pairs === null) {
      throw new EarshotError('PORTS_EXHAUSTED', `no ${streams} free pairs are left of ${this.#used.length}.`, {
        key: 'rtp.ports',
        remedy: 'Widen the range, or shorten rtp.rest.',
      });
    }
    for (const pair of pairs) this.#used[pair] = 1;
    this.#next = ((pairs.at(-1) ?? 0) + 1) % Math.max(1, this.#used.length);
    return pairs.map((pair) => this.#portsOf(pair));
  }

  /** Whether so many pairs could be taken now. */
  has(pairs: number): boolean {
    return this.#findScattered(pairs) !== null;
  }

  /** Marks ports of calls that go on after a restart as taken. Ports outside the range (it was changed) are none of the pool's. */
  claim(ports: readonly StreamPorts[]): void {
    for (const { rtpPort } of ports) {
      const pair = this.#pairOf(rtpPort);
      if (pair !== null) this.#used[pair] = 1;
    }
  }

  /** Gives ports back; they rest first. Ports that are not taken are left as they are. */
  release(ports: readonly StreamPorts[]): void {
    const until = this.#clock.mono() + this.#restMs;
    for (const { rtpPort } of ports) {
      const pair = this.#pairOf(rtpPort);
      if (pair === null || this.#used[pair] === 0) continue;
      this.#used[pair] = 0;
      this.#restUntil[pair] = until;
    }
  }

  #findRun(length: number): number[] | null {
    const pairs = this.#used.length;
    const now = this.#clock.mono();
    let run = 0;
    // Once round from the cursor, and a bit further so that a run across the cursor is seen; never across the range's end.
    for (let step = 0; step < pairs + length - 1; step++) {
      const pair = (this.#next + step) % pairs;
      if (pair === 0) run = 0;
      run = this.#isFree(pair, now) ? run + 1 : 0;
      if (run >= length) return Array.from({ length }, (_, index) => pair - length + 1 + index);
    }
    return null;
  }

  #findScattered(count: number): number[] | null {
    const now = this.#clock.mono();
    const found: number[] = [];
    for (let step = 0; step < this.#used.length && found.length < count; step++) {
      const pair = (this.#next + step) % this.#used.length;
      if (this.#isFree(pair, now)) found.push(pair);
    }
    return found.length === count ? found : null;
  }

  #isFree(pair: number, now: number): boolean {
    return this.#used[pair] === 0 && this.#restUntil[pair]! <= now;
  }

  #portsOf(pair: number): StreamPorts {
    const rtpPort = this.#first + 2 * pair;
    return { rtpPort, rtcpPort: rtpPort + 1 };
  }

  #pairOf(rtpPort: number): number | null {
    const pair = (rtpPort - this.#first) / 2;
    return Number.isInteger(pair) && pair >= 0 && pair < this.#used.length ? pair : null;
  }
}
