import { isIP } from 'node:net';
import { addressMatcher } from '../base/address-ranges.ts';

/** Where a stream may come from, as signalled. */
export interface SignalledSource {
  /** The SDP's connection address; a name or 0.0.0.0 matches nothing. */
  readonly address: string;
  readonly port: number;
  /** The trunk's media ranges. */
  readonly ranges: readonly string[];
}

export interface Source {
  readonly address: string;
  readonly port: number;
}

export interface SourceChange {
  readonly from: Source;
  readonly to: Source;
  readonly reason: 'signalled' | 'silence';
}

/** A source that is silent this long may be followed by another one within the same bounds. */
export const SILENCE_MS = 2000;

/** How far signalling vouches for a source. */
const NOT_ALLOWED = 0;
const IN_RANGE = 1;
const SDP_ADDRESS = 2;
const SDP_ADDRESS_AND_PORT = 3;

/**
 * Keeps a stream to one source, so that strangers cannot speak into a recording (CVE-2025-53399 is what free learning
 * leads to). The address must be signalled or lie in the trunk's ranges; the port is learned from the first such packet, as some
 * peers signal a dummy. Another source takes over only when signalling vouches for it more than for the current one, or when
 * that one has been silent for {@link SILENCE_MS}.
 *
 * ```
 *            allowed packet                 better vouched, or allowed after silence
 *  unlocked ────────────────► locked to S ──────────────────────────────────────────► locked to T
 *      ▲                          │
 *      └── signal() disallows S ──┘
 * ```
 */
export class SourceLock {
  /** Compared by the receiver itself for each packet; '' and 0 while unlocked. */
  address = '';
  port = 0;
  /** Monotonic ms of the last packet of the locked source; the receiver keeps it. */
  lastHeard = 0;
  readonly #onChange: (change: SourceChange) => void;
  #signalled: SignalledSource;
  #inRanges: (address: string) => boolean;
  #isSignalled: (address: string) => boolean;
  #rank = NOT_ALLOWED;
  /** The source that signalling took the lock from; reported when the next one locks. */
  #removed: Source | null = null;
  /** The last address that was refused: a flood must not cost a range check each. */
  #refused = '';

  constructor(signalled: SignalledSource, onChange: (change: SourceChange) => void) {
    this.#signalled = signalled;
    this.#inRanges = addressMatcher(signalled.ranges);
    this.#isSignalled = signalledMatcher(signalled.address);
    this.#onChange = onChange;
  }

  get source(): Source | null {
    return this.#rank === NOT_ALLOWED ? null : { address: this.address, port: this.port };
  }

  /** New signalling: the current source stays only if that allows it. */
  signal(signalled: SignalledSource): void {
    this.#signalled = signalled;
    this.#inRanges = addressMatcher(signalled.ranges);
    this.#isSignalled = signalledMatcher(signalled.address);
    this.#refused = '';
    if (this.#rank === NOT_ALLOWED) return;
    this.#rank = this.#rankOf(this.address, this.port);
    if (this.#rank !== NOT_ALLOWED) return;
    this.#removed = { address: this.address, port: this.port };
    this.address = '';
    this.port = 0;
  }

  /**
   * Decides on a packet of another source than the locked one; locks to it when it may speak.
   * @param now monotonic ms
   */
  admit(address: string, port: number, now: number): boolean {
    if (!this.mayAdmit(address, port, now)) return false;
    const rank = this.#rankOf(address, port);
    if (this.#rank === NOT_ALLOWED) this.#lock(address, port, now, rank, this.#removed, 'signalled');
    else if (address !== this.address || port !== this.port) {
      const current = { address: this.address, port: this.port };
      this.#lock(address, port, now, rank, current, rank > this.#rank ? 'signalled' : 'silence');
    }
    return true;
  }

  /** Whether {@link admit} would let it in; locks nothing, as the packet has yet to be authenticated. */
  mayAdmit(address: string, port: number, now: number): boolean {
    if (address === this.#refused) return false;
    const rank = this.#rankOf(address, port);
    if (rank === NOT_ALLOWED) {
      this.#refused = address;
      return false;
    }
    if (this.#rank === NOT_ALLOWED || (address === this.address && port === this.port)) return true;
    return rank > this.#rank || now - this.lastHeard >= SILENCE_MS;
  }

  /** Whether RTCP from here belongs to the stream; its port differs from RTP's and is not locked. */
  allowsReport(address: string): boolean {
    return this.#rank === NOT_ALLOWED ? this.#rankOf(address, 0) !== NOT_ALLOWED : address === this.address;
  }

  #lock(
    address: string,
    port: number,
    now: number,
    rank: number,
    from: Source | null,
    reason: SourceChange['reason'],
  ): void {
    this.address = address;
    this.port = port;
    this.lastHeard = now;
    this.#rank = rank;
    this.#removed = null;
    if (from !== null) this.#onChange({ from, to: { address, port }, reason });
  }

  #rankOf(address: string, port: number): number {
    if (this.#isSignalled(address)) {
      return port === this.#signalled.port ? SDP_ADDRESS_AND_PORT : SDP_ADDRESS;
    }
    return this.#inRanges(address) ? IN_RANGE : NOT_ALLOWED;
  }
}

/** IPv6 addresses have many spellings, so they are compared as addresses. */
function signalledMatcher(address: string): (address: string) => boolean {
  return isIP(address) === 0 ? () => false : addressMatcher([address]);
}
