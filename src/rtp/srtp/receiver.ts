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
  /** Null: keys were signalled but are not to be had. Nothing is authentic then. */
  #current: KeySet | null;
  #former: KeySet | null = null;
  /** Monotonic ms until which the former key counts. */
  #formerUntil = 0;
  #isConfirmed = true;
  readonly #search = new RolloverSearch();

  constructor(keys: SrtpKeys | null) {
    this.#current = keys === null ? null : new KeySet(keys);
  }

  /** New keys by signalling; the same keys again change nothing. */
  rekey(keys: SrtpKeys | null, nowMs: number): void {
    if (keys !== null && this.#current !== null && sameKeys(keys, this.#current.keys)) return;
    this.#former = this.#current;
    this.#current = keys === null ? null : new KeySet(keys);
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
    const current = this.#current;
    if (current?.source(ssrcOf(bytes)) === undefined) this.#search.setAge(ageMs);
    const former = this.#formerAt(nowMs);
    const end = current?.openRtp(bytes, nowMs, this.#search, former ?? undefined) ?? NOT_AUTHENTIC;
    if (end >= 0) this.#confirm(nowMs);
    return this.#count(end === NOT_AUTHENTIC && former !== null ? former.openRtp(bytes, nowMs, this.#search) : end);
  }

  /** The same for a datagram of RTCP. */
  openRtcp(bytes: Buffer, nowMs: number): number {
    const end = this.#current?.openRtcp(bytes) ?? NOT_AUTHENTIC;
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
