import type { Clock } from '../base/clock.ts';

/** How long after its last session a conversation may still be joined: a transfer re-opens sessions within moments. */
const JOINABLE_MS = 10 * 60 * 1000;
const MOST_KEYS = 100_000;

/** Which conversation a new session belongs to, by the keys (ids of the vendor) that it shares with earlier ones. */
export class Conversations {
  readonly #clock: Clock;
  readonly #byKey = new Map<string, { conversationId: string; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The conversation that any of `keys` names, else a new one by the call's own id. */
  join(callId: string, keys: readonly string[]): string {
    const now = this.#clock.mono();
    const known = keys.map((key) => this.#byKey.get(key)).find((entry) => entry !== undefined && entry.until >= now);
    const conversationId = known?.conversationId ?? callId;
    this.remember(conversationId, keys);
    return conversationId;
  }

  /** Keeps the keys for as long as a session may still join by them; the oldest go first when there are too many. */
  remember(conversationId: string, keys: readonly string[]): void {
    const until = this.#clock.mono() + JOINABLE_MS;
    for (const key of keys) {
      this.#byKey.delete(key);
      this.#byKey.set(key, { conversationId, until });
    }
    for (const [key, entry] of this.#byKey) {
      if (entry.until >= this.#clock.mono() && this.#byKey.size <= MOST_KEYS) break;
      this.#byKey.delete(key);
    }
  }
}
