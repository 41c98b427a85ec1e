import type { Actor, Place, Role } from './actor.ts';
import type { PeopleFilter } from './store.ts';

/** How far somebody reaches: everything, the accounts of a brand, one account, or one directory user's own. */
export type Reach =
  | { readonly kind: 'platform' }
  | { readonly kind: 'brand'; readonly brandId: string; readonly accountIds: readonly string[] }
  | { readonly kind: 'account'; readonly accountId: string }
  | { readonly kind: 'user'; readonly accountId: string; readonly userId: string }
  | { readonly kind: 'nothing' };

const NOTHING: Reach = { kind: 'nothing' };

/** The reach of an actor. */
export function reachOf(actor: Actor): Reach {
  switch (actor.kind) {
    case 'anonymous':
      return NOTHING;
    case 'operator':
      return { kind: 'platform' };
    case 'user':
      return reachOfPlace(actor.user);
    case 'token':
      return tokenReach(actor, actor.user);
    case 'phone':
      return reachOfPlace(actor);
  }
}

/** A place that is not whole (a user without directory user, say) reaches nothing. */
export function reachOfPlace({ role, accountId, brandId, userId, brandAccountIds = [] }: Place): Reach {
  switch (role) {
    case 'operator':
      return { kind: 'platform' };
    case 'brand':
      return brandId === null ? NOTHING : { kind: 'brand', brandId, accountIds: brandAccountIds };
    case 'administrator':
      return accountId === null ? NOTHING : { kind: 'account', accountId };
    case 'user':
      return accountId === null || userId === null ? NOTHING : { kind: 'user', accountId, userId };
  }
}

/** That of the token, as long as its maker still reaches as far. */
function tokenReach(token: Place, maker: Place | null): Reach {
  const own = reachOfPlace(token);
  return maker === null || isWithin(own, reachOfPlace(maker)) ? own : NOTHING;
}

/** Whether all that `inner` reaches is reached by `outer` too. Nobody gives a level that he does not have himself. */
export function isWithin(inner: Reach, outer: Reach): boolean {
  if (outer.kind === 'platform' || inner.kind === 'nothing') return true;
  switch (outer.kind) {
    case 'brand':
      if (inner.kind === 'brand') return inner.brandId === outer.brandId;
      return (inner.kind === 'account' || inner.kind === 'user') && outer.accountIds.includes(inner.accountId);
    case 'account':
      return (inner.kind === 'account' || inner.kind === 'user') && inner.accountId === outer.accountId;
    case 'user':
      return inner.kind === 'user' && inner.accountId === outer.accountId && inner.userId === outer.userId;
    case 'nothing':
      return false;
  }
}

/** The level that these ids stand for: the lowest that they name. */
export function roleOfIds({ accountId, brandId, userId }: Omit<Place, 'role'>): Role {
  if (userId !== null) return 'user';
  if (accountId !== null) return 'administrator';
  return brandId === null ? 'operator' : 'brand';
}

/** What lists are narrowed to in SQL. */
export interface Narrowing {
  /** Null: every account. */
  readonly accountIds: readonly string[] | null;
  /** Only what this directory user takes part in or owns; null: everything of the accounts. */
  readonly userId: string | null;
}

export function narrowingOf(actor: Actor): Narrowing {
  const { accountIds, userId } = meantBy(reachOf(actor));
  return { accountIds, userId };
}

/** Whose people and tokens an actor of this reach sees; a brand's stand above its accounts. */
export function meantBy(reach: Reach): PeopleFilter {
  switch (reach.kind) {
    case 'platform':
      return { accountIds: null, brandId: null, userId: null };
    case 'brand':
      return { accountIds: reach.accountIds, brandId: reach.brandId, userId: null };
    case 'account':
      return { accountIds: [reach.accountId], brandId: null, userId: null };
    case 'user':
      return { accountIds: [reach.accountId], brandId: null, userId: reach.userId };
    case 'nothing':
      return { accountIds: [], brandId: null, userId: null };
  }
}
