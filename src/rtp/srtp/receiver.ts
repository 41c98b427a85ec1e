import { KeySet, NOT_AUTHENTIC, REPLAYED } from './key-set.ts';
import { sameKeys, type SrtpKeys } from './keys.ts';
import { RolloverSearch } from './rollover.ts';

/** How long packets under the old key may still come once the first under the new one has. */
const OVERLAP_MS = 2000;
/** How long the old key counts if none comes: as long as a 200 may be sent again (64 × T1, RFC 3261 §13.3.1.4). */
const CHANGE_MS = 32_000;

/**
 * The receiving end of one SRTP stream (RFC 3711): packets in, plain ones out. What is not authentic or came before changes nothing but the counts.
 *
 * ```
 *         rekey                     first packet under the new key, then 2 s; or 32 s without one
 *  one key ─────► new and old key ────────────────────────────────────────────────────────────────► one key
 * ```
 */
export class SrtpReceiver {
  unauthenticated = 0;
  replayed = 0;
  #current: KeySet;
  #former: KeySet | null = null;
  /** Monotonic ms until which the former key counts. */
  #formerUntil = 0;
  #isConfirmed = true;
  readonly #search = new RolloverSearch();

  constructor(keys: SrtpKeys) {
    this.#current = new KeySet(keys);
  }

  /** New keys by signalling; the same keys again change nothing. */
  rekey(keys: SrtpKeys, nowMs: number): void {
    if (sameKeys(keys, this.#current.keys)) return;
    this.#former = this.#current;
    this.#current = new KeySet(keys);
    this.#formerUntil = nowMs + CHANGE_MS;
    this.#isConfirmed = false;
  }

  /**
   * Checks an RTP packet and decrypts it in place.
   * @param nowMs monotonic
   * @param ageMs since the call's opening
   * @returns the end of the plain packet; negative: it is none, and is counted
   */
  openRtp(bytes: Buffer, nowMs: number, ageMs: number): number {
    if (this.#current.source(ssrcOf(bytes)) === undefined) this.#search.setAge(ageMs);
    const former = this.#formerAt(nowMs);
    const end = this.#current.openRtp(bytes, nowMs, this.#search, former ?? undefined);
    if (end >= 0) this.#confirm(nowMs);
    return this.#count(end === NOT_AUTHENTIC && former !== null ? former.openRtp(bytes, nowMs, this.#search) : end);
  }

  /** The same for a datagram of RTCP. */
  openRtcp(bytes: Buffer, nowMs: number): number {
    const end = this.#current.openRtcp(bytes);
    const former = end === NOT_AUTHENTIC ? this.#formerAt(nowMs) : null;
    return this.#count(former === null ? end : former.openRtcp(bytes));
  }

  #formerAt(nowMs: number): KeySet | null {
    if (this.#former !== null && nowMs >= this.#formerUntil) this.#former = null;
    return this.#former;
  }

  #confirm(nowMs: number): void {
    if (this.#isConfirmed) return;
    this.#isConfirmed = true;
    this.#formerUntil = Math.min(this.#formerUntil, nowMs + OVERLAP_MS);
  }

  #count(end: number): number {
    if (end === REPLAYED) this.replayed++;
    else if (end === NOT_AUTHENTIC) this.unauthenticated++;
    return end;
  }
}

function ssrcOf(bytes: Buffer): number {
  return bytes.length < 12 ? -1 : bytes.readUInt32BE(8);
}
