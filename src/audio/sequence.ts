import type { PacketTable } from './packets.ts';
import type { Stretch } from './types.ts';

/** A forward step of this many is loss without further question. */
const PLAIN_STEP = 100;
/** A larger one only if the time it would have taken has passed: no sender is faster than a packet in 2 ms. */
const FASTEST_US = 2000;
/** How far back a packet may be late or repeated; also the size of the memory of what was seen. */
const MOST_BACK = 3000;
const MEMORY = 4096;
const RUN_SPAN = 2 ** 32;

/** One SSRC's packets put in order, and the exact account of them. */
export interface Ordered {
  /** Rows of the table in the sender's order, duplicates left out. */
  readonly rows: Uint32Array;
  readonly packets: number;
  /** Numbers of the ranges that never came (RFC 3550 appendix A.3, but with duplicates left out). */
  readonly lost: number;
  readonly duplicates: number;
  /** Packets that came after one with a higher number. */
  readonly reordered: number;
}

/**
 * Unwraps 16-bit sequence numbers. A sender that starts its numbers anew opens a *run*; between runs nothing counts as lost.
 * A number that comes again with the same timestamp is a duplicate, with another one it is a new packet of a new run.
 */
class SequenceRuns {
  #run = 0;
  #unique = 0;
  #lowest = 0;
  #highest = 0;
  #highestTimestamp = 0;
  #lastArrivalUs = 0;
  #open = false;
  /** Numbers that were not captured on purpose. */
  #excused = 0;
  readonly #unheard: readonly Stretch[];
  /** Sort keys of the latest packets; those of older runs never match. */
  readonly #seen = new Float64Array(MEMORY);
  readonly #seenTimestamp = new Uint32Array(MEMORY);
  lost = 0;
  duplicates = 0;
  reordered = 0;

  constructor(unheard: readonly Stretch[]) {
    this.#unheard = unheard;
  }

  /** Sort key of the packet (run and extended number), or −1 for a duplicate. */
  key(sequence: number, timestamp: number, arrivalUs: number): number {
    if (!this.#open) return this.#start(sequence, timestamp, arrivalUs);
    const step = ((sequence - this.#highest) << 16) >> 16;
    const number = this.#highest + step;
    if (step > 0) {
      if (step > PLAIN_STEP && arrivalUs - this.#lastArrivalUs < step * FASTEST_US) {
        return this.#start(sequence, timestamp, arrivalUs);
      }
      if (step > 1 && this.#wasUnheard(arrivalUs)) this.#excused += step - 1;
      this.#highest = number;
      this.#highestTimestamp = timestamp;
      return this.#take(number, timestamp, arrivalUs);
    }
    const slot = number & (MEMORY - 1);
    const seen = this.#seen[slot] === this.#run * RUN_SPAN + number;
    if (seen && this.#seenTimestamp[slot] === timestamp) {
      this.duplicates++;
      return -1;
    }
    const ahead = (timestamp - this.#highestTimestamp) | 0;
    if (seen || ahead > 0 || step < -MOST_BACK) return this.#start(sequence, timestamp, arrivalUs);
    this.reordered++;
    this.#lowest = Math.min(this.#lowest, number);
    return this.#take(number, timestamp, arrivalUs);
  }

  /** Closes the account. */
  end(): void {
    if (this.#open) {
      this.lost += Math.max(0, this.#highest - this.#lowest + 1 - this.#unique - this.#excused);
    }
    this.#open = false;
    this.#excused = 0;
  }

  /** Whether there was any time since the last packet in which nothing was captured on purpose. */
  #wasUnheard(arrivalUs: number): boolean {
    return this.#unheard.some(
      ({ fromUs, toUs }) => (fromUs ?? -Infinity) < arrivalUs && (toUs ?? Infinity) > this.#lastArrivalUs,
    );
  }

  #start(sequence: number, timestamp: number, arrivalUs: number): number {
    this.end();
    this.#open = true;
    this.#run++;
    this.#unique = 0;
    // One turn of room below, for packets that are older than the first to arrive.
    this.#lowest = this.#highest = sequence + 65536;
    this.#highestTimestamp = timestamp;
    return this.#take(this.#highest, timestamp, arrivalUs);
  }

  #take(number: number, timestamp: number, arrivalUs: number): number {
    const slot = number & (MEMORY - 1);
    const key = this.#run * RUN_SPAN + number;
    this.#seen[slot] = key;
    this.#seenTimestamp[slot] = timestamp;
    this.#unique++;
    this.#lastArrivalUs = arrivalUs;
    return key;
  }
}

/** Puts the packets of one SSRC (`rows`, by arrival) in the sender's order. */
export function orderPackets(table: PacketTable, rows: Uint32Array): Ordered {
  const runs = new SequenceRuns(table.unheard);
  const keys = new Float64Array(rows.length);
  const kept = new Uint32Array(rows.length);
  let count = 0;
  for (const row of rows) {
    const key = runs.key(table.sequence[row]!, table.timestamp[row]!, table.arrivalUs[row]!);
    if (key < 0) continue;
    keys[count] = key;
    kept[count++] = row;
  }
  runs.end();
  sortByKey(keys.subarray(0, count), kept.subarray(0, count));
  const { lost, duplicates, reordered } = runs;
  return { rows: kept.subarray(0, count), packets: count, lost, duplicates, reordered };
}

/** Insertion sort, as packets are nearly in order; when they are not, a full sort. */
function sortByKey(keys: Float64Array, rows: Uint32Array): void {
  let moves = 64 * keys.length;
  for (let i = 1; i < keys.length; i++) {
    const key = keys[i]!;
    if (key >= keys[i - 1]!) continue;
    const row = rows[i]!;
    let at = i;
    for (; at > 0 && keys[at - 1]! > key; at--) {
      keys[at] = keys[at - 1]!;
      rows[at] = rows[at - 1]!;
      moves--;
    }
    keys[at] = key;
    rows[at] = row;
    if (moves < 0) return sortFully(keys, rows);
  }
}

function sortFully(keys: Float64Array, rows: Uint32Array): void {
  const order = Uint32Array.from(keys, (_, i) => i).sort((a, b) => keys[a]! - keys[b]! || a - b);
  const sorted = order.map((i) => rows[i]!);
  rows.set(sorted);
}
