import { seededNumbers } from './noise.ts';

/** Shares of packets that meet each fate. */
export interface Fates {
  readonly loss: number;
  readonly reorder: number;
  readonly duplicate: number;
}

/** What a network does to the packets 0 … n−1 of a stream, and what a receiver must report of it. */
export interface Impairment {
  /** Packets that leave in each turn, in this order. */
  readonly turns: readonly (readonly number[])[];
  readonly arrived: ReadonlySet<number>;
  readonly lost: number;
  readonly duplicates: number;
  /** Packets that come after a later one (RFC 4737 §3). */
  readonly reordered: number;
}

/** The first and the last packet always come in time: without them nobody could say what is missing before and after. */
export function impairment(seed: number, packets: number, fates: Fates): Impairment {
  const next = seededNumbers(seed);
  const turns: number[][] = Array.from({ length: packets }, () => []);
  const last = packets - 1;
  turns[0]!.push(0);
  for (let index = 1; index < last; index++) {
    if (next() < fates.loss) continue;
    const turn = Math.min(last - 1, index + (next() < fates.reorder ? 2 + Math.floor(next() * 3) : 0));
    turns[turn]!.push(index);
    if (next() < fates.duplicate) turns[Math.min(last - 1, turn + Math.floor(next() * 4))]!.push(index);
  }
  turns[last]!.push(last);
  return { turns, ...account(turns.flat()) };
}

function account(sent: readonly number[]): Omit<Impairment, 'turns'> {
  const arrived = new Set<number>();
  let duplicates = 0;
  let reordered = 0;
  let highest = -1;
  for (const index of sent) {
    if (arrived.has(index)) duplicates++;
    else if (index < highest) reordered++;
    arrived.add(index);
    highest = Math.max(highest, index);
  }
  return { arrived, lost: highest + 1 - arrived.size, duplicates, reordered };
}
