import type { Clock } from '../base/clock.ts';
import type { Override } from '../policy/types.ts';

export interface ConversationLimits {
  /** How long after its end a call can still be joined, ms. */
  readonly keepMs: number;
  /** Most calls that are remembered; beyond it the oldest ended ones go first, then the oldest. */
  readonly calls: number;
  /** A key that this many calls carried is no id of a conversation, but something that every call has; it joins nothing more. */
  readonly callsPerKey: number;
}

export const CONVERSATION_LIMITS: ConversationLimits = { keepMs: 120_000, calls: 10_000, callsPerKey: 8 };

/**
 * Tells which running or recently ended call a new session belongs to, by equal join keys. Bounded in everything; entries expire by the clock
 * that is passed in, when the index is used, so it needs no timer.
 */
export class ConversationIndex {
  readonly #clock: Clock;
  readonly #limits: ConversationLimits;
  /** Call → its keys, the latest call last. */
  readonly #calls = new Map<string, Set<string>>();
  /** Ended call → `mono()` of its end, the latest end last. */
  readonly #ended = new Map<string, number>();
  readonly #byKey = new Map<string, Set<string>>();
  /** Call → the override that later legs inherit (D2). */
  readonly #overrides = new Map<string, Override>();

  constructor(clock: Clock, limits: ConversationLimits = CONVERSATION_LIMITS) {
    this.#clock = clock;
    this.#limits = limits;
  }

  /** How many calls are remembered. */
  get size(): number {
    return this.#calls.size;
  }

  /** The call that one of the keys belongs to: a running one before an ended one, then the latest. Undefined when it is a new conversation. */
  find(keys: readonly string[]): string | undefined {
    this.#expire();
    const found = new Set<string>();
    for (const key of keys) {
      const calls = this.#byKey.get(key);
      if (calls === undefined || calls.size >= this.#limits.callsPerKey) continue;
      for (const callId of calls) found.add(callId);
    }
    let best: string | undefined;
    for (const callId of found) {
      if (best === undefined || this.#rank(callId) >= this.#rank(best)) best = callId;
    }
    return best;
  }

  /** Adds keys to a call; one that had ended runs again. */
  add(callId: string, keys: readonly string[]): void {
    this.#expire();
    const own = this.#calls.get(callId) ?? new Set<string>();
    this.#ended.delete(callId);
    this.#calls.delete(callId);
    this.#calls.set(callId, own);
    for (const key of keys) {
      own.add(key);
      const calls = this.#byKey.get(key) ?? new Set<string>();
      // Full: the key joins nothing any more, so there is no need to know who else has it.
      if (calls.size < this.#limits.callsPerKey) calls.add(callId);
      this.#byKey.set(key, calls);
    }
    this.#shrink();
  }

  /** The last session of the call is over. It can be joined for `keepMs` more. */
  ended(callId: string): void {
    if (this.#calls.has(callId) && !this.#ended.has(callId)) this.#ended.set(callId, this.#clock.mono());
  }

  /** The override that a leg of it set last; a `deny` stays. Undefined when none did. */
  overrideOf(callId: string): Override | undefined {
    return this.#overrides.get(callId);
  }

  setOverride(callId: string, override: Override): void {
    if (this.#calls.has(callId) && this.#overrides.get(callId) !== 'deny') this.#overrides.set(callId, override);
  }

  #rank(callId: string): number {
    return this.#ended.get(callId) ?? Number.POSITIVE_INFINITY;
  }

  #expire(): void {
    const oldest = this.#clock.mono() - this.#limits.keepMs;
    for (const [callId, at] of this.#ended) {
      if (at >= oldest) return;
      this.#forget(callId);
    }
  }

  #shrink(): void {
    while (this.#calls.size > this.#limits.calls) {
      const [ended] = this.#ended.keys();
      const [oldest] = this.#calls.keys();
      this.#forget(ended ?? oldest!);
    }
  }

  #forget(callId: string): void {
    for (const key of this.#calls.get(callId) ?? []) {
      const calls = this.#byKey.get(key);
      calls?.delete(callId);
      if (calls?.size === 0) this.#byKey.delete(key);
    }
    this.#calls.delete(callId);
    this.#ended.delete(callId);
    this.#overrides.delete(callId);
  }
}
