/** Who asks. Made by authentication, read by the rules; never by the request itself. */
export type Actor = Anonymous | Operator | SignedIn | Bearer | Phone;

/** Nobody in particular. */
export interface Anonymous {
  readonly kind: 'anonymous';
}

/** Who can read the data folder of this machine, and has shown it by the local token: as a platform operator. */
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

/** A program, or a phone, with a bearer token; it may at most what its maker may, and reaches at most as far as its own level. */
export interface Bearer extends Place {
  readonly kind: 'token';
  readonly tokenId: string;
  readonly name: string;
  readonly scope: TokenScope;
  /** Its maker; null: made by the operator of the machine. */
  readonly user: Identity | null;
}

/** A phone whose key was pressed (S6): known by a token, or by the address at which the account's phones stand. */
export interface Phone extends Place {
  readonly kind: 'phone';
  /** Device of the directory, else its MAC address. */
  readonly deviceId: string;
  readonly name: string;
}

/** Platform operator, brand administrator, account administrator, user (D9, F5), highest first. */
export const ROLES = ['operator', 'brand', 'administrator', 'user'] as const;
export type Role = (typeof ROLES)[number];

/**
 * `full`: all that its maker may; `read`: nothing that changes; `metrics`: figures and status; `control`: recording of running calls
 * alone, for phones and call flows.
 */
export const TOKEN_SCOPES = ['full', 'read', 'metrics', 'control'] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** Where somebody stands: what he reaches follows from it. */
export interface Place {
  readonly role: Role;
  /** Of an account administrator or user; else null. */
  readonly accountId: string | null;
  /** Of a brand administrator; else null. */
  readonly brandId: string | null;
  /** Directory user of a `user`; else null. */
  readonly userId: string | null;
  /** Accounts of the brand, as they were when the actor showed who he is; left out: none. */
  readonly brandAccountIds?: readonly string[];
}

/** A person who can sign in. */
export interface Identity extends Place {
  readonly id: string;
  readonly login: string;
  readonly name: string;
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
    case 'phone':
      return { kind: 'phone', id: actor.deviceId, name: actor.name };
  }
}

/** The same in one word, for columns that hold a text: `user:<id>`, `token:<id>`, `operator` … */
export function actorText(actor: Actor): string {
  const { kind, id } = signatureOf(actor);
  return id === null ? kind : `${kind}:${id}`;
}
