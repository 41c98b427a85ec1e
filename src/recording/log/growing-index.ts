import { type PlaceIndex, type RecordPlace, RecordLengths } from './segment-index.ts';

const FIRST_ROWS = 256;
const NONE = 0xffffffff;
/** What a row takes: offset, sequence, row before it of the same call, base time, kind, epoch. */
const ROW_BYTES = 4 + 4 + 4 + 8 + 2 + 2;
/** A call's id and its entry in the map, about. */
const CALL_BYTES = 120;

/**
 * Which records of which call stand where in a segment that has no index of its own (yet), as a scan finds them. It is asked for a call each
 * time that one ends, while others still go on, so nothing is sorted or encoded for a question.
 */
export class GrowingIndex implements PlaceIndex {
  /** Its last row, by call. */
  readonly #calls = new Map<string, number>();
  #rows = 0;
  #offset = new Uint32Array(FIRST_ROWS);
  #sequence = new Uint32Array(FIRST_ROWS);
  #before = new Uint32Array(FIRST_ROWS);
  #baseUs = new Float64Array(FIRST_ROWS);
  #kind = new Uint16Array(FIRST_ROWS);
  #epoch = new Uint16Array(FIRST_ROWS);

  add(callId: string, { offset, epoch, sequence, kind, baseUs }: RecordPlace): void {
    if (this.#rows === this.#offset.length) this.#grow();
    const row = this.#rows++;
    this.#offset[row] = offset;
    this.#sequence[row] = sequence;
    this.#before[row] = this.#calls.get(callId) ?? NONE;
    this.#baseUs[row] = baseUs;
    this.#kind[row] = kind;
    this.#epoch[row] = epoch;
    this.#calls.set(callId, row);
  }

  get byteLength(): number {
    return this.#offset.length * ROW_BYTES + this.#calls.size * CALL_BYTES;
  }

  callIds(): string[] {
    return [...this.#calls.keys()];
  }

  placesOf(callId: string): RecordPlace[] {
    const places: RecordPlace[] = [];
    for (let row = this.#calls.get(callId) ?? NONE; row !== NONE; row = this.#before[row]!) {
      places.push({
        offset: this.#offset[row]!,
        epoch: this.#epoch[row]!,
        sequence: this.#sequence[row]!,
        kind: this.#kind[row]!,
        baseUs: this.#baseUs[row]!,
      });
    }
    return places.reverse();
  }

  bytesByCall(end: number): Map<string, number> {
    const lengths = new RecordLengths();
    for (const [callId, last] of this.#calls) {
      for (let row = last; row !== NONE; row = this.#before[row]!) lengths.add(callId, this.#offset[row]!);
    }
    return lengths.byCall(end);
  }

  #grow(): void {
    const rows = 2 * this.#offset.length;
    this.#offset = grown(this.#offset, new Uint32Array(rows));
    this.#sequence = grown(this.#sequence, new Uint32Array(rows));
    this.#before = grown(this.#before, new Uint32Array(rows));
    this.#baseUs = grown(this.#baseUs, new Float64Array(rows));
    this.#kind = grown(this.#kind, new Uint16Array(rows));
    this.#epoch = grown(this.#epoch, new Uint16Array(rows));
  }
}

function grown<T extends Uint16Array | Uint32Array | Float64Array>(old: T, fresh: T): T {
  fresh.set(old);
  return fresh;
}
