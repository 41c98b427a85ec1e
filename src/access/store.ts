import { type Identity, type Place, ROLES, type Role, TOKEN_SCOPES, type TokenScope } from './actor.ts';
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
  /** Also ends all of the user's sessions and invitations, in the same transaction. */
  setPassword(userId: string, passwordHash: string): Promise<void>;

  /** By login; the disabled ones as well. */
  listPeople(filter: PeopleFilter): Promise<PersonRow[]>;
  personById(id: string): Promise<PersonRow | undefined>;
  /** @throws EarshotError CONFLICT when the login is taken, NOT_FOUND when there is no such account or brand */
  createPerson(person: UserRow, now: Date): Promise<void>;
  /** Ends all of the person's sessions. @throws EarshotError as {@link createPerson} */
  changePerson(id: string, change: PersonChange): Promise<void>;
  /** With all sessions, tokens and links. */
  removePerson(id: string): Promise<boolean>;
  /** Whether the directory of the account has such a user. */
  hasDirectoryUser(accountId: string, userId: string): Promise<boolean>;

  createSession(session: SessionRow & { readonly address: string | null }): Promise<void>;
  sessionByHash(hash: string): Promise<(SessionRow & { readonly user: Identity }) | undefined>;
  extendSession(hash: string, seenAt: Date, expiresAt: Date): Promise<void>;
  deleteSession(hash: string): Promise<void>;
  /** Removes what has expired: sessions, links, tokens. */
  deleteExpired(now: Date): Promise<void>;

  createToken(token: NewToken): Promise<void>;
  /** Not the one whose maker is disabled. */
  tokenByHash(hash: string): Promise<TokenWithUser | undefined>;
  /** Newest first. */
  listTokens(filter: PeopleFilter): Promise<TokenRow[]>;
  tokenById(id: string): Promise<TokenRow | undefined>;
  deleteToken(id: string): Promise<boolean>;
  touchToken(id: string, usedAt: Date): Promise<void>;

  /** Of a person's invitations only the newest is good. */
  createLink(link: LinkRow): Promise<void>;
  /**
   * Uses the link up and makes the user, both or neither. False: the link is not there, used, or expired.
   * @throws EarshotError CONFLICT when the login is taken; the link stays good
   */
  redeemLink(hash: string, now: Date, user: UserRow): Promise<boolean>;
  /** Whom an invitation is for; undefined: it is not there, used, or expired. */
  invitedBy(hash: string, now: Date): Promise<Identity | undefined>;
  /** Uses an invitation up and sets the password; ends all sessions of the person. Undefined: as above. */
  redeemInvitation(hash: string, now: Date, passwordHash: string): Promise<Identity | undefined>;

  writeAudit(entry: AuditRecord & { readonly at: Date }): Promise<void>;
  listAudit(filter: AuditFilter): Promise<AuditRow[]>;
}

export interface UserRow extends Identity {
  /** Null: cannot sign in by password. */
  readonly passwordHash: string | null;
}

/** Someone who can sign in, or could if he were not disabled or had taken up his invitation. */
export interface PersonRow extends Identity {
  readonly hasPassword: boolean;
  readonly disabledAt: Date | null;
  readonly createdAt: Date;
  readonly seenAt: Date | null;
}

export interface PersonChange {
  readonly login?: string;
  readonly name?: string;
  readonly place?: Place;
  readonly disabledAt?: Date | null;
}

/** Who is meant: those above the accounts too (`accountIds` null), of these accounts and this brand, of this directory user. */
export interface PeopleFilter {
  readonly accountIds: readonly string[] | null;
  readonly brandId: string | null;
  readonly userId: string | null;
}

export interface SessionRow {
  readonly hash: string;
  readonly userId: string;
  readonly createdAt: Date;
  readonly seenAt: Date;
  readonly expiresAt: Date;
}

export interface TokenRow extends Place {
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

export interface NewToken extends Omit<TokenRow, 'createdBy' | 'lastUsedAt'> {
  readonly hash: string;
  /** The person who made it; null: the operator of the machine. */
  readonly makerId: string | null;
}

export interface LinkRow {
  readonly hash: string;
  /** Whom it invites; null: it makes an operator of the platform. */
  readonly personId: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** Whether a text of the database is a role that this version knows; rights are never guessed. */
export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}

export function isScope(text: string): text is TokenScope {
  return (TOKEN_SCOPES as readonly string[]).includes(text);
}
