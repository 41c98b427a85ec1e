import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/ids.ts';
import type { Identity, SignedIn } from './actor.ts';
import { hashSecret, newSecret } from './secrets.ts';
import type { AccessStore } from './store.ts';

const HOUR = 3_600_000;
/** A session ends when it is not used for so long … */
export const SESSION_IDLE_MS = 12 * HOUR;
/** … and in any case after this. */
export const SESSION_MOST_MS = 7 * 24 * HOUR;
/** Use is written down at most this often. */
const SEEN_EVERY_MS = 5 * 60_000;

/** A session that was just opened; the secret goes into the cookie and is nowhere else. */
export interface OpenedSession {
  readonly secret: string;
  readonly actor: SignedIn;
}

/** Cookie sessions: an opaque secret at the client, its hash here, a lifetime that slides with use. */
export class Sessions {
  readonly #store: AccessStore;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(parts: { store: AccessStore; clock: Clock; random: Random }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  async open(user: Identity, address: string | null): Promise<OpenedSession> {
    const secret = newSecret(this.#random);
    const now = this.#clock.now();
    const session = {
      hash: hashSecret(secret),
      userId: user.id,
      createdAt: new Date(now),
      seenAt: new Date(now),
      expiresAt: new Date(now + SESSION_IDLE_MS),
      address,
    };
    await this.#store.deleteExpired(new Date(now));
    await this.#store.createSession(session);
    return { secret, actor: { kind: 'user', user, sessionId: session.hash, expiresAt: session.expiresAt } };
  }

  /**
   * Who holds this secret; null: nobody any more. With `use` this counts as use of the session; `renewed`: the cookie should be given
   * its new lifetime.
   */
  async find(secret: string, use: boolean): Promise<{ actor: SignedIn; renewed: boolean } | null> {
    const session = await this.#store.sessionByHash(hashSecret(secret));
    const now = this.#clock.now();
    if (session === undefined || session.expiresAt.getTime() <= now) return null;
    const actor = { kind: 'user', user: session.user, sessionId: session.hash, expiresAt: session.expiresAt } as const;
    if (!use || now - session.seenAt.getTime() < SEEN_EVERY_MS) return { actor, renewed: false };
    const expiresAt = new Date(Math.min(now + SESSION_IDLE_MS, session.createdAt.getTime() + SESSION_MOST_MS));
    await this.#store.extendSession(session.hash, new Date(now), expiresAt);
    return { actor: { ...actor, expiresAt }, renewed: true };
  }

  close(sessionId: string): Promise<void> {
    return this.#store.deleteSession(sessionId);
  }
}
