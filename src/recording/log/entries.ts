/**
 * The body of a `packets` record: entries one after the other, in the order of their arrival.
 *
 * ```
 *  0        1               3               5                               9
 * +--------+---------------+---------------+-------------------------------+-----------…
 * | type   | stream        | length        | µs after the record's base    | bytes
 * +--------+---------------+---------------+-------------------------------+-----------…
 * ```
 *
 * RTP packets stand as they arrived. Of RTCP only sender reports are kept, without their report blocks. A telephone-event packet
 * is kept as SSRC (4), RTP sequence number (2), timestamp (4), duration in ticks (2); where the account keeps digits, the event (1) follows.
 */
export const ENTRY_TYPES = { rtp: 1, report: 2, event: 3 } as const;

export const ENTRY_HEADER_BYTES = 9;
export const EVENT_ENTRY_BYTES = 12;
const STREAM = 1;
const LENGTH = 3;
const DELTA = 5;

export interface Entry {
  readonly type: number;
  readonly stream: number;
  readonly arrivalUs: number;
  /** Where the entry's bytes stand in the body. */
  readonly start: number;
  readonly end: number;
}

/** Steps through the entries of a body without an object for each: its fields tell of the entry that {@link next} came to. */
export class EntryCursor implements Entry {
  readonly #body: Uint8Array;
  readonly #baseUs: number;
  type = 0;
  stream = 0;
  arrivalUs = 0;
  start = 0;
  end = 0;

  constructor(body: Uint8Array, baseUs: number) {
    this.#body = body;
    this.#baseUs = baseUs;
  }

  /** Goes on to the next entry. Stops at what does not fit: a body that was opened intact holds nothing of the kind. */
  next(): boolean {
    const body = this.#body;
    const at = this.end;
    const start = at + ENTRY_HEADER_BYTES;
    if (start > body.length) return false;
    const end = start + ((body[at + LENGTH]! << 8) | body[at + LENGTH + 1]!);
    if (end > body.length) return false;
    const delta = (body[at + DELTA]! << 24) | (body[at + DELTA + 1]! << 16) | (body[at + DELTA + 2]! << 8);
    this.type = body[at]!;
    this.stream = (body[at + STREAM]! << 8) | body[at + STREAM + 1]!;
    this.arrivalUs = this.#baseUs + ((delta | body[at + DELTA + 3]!) >>> 0);
    this.start = start;
    this.end = end;
    return true;
  }
}

/** The entries of a body, each an object of its own. */
export function* readEntries(body: Uint8Array, baseUs: number): Generator<Entry> {
  const cursor = new EntryCursor(body, baseUs);
  while (cursor.next()) {
    const { type, stream, arrivalUs, start, end } = cursor;
    yield { type, stream, arrivalUs, start, end };
  }
}

const FIRST_BYTES = 8 * 1024;
/** A record is closed early rather than let grow past this. */
export const FULL_BYTES = 1024 * 1024;
/** What a call may keep of its buffer between records; a burst's memory goes back. */
const KEPT_BYTES = 64 * 1024;

/** Gathers a call's packets until they are sealed. The buffer is used again and again: adding a packet allocates nothing. */
export class EntryGatherer {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;
  #baseUs = 0;
  /** Monotonic µs of the first packet that waits here; 0 = none waits. */
  oldestUs = 0;

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  get isFull(): boolean {
    return this.#length >= FULL_BYTES;
  }

  get baseUs(): number {
    return this.#baseUs;
  }

  /** The entries so far; valid until {@link clear}. */
  get body(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /**
   * Copies one entry in: the bytes from `from` to `to`.
   * @param arrivalUs since the call's opening, whole µs
   * @param monoUs the same moment on the monotonic clock
   */
  add(
    type: number,
    stream: number,
    bytes: Buffer,
    arrivalUs: number,
    monoUs: number,
    from = 0,
    to = bytes.length,
  ): void {
    const start = this.#length;
    const length = to - from;
    const end = start + ENTRY_HEADER_BYTES + length;
    if (end > this.#buffer.length) this.#grow(end);
    if (start === 0) {
      this.#baseUs = Math.max(0, arrivalUs);
      this.oldestUs = monoUs;
    } else if (arrivalUs < this.#baseUs) this.#rebase(Math.max(0, arrivalUs), monoUs);
    const buffer = this.#buffer;
    buffer[start] = type;
    buffer[start + STREAM] = stream >> 8;
    buffer[start + STREAM + 1] = stream;
    buffer[start + LENGTH] = length >> 8;
    buffer[start + LENGTH + 1] = length;
    writeDelta(buffer, start, Math.max(0, arrivalUs - this.#baseUs));
    bytes.copy(buffer, start + ENTRY_HEADER_BYTES, from, to);
    this.#length = end;
  }

  clear(): void {
    this.#length = 0;
    this.oldestUs = 0;
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** Ports are read one after the other, so the first packet that is read need not be the first that came. */
  #rebase(baseUs: number, monoUs: number): void {
    const buffer = this.#buffer;
    const earlier = this.#baseUs - baseUs;
    for (let at = 0; at < this.#length; at += ENTRY_HEADER_BYTES + buffer.readUInt16BE(at + LENGTH)) {
      writeDelta(buffer, at, buffer.readUInt32BE(at + DELTA) + earlier);
    }
    this.#baseUs = baseUs;
    this.oldestUs = Math.min(this.oldestUs, monoUs);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

function writeDelta(buffer: Buffer, entry: number, delta: number): void {
  buffer[entry + DELTA] = delta >> 24;
  buffer[entry + DELTA + 1] = delta >> 16;
  buffer[entry + DELTA + 2] = delta >> 8;
  buffer[entry + DELTA + 3] = delta;
}
