import type { Identity, Role, TokenScope } from './actor.ts';
import type { AuditFilter, AuditRecord, AuditRow } from './audit.ts';

/**
 * What access keeps in the database. Secrets come hashed (sessions, tokens, links: SHA-256 of 256 random bits; passwords: argon2id);
 * nothing here lets one sign in.
 */
export interface AccessStore {
  countUsers(): Promise<number>;
  /** By login, without regard to case; not the disabled ones. */
  userByLogin(login: string): Promise<UserRow | undefined>;
  userById(id: string): Promise<UserRow | undefined>;
  /** Also ends all of the user's sessions, in the same transaction. */
  setPassword(userId: string, passwordHash: string): Promise<void>;

  createSession(session: SessionRow & { readonly address: string | null }): Promise<void>;
  sessionByHash(hash: string): Promise<(SessionRow & { readonly user: Identity }) | undefined>;
  extendSession(hash: string, seenAt: Date, expiresAt: Date): Promise<void>;
  deleteSession(hash: string): Promise<void>;
  /** Removes what has expired: sessions, links, tokens. */
  deleteExpired(now: Date): Promise<void>;

  createToken(token: NewToken): Promise<void>;
  /** Not the one whose maker is disabled. */
  tokenByHash(hash: string): Promise<TokenWithUser | undefined>;
  /** Of one account; null: all. Newest first. */
  listTokens(accountId: string | null): Promise<TokenRow[]>;
  deleteToken(id: string, accountId: string | null): Promise<boolean>;
  touchToken(id: string, usedAt: Date): Promise<void>;

  createLink(link: LinkRow): Promise<void>;
  /**
   * Uses the link up and makes the user, both or neither. False: the link is not there, used, or expired.
   * @throws EarshotError CONFLICT when the login is taken; the link stays good
   */
  redeemLink(hash: string, now: Date, user: UserRow): Promise<boolean>;

  writeAudit(entry: AuditRecord & { readonly at: Date }): Promise<void>;
  listAudit(filter: AuditFilter): Promise<AuditRow[]>;
}

/** The account that everything belongs to as long as there is but one. */
export const MAIN_ACCOUNT = 'main';

export interface UserRow extends Identity {
  /** Null: cannot sign in by password. */
  readonly passwordHash: string | null;
}

export interface SessionRow {
  readonly hash: string;
  readonly userId: string;
  readonly accountId: string;
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly expiresAt: Date;
}

export interface TokenRow {
  readonly id: string;
  readonly accountId: string;
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

export interface NewToken extends Omit<TokenRow, 'createdBy' | 'lastUsedAt'> {
  readonly hash: string;
  readonly userId: string | null;
}

export interface LinkRow {
  readonly hash: string;
  readonly accountId: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

const ROLES: readonly string[] = ['administrator'] satisfies Role[];
const SCOPES: readonly string[] = ['full', 'read', 'metrics'] satisfies TokenScope[];

/** Whether a text of the database is a role that this version knows; rights are never guessed. */
export function isRole(text: string): text is Role {
  return ROLES.includes(text);
}

export function isScope(text: string): text is TokenScope {
  return SCOPES.includes(text);
}
