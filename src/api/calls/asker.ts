import type { Actor } from '../../access/actor.ts';
import type { Asker } from '../../link/journal.ts';

/**
 * An actor as the recorder and its journal know him (S9). A token that reaches one user's calls only is that user; any other token acts for
 * the account. What a user may not do by himself he may not do by a token either.
 */
export function askerOf(actor: Actor): Asker {
  switch (actor.kind) {
    case 'anonymous':
      return { kind: 'system', id: null, name: 'nobody', via: 'rest' };
    case 'operator':
      return { kind: 'operator', id: null, name: 'operator of the machine', via: 'cli' };
    case 'user': {
      const { id, name, role, userId } = actor.user;
      const kind = role === 'brand' ? 'administrator' : role;
      return { kind, id, name, ...(userId === null ? {} : { userId }), via: 'web' };
    }
    case 'phone': {
      const { deviceId, name, userId } = actor;
      return { kind: 'phone', id: deviceId, name, ...(userId === null ? {} : { userId }), via: 'phone' };
    }
    case 'token': {
      const { tokenId, name, userId } = actor;
      if (userId !== null) return { kind: 'user', id: tokenId, name, userId, via: 'rest' };
      return { kind: 'token', id: tokenId, name, via: 'rest' };
    }
  }
}
