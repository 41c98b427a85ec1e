import type { CallState } from '../link/fold.ts';

interface Entry {
  readonly call: CallState;
  readonly endedAt: number;
  /** Of those that ended in the same moment the first that came is the first. */
  readonly turn: number;
}

/** Ended calls that wait to be archived, the one that ended first in front: a heap, as a backlog may be of many thousands. */
export class WaitingCalls {
  readonly #heap: Entry[] = [];
  readonly #ids = new Set<string>();
  #turn = 0;

  get size(): number {
    return this.#heap.length;
  }

  has(callId: string): boolean {
    return this.#ids.has(callId);
  }

  /** One that waits already is not added. */
  add(call: CallState): void {
    if (this.#ids.has(call.callId)) return;
    this.#ids.add(call.callId);
    this.#heap.push({ call, endedAt: call.ended?.at ?? 0, turn: this.#turn++ });
    this.#rise(this.#heap.length - 1);
  }

  /** The first one, which waits no more. */
  take(): CallState | undefined {
    const heap = this.#heap;
    const [first] = heap;
    const last = heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (heap.length > 0) {
      heap[0] = last;
      this.#sink(0);
    }
    this.#ids.delete(first.call.callId);
    return first.call;
  }

  #rise(from: number): void {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#isBefore(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(from: number): void {
    for (let at = from; ;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < this.#heap.length && this.#isBefore(child, least)) least = child;
      }
      if (least === at) return;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one]!, this.#heap[other]!];
    return a.endedAt < b.endedAt || (a.endedAt === b.endedAt && a.turn < b.turn);
  }

  #swap(one: number, other: number): void {
    const entry = this.#heap[one]!;
    this.#heap[one] = this.#heap[other]!;
    this.#heap[other] = entry;
  }
}
