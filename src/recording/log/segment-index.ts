import { crc32 } from 'node:zlib';
import { CALL_KEY_BYTES, callIdOf, callKeyOf } from './call-key.ts';

/**
 * Which records of which call stand where in a segment. Written behind the last record of a segment that is closed in order:
 *
 * ```
 * index   = magic (4) calls (4)
 *           calls × { call (16) epoch (2) records (4) first (4) }     sorted by call, epoch; `first` counts places
 *           places × { offset (4) sequence (4) kind (2) base µs (6) }
 * trailer = offset of the index (8) length (4) CRC-32 of the index (4) magic (4)     the file's last 20 bytes
 * ```
 *
 * It only saves a scan: what it says of a record is checked against the record itself.
 */
export interface RecordPlace {
  readonly offset: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly kind: number;
  readonly baseUs: number;
}

/** The places of a segment's records, to be asked by call. */
export interface PlaceIndex {
  /** Memory that it takes. */
  readonly byteLength: number;
  callIds(): string[];
  /** Places of a call's records, all epochs. */
  placesOf(callId: string): RecordPlace[];
  /** What each call's records take, bytes: a record reaches to the next one, the last to `end`. */
  bytesByCall(end: number): Map<string, number>;
}

const INDEX_MAGIC = 0x45534903; // "ESI" 3
const TRAILER_MAGIC = 0x45535404; // "EST" 4
export const TRAILER_BYTES = 20;
const HEAD_BYTES = 8;
const CALL_BYTES = CALL_KEY_BYTES + 2 + 4 + 4;
const PLACE_BYTES = 16;

interface CallPlaces {
  readonly key: Buffer;
  readonly epoch: number;
  /** offset, sequence, kind, base µs of each record, flat. */
  readonly numbers: number[];
}

/** Collects the places of records while a segment is written or scanned. */
export class IndexBuilder {
  readonly #calls = new Map<string, CallPlaces>();
  #places = 0;

  add(callId: string, { offset, epoch, sequence, kind, baseUs }: RecordPlace): void {
    const name = `${callId}.${epoch}`;
    let call = this.#calls.get(name);
    if (call === undefined) {
      call = { key: callKeyOf(callId), epoch, numbers: [] };
      this.#calls.set(name, call);
    }
    call.numbers.push(offset, sequence, kind, baseUs);
    this.#places++;
  }

