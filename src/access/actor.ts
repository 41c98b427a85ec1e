/** Who asks. Made by authentication, read by the rules; never by the request itself. */
export type Actor = Anonymous | Operator | SignedIn | Bearer;

/** Nobody in particular. */
export interface Anonymous {
  readonly kind: 'anonymous';
}

/** Who can read the data folder of this machine, and has shown it by the local token: the platform's operator. */
export interface Operator {
  readonly kind: 'operator';
}

/** A person with a cookie session. */
export interface SignedIn {
  readonly kind: 'user';
  readonly user: Identity;
  readonly sessionId: string;
  readonly expiresAt: Date;
}

/** A program with a bearer token; it may at most what its maker may. */
export interface Bearer {
  readonly kind: 'token';
  readonly tokenId: string;
  readonly name: string;
  readonly scope: TokenScope;
  readonly accountId: string;
  /** Null: made by the operator. */
  readonly user: Identity | null;
}

export type Role = 'administrator';

export type TokenScope = 'full' | 'read' | 'metrics';

export interface Identity {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  readonly accountId: string;
}

export const anonymous: Anonymous = { kind: 'anonymous' };
export const operator: Operator = { kind: 'operator' };

/** How an actor is named in the audit log. */
export function signatureOf(actor: Actor): { kind: Actor['kind']; id: string | null; name: string | null } {
  switch (actor.kind) {
    case 'anonymous':
    case 'operator':
      return { kind: actor.kind, id: null, name: null };
    case 'user':
      return { kind: 'user', id: actor.user.id, name: actor.user.login };
    case 'token':
      return { kind: 'token', id: actor.tokenId, name: actor.name };
  }
}

/** The same in one word, for columns that hold a text: `user:<id>`, `token:<id>`, `operator` … */
export function actorText(actor: Actor): string {
  const { kind, id } = signatureOf(actor);
  return id === null ? kind : `${kind}:${id}`;
}
