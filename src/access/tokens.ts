import type { Clock } from '../base/clock.ts';
import { EarshotError } from '../base/errors.ts';
import { opaqueId, type Random } from '../base/ids.ts';
import type { Actor, Bearer, TokenScope } from './actor.ts';
import { hashSecret, newSecret, TOKEN_PREFIX } from './secrets.ts';
import { type AccessStore, MAIN_ACCOUNT, type TokenRow } from './store.ts';

const DAY = 86_400_000;
/** Use of a token is written down at most this often. */
const TOUCH_EVERY_MS = 60_000;

/** Bearer tokens: their secrets are shown once, their hashes kept. */
export class Tokens {
  readonly #store: AccessStore;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(parts: { store: AccessStore; clock: Clock; random: Random }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  /** @throws EarshotError NOT_ALLOWED when the maker is neither a person nor the operator */
  async create(
    maker: Actor,
    wish: { name: string; scope: TokenScope; expiresInDays?: number },
  ): Promise<{ row: TokenRow; secret: string }> {
    if (maker.kind !== 'user' && maker.kind !== 'operator') {
      throw new EarshotError('NOT_ALLOWED', 'only a person or the operator of the machine makes tokens.');
    }
    const secret = TOKEN_PREFIX + newSecret(this.#random);
    const now = this.#clock.now();
    const user = maker.kind === 'user' ? maker.user : null;
    const token = {
      id: opaqueId(this.#random),
      hash: hashSecret(secret),
      name: wish.name,
      scope: wish.scope,
      accountId: user?.accountId ?? MAIN_ACCOUNT,
      userId: user?.id ?? null,
      createdAt: new Date(now),
      expiresAt: wish.expiresInDays === undefined ? null : new Date(now + wish.expiresInDays * DAY),
    };
    await this.#store.createToken(token);
    const { hash: _hash, userId: _userId, ...row } = token;
    return { secret, row: { ...row, createdBy: user?.login ?? null, lastUsedAt: null } };
  }

  list(accountId: string | null): Promise<TokenRow[]> {
    return this.#store.listTokens(accountId);
  }

  /** False: there is none of this id within the account. */
  revoke(id: string, accountId: string | null): Promise<boolean> {
    return this.#store.deleteToken(id, accountId);
  }

  /** Who sends this secret; null: nobody, not any more. */
  async find(secret: string): Promise<Bearer | null> {
    const token = await this.#store.tokenByHash(hashSecret(secret));
    const now = this.#clock.now();
    if (token === undefined) return null;
    if (token.expiresAt !== null && token.expiresAt.getTime() <= now) return null;
    if (token.lastUsedAt === null || now - token.lastUsedAt.getTime() >= TOUCH_EVERY_MS) {
      await this.#store.touchToken(token.id, new Date(now));
    }
    const { id, name, scope, accountId, user } = token;
    return { kind: 'token', tokenId: id, name, scope, accountId, user };
  }
}