  /** The index as it stands in the file, without its trailer. */
  encode(): Buffer {
    const calls = [...this.#calls.values()].sort((a, b) => a.key.compare(b.key) || a.epoch - b.epoch);
    const bytes = Buffer.alloc(HEAD_BYTES + calls.length * CALL_BYTES + this.#places * PLACE_BYTES);
    bytes.writeUInt32BE(INDEX_MAGIC, 0);
    bytes.writeUInt32BE(calls.length, 4);
    let place = 0;
    calls.forEach((call, index) => {
      const at = HEAD_BYTES + index * CALL_BYTES;
      call.key.copy(bytes, at);
      bytes.writeUInt16BE(call.epoch, at + 16);
      bytes.writeUInt32BE(call.numbers.length / 4, at + 18);
      bytes.writeUInt32BE(place, at + 22);
      place = writePlaces(bytes, HEAD_BYTES + calls.length * CALL_BYTES, place, call.numbers);
    });
    return bytes;
  }
}

function writePlaces(bytes: Buffer, from: number, first: number, numbers: readonly number[]): number {
  let place = first;
  for (let at = 0; at < numbers.length; at += 4) {
    const target = from + place * PLACE_BYTES;
    bytes.writeUInt32BE(numbers[at]!, target);
    bytes.writeUInt32BE(numbers[at + 1]!, target + 4);
    bytes.writeUInt16BE(numbers[at + 2]!, target + 8);
    bytes.writeUIntBE(numbers[at + 3]!, target + 10, 6);
    place++;
  }
  return place;
}

export function encodeTrailer(index: Buffer, offset: number): Buffer {
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeBigUInt64BE(BigInt(offset), 0);
  trailer.writeUInt32BE(index.length, 8);
  trailer.writeUInt32BE(crc32(index), 12);
  trailer.writeUInt32BE(TRAILER_MAGIC, 16);
  return trailer;
}

export interface Trailer {
  readonly offset: number;
  readonly length: number;
  readonly crc: number;
}

export function decodeTrailer(bytes: Buffer, fileSize: number): Trailer | null {
  if (bytes.length !== TRAILER_BYTES || bytes.readUInt32BE(16) !== TRAILER_MAGIC) return null;
  const offset = Number(bytes.readBigUInt64BE(0));
  const length = bytes.readUInt32BE(8);
  return offset + length + TRAILER_BYTES === fileSize ? { offset, length, crc: bytes.readUInt32BE(12) } : null;
}

/** A segment's index, kept as the bytes of the file: small enough to hold many in memory. */
export class SegmentIndex implements PlaceIndex {
  readonly #bytes: Buffer;
  readonly #calls: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#calls = bytes.readUInt32BE(4);
  }

  /** The index in these bytes, or null when they are damaged. */
  static decode(bytes: Buffer, crc: number): SegmentIndex | null {
    if (bytes.length < HEAD_BYTES || bytes.readUInt32BE(0) !== INDEX_MAGIC || crc32(bytes) !== crc) return null;
    return HEAD_BYTES + bytes.readUInt32BE(4) * CALL_BYTES <= bytes.length ? new SegmentIndex(bytes) : null;
  }

  get byteLength(): number {
    return this.#bytes.length;
  }

  callIds(): string[] {
    const ids = new Set<string>();
    for (let call = 0; call < this.#calls; call++) ids.add(callIdOf(this.#bytes, HEAD_BYTES + call * CALL_BYTES));
    return [...ids];
  }

  bytesByCall(end: number): Map<string, number> {
    const lengths = new RecordLengths();
    for (let call = 0; call < this.#calls; call++) {
      const at = HEAD_BYTES + call * CALL_BYTES;
      const callId = callIdOf(this.#bytes, at);
      let place = HEAD_BYTES + this.#calls * CALL_BYTES + this.#bytes.readUInt32BE(at + 22) * PLACE_BYTES;
      for (let left = this.#bytes.readUInt32BE(at + 18); left > 0; left--, place += PLACE_BYTES) {
        if (place + PLACE_BYTES > this.#bytes.length) break;
        lengths.add(callId, this.#bytes.readUInt32BE(place));
      }
    }
    return lengths.byCall(end);
  }

  placesOf(callId: string): RecordPlace[] {
    const key = callKeyOf(callId);
    const places: RecordPlace[] = [];
    for (let call = this.#firstOf(key); call < this.#calls; call++) {
      const at = HEAD_BYTES + call * CALL_BYTES;
      if (this.#bytes.compare(key, 0, CALL_KEY_BYTES, at, at + CALL_KEY_BYTES) !== 0) break;
      this.#readPlaces(at, places);
    }
    return places;
  }

  #readPlaces(at: number, into: RecordPlace[]): void {
    const epoch = this.#bytes.readUInt16BE(at + 16);
    const count = this.#bytes.readUInt32BE(at + 18);
    let place = HEAD_BYTES + this.#calls * CALL_BYTES + this.#bytes.readUInt32BE(at + 22) * PLACE_BYTES;
    for (let index = 0; index < count && place + PLACE_BYTES <= this.#bytes.length; index++, place += PLACE_BYTES) {
      into.push({
        offset: this.#bytes.readUInt32BE(place),
        epoch,
        sequence: this.#bytes.readUInt32BE(place + 4),
        kind: this.#bytes.readUInt16BE(place + 8),
        baseUs: this.#bytes.readUIntBE(place + 10, 6),
      });
    }
  }

  /** First entry whose call is not below the key (binary search). */
  #firstOf(key: Buffer): number {
    let low = 0;
    let high = this.#calls;
    while (low < high) {
      const middle = (low + high) >> 1;
      const at = HEAD_BYTES + middle * CALL_BYTES;
      if (this.#bytes.compare(key, 0, CALL_KEY_BYTES, at, at + CALL_KEY_BYTES) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** A segment holds fewer calls: it would need as many records, which are longer than 16 bytes each. */
const MOST_CALLS = 2 ** 21;

/** Adds up what each call's records take. Offset and call go into one number each, of 53 bits: thousands of numbers sort by themselves in no time. */
export class RecordLengths {
  readonly #calls = new Map<string, number>();
  readonly #records: number[] = [];

  add(callId: string, offset: number): void {
    let call = this.#calls.get(callId);
    if (call === undefined) this.#calls.set(callId, (call = this.#calls.size));
    this.#records.push(offset * MOST_CALLS + call);
  }

  /** @param end where the last record ends */
  byCall(end: number): Map<string, number> {
    const records = Float64Array.from(this.#records).sort();
    const lengths = new Float64Array(this.#calls.size);
    records.forEach((record, at) => {
      const next = at + 1 < records.length ? Math.floor(records[at + 1]! / MOST_CALLS) : end;
      lengths[record % MOST_CALLS]! += Math.max(0, next - Math.floor(record / MOST_CALLS));
    });
    return new Map([...this.#calls].map(([callId, call]) => [callId, lengths[call]!]));
  }
}
