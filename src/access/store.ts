import type { AuditFilter, AuditRow, Outcome } from './audit.ts';
import type { Identity, Role, TokenScope } from './actor.ts';
import type { JsonValue } from '../base/json.ts';

/**
 * What access keeps in the database. Secrets come hashed (sessions, tokens, links: SHA-256 of 256 random bits; passwords: argon2id);
 * nothing here lets one sign in.
 */
export interface AccessStore {
  countUsers(): Promise<number>;
  /** @throws EarshotError CONFLICT when the login is taken */
  createUser(user: NewUser): Promise<void>;
  /** By login, without regard to case. */
  userByLogin(login: string): Promise<UserRow | undefined>;
  userById(id: string): Promise<UserRow | undefined>;
  setPassword(userId: string, passwordHash: string): Promise<void>;

  createSession(session: NewSession): Promise<void>;
  sessionByHash(hash: string): Promise<SessionRow | undefined>;
  extendSession(id: string, expiresAt: Date, seenAt: Date): Promise<void>;
  deleteSession(id: string): Promise<void>;
  deleteSessionsOf(userId: string): Promise<void>;
  deleteExpired(now: Date): Promise<void>;

  createToken(token: NewToken): Promise<void>;
  tokenByHash(hash: string): Promise<TokenWithUser | undefined>;
  /** Of the makers of one account; null: all. Newest first. */
  listTokens(accountId: string | null): Promise<TokenRow[]>;
  deleteToken(id: string, accountId: string | null): Promise<boolean>;
  touchToken(id: string, usedAt: Date): Promise<void>;

  createLink(link: NewLink): Promise<void>;
  /** Marks the link as used, if it is there, unused and not expired. True for exactly one caller. */
  useLink(hash: string, now: Date): Promise<boolean>;

  writeAudit(entry: NewAudit): Promise<void>;
  listAudit(filter: AuditFilter): Promise<AuditRow[]>;
}

export interface UserRow extends Identity {
  readonly passwordHash: string;
}

export interface NewUser {
  readonly id: string;
  readonly login: string;
  readonly name: string;
  readonly role: Role;
  readonly accountId: string | null;
  readonly passwordHash: string;
  readonly createdAt: Date;
}

export interface NewSession {
  readonly id: string;
  readonly userId: string;
  readonly hash: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly address: string | null;
}

export interface SessionRow {
  readonly id: string;
  readonly user: Identity;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly seenAt: Date;
}

export interface NewToken {
  readonly id: string;
  readonly hash: string;
  readonly name: string;
  readonly scope: TokenScope;
  /** Null: made by the operator. */
  readonly userId: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
}

export interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly scope: TokenScope;
  /** Login of its maker; null: the operator. */
  readonly createdBy: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

export interface TokenWithUser extends TokenRow {
  readonly user: Identity | null;
}

export interface NewLink {
  readonly id: string;
  readonly hash: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface NewAudit {
  readonly at: Date;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly actorName: string | null;
  readonly action: string;
  readonly outcome: Outcome;
  readonly accountId: string | null;
  readonly subject: string | null;
  readonly address: string | null;
  readonly detail: JsonValue;
}
