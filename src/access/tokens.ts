import type { Clock } from '../base/clock.ts';
import { EarshotError } from '../base/errors.ts';
import { opaqueId, type Random } from '../base/ids.ts';
import type { Actor, Bearer, Place, TokenScope } from './actor.ts';
import { isWithin, meantBy, type Reach, reachOf, reachOfPlace, roleOfIds } from './reach.ts';
import { hashSecret, newSecret, TOKEN_PREFIX } from './secrets.ts';
import type { AccessStore, TokenRow } from './store.ts';

const DAY = 86_400_000;
/** Use of a token is written down at most this often. */
const TOUCH_EVERY_MS = 60_000;

export interface TokenWish {
  readonly name: string;
  readonly scope: TokenScope;
  readonly expiresInDays?: number;
  readonly accountId?: string | null;
  readonly brandId?: string | null;
  /** A user of the directory, with his account. */
  readonly userId?: string | null;
}

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

  /**
   * A token reaches as far as its maker, or less: one brand, account or directory user, as the wish says.
   * @throws EarshotError NOT_ALLOWED when the maker is neither a person nor the operator, or does not reach as far himself
   */
  async create(maker: Actor, wish: TokenWish): Promise<{ row: TokenRow; secret: string }> {
    if (maker.kind !== 'user' && maker.kind !== 'operator') {
      throw new EarshotError('NOT_ALLOWED', 'only a person or the operator of the machine makes tokens.');
    }
    const place = placeOf(wish, reachOf(maker));
    const secret = TOKEN_PREFIX + newSecret(this.#random);
    const now = this.#clock.now();
    const user = maker.kind === 'user' ? maker.user : null;
    const row = {
      ...place,
      id: opaqueId(this.#random),
      name: wish.name,
      scope: wish.scope,
      createdAt: new Date(now),
      expiresAt: wish.expiresInDays === undefined ? null : new Date(now + wish.expiresInDays * DAY),
    };
    await this.#store.createToken({ ...row, hash: hashSecret(secret), makerId: user?.id ?? null });
    return { secret, row: { ...row, createdBy: user?.login ?? null, lastUsedAt: null } };
  }

  /** Those within the actor's reach. */
  list(actor: Actor): Promise<TokenRow[]> {
    return this.#store.listTokens(meantBy(reachOf(actor)));
  }

  /** The token that was revoked; null: there is none of this id within the actor's reach. */
  async revoke(actor: Actor, id: string): Promise<TokenRow | null> {
    const token = await this.#store.tokenById(id);
    if (token === undefined || !isWithin(reachOfPlace(token), reachOf(actor))) return null;
    return (await this.#store.deleteToken(id)) ? token : null;
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
    const { id, name, scope, role, accountId, brandId, userId, brandAccountIds = [], user } = token;
    return { kind: 'token', tokenId: id, name, scope, role, accountId, brandId, userId, brandAccountIds, user };
  }
}

/** Where nothing is wished for, as far as the maker reaches. */
function placeOf(wish: TokenWish, maker: Reach): Place {
  const { accountId = null, brandId = null, userId = null } = wish;
  const isSaid = accountId !== null || brandId !== null || userId !== null;
  const ids = isSaid ? { accountId, brandId, userId } : idsOf(maker);
  const place = { ...ids, role: roleOfIds(ids) };
  const reach = reachOfPlace(place);
  if (reach.kind === 'nothing' || (ids.brandId !== null && ids.accountId !== null)) {
    throw new EarshotError('BAD_REQUEST', 'a token is for a brand, or for an account, or for a user of an account.', {
      key: ids.accountId === null ? 'accountId' : 'brandId',
    });
  }
  if (isWithin(reach, maker)) return place;
  throw new EarshotError('NOT_ALLOWED', 'a token reaches no further than its maker.', { key: 'accountId' });
}

function idsOf(reach: Reach): Omit<Place, 'role'> {
  return {
    accountId: reach.kind === 'account' || reach.kind === 'user' ? reach.accountId : null,
    brandId: reach.kind === 'brand' ? reach.brandId : null,
    userId: reach.kind === 'user' ? reach.userId : null,
  };
}
