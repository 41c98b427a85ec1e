import type { RecordedCall } from './call/call.ts';

/** The calls that are set up or running now, by their sessions, and how many legs of each conversation there are. */
export class Sessions implements Iterable<RecordedCall> {
  readonly #calls = new Map<string, RecordedCall>();
  readonly #legs = new Map<string, number>();

  get size(): number {
    return this.#calls.size;
  }

  [Symbol.iterator](): IterableIterator<RecordedCall> {
    return this.#calls.values();
  }

  get(sessionId: string): RecordedCall | undefined {
    return this.#calls.get(sessionId);
  }

  add(call: RecordedCall): void {
    const { sessionId, conversationId } = call.identity;
    this.#calls.set(sessionId, call);
    this.#legs.set(conversationId, (this.#legs.get(conversationId) ?? 0) + 1);
  }

  /** @returns whether it was the last leg of its conversation; false for one that had left before */
  leave(call: RecordedCall): boolean {
    const { sessionId, conversationId } = call.identity;
    if (this.#calls.get(sessionId) !== call) return false;
    this.#calls.delete(sessionId);
    const left = (this.#legs.get(conversationId) ?? 1) - 1;
    if (left > 0) this.#legs.set(conversationId, left);
    else this.#legs.delete(conversationId);
    return left === 0;
  }
}
