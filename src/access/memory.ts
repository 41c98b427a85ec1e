import { EarshotError } from '../base/errors.ts';
import { type Actor, signatureOf } from './actor.ts';
import type { AuditFilter, AuditRecord, AuditRow, SystemActor } from './audit.ts';
import type { Place } from './actor.ts';
import type {
  AccessStore,
  LinkRow,
  NewToken,
  PeopleFilter,
  PersonChange,
  PersonRow,
  SessionRow,
  UserRow,
} from './store.ts';

/** The store in memory, for tests; held to the same contract as the one in PostgreSQL. */
export class MemoryAccessStore implements AccessStore {
  readonly users: MemoryPerson[] = [];
  /** `account/user` of the directory. */
  readonly directoryUsers = new Set<string>();
  readonly sessions: SessionRow[] = [];
  readonly tokens: (NewToken & { lastUsedAt: Date | null })[] = [];
  readonly links: (LinkRow & { used: boolean })[] = [];
  readonly audit: AuditRow[] = [];

  async countUsers() {
    return this.users.length;
  }

  async userByLogin(login: string) {
    return userOf(this.#enabled().find((user) => user.login.toLowerCase() === login.toLowerCase()));
  }

  async userById(id: string) {
    return userOf(this.#enabled().find((user) => user.id === id));
  }

  async setPassword(userId: string, passwordHash: string) {
    replace(this.users, (user) => (user.id === userId ? { ...user, passwordHash } : user));
    replace(this.sessions, (session) => (session.userId === userId ? undefined : session));
    replace(this.links, (link) => (link.personId === userId ? undefined : link));
  }

  async listPeople(filter: PeopleFilter) {
    const found = this.users.filter((user) => isMeant(filter, user)).map(personOf);
    return found.sort((a, b) => (a.login.toLowerCase() < b.login.toLowerCase() ? -1 : 1));
  }

  async personById(id: string) {
    const user = this.users.find((other) => other.id === id);
    return user === undefined ? undefined : personOf(user);
  }

  async createPerson(person: UserRow, now: Date) {
    this.#refuseTaken(person.login);
    this.users.push({ ...person, createdAt: now, disabledAt: null, seenAt: null });
  }

  async changePerson(id: string, { place, ...change }: PersonChange) {
    if (change.login !== undefined) this.#refuseTaken(change.login, id);
    replace(this.users, (user) => (user.id === id ? { ...user, ...change, ...place } : user));
    if (place === undefined && change.disabledAt === undefined) return;
    replace(this.sessions, (session) => (session.userId === id ? undefined : session));
  }

  async removePerson(id: string) {
    const before = this.users.length;
    replace(this.users, (user) => (user.id === id ? undefined : user));
    replace(this.tokens, (token) => (token.makerId === id ? undefined : token));
    return this.users.length < before;
  }

  async hasDirectoryUser(accountId: string, userId: string) {
    return this.directoryUsers.has(`${accountId}/${userId}`);
  }

  #enabled() {
    return this.users.filter((user) => user.disabledAt === null);
  }

  #refuseTaken(login: string, except?: string) {
    const isTaken = this.users.some((user) => user.id !== except && user.login.toLowerCase() === login.toLowerCase());
    if (isTaken) throw new EarshotError('CONFLICT', 'this login is taken.', { key: 'login' });
  }

  async createSession(session: SessionRow) {
    this.sessions.push(session);
    replace(this.users, (user) => (user.id === session.userId ? { ...user, seenAt: session.createdAt } : user));
  }

  async sessionByHash(hash: string) {
    const session = this.sessions.find((other) => other.hash === hash);
    const user = this.#enabled().find((other) => other.id === session?.userId);
    return session === undefined || user === undefined ? undefined : { ...session, user };
  }

  async extendSession(hash: string, seenAt: Date, expiresAt: Date) {
    replace(this.sessions, (session) => (session.hash === hash ? { ...session, seenAt, expiresAt } : session));
  }

  async deleteSession(hash: string) {
    replace(this.sessions, (session) => (session.hash === hash ? undefined : session));
  }

  async deleteExpired(now: Date) {
    replace(this.sessions, (session) => (session.expiresAt <= now ? undefined : session));
    replace(this.links, (link) => (link.expiresAt <= now ? undefined : link));
  }

  async createToken(token: NewToken) {
    this.tokens.push({ ...token, lastUsedAt: null });
  }

  async tokenByHash(hash: string) {
    const token = this.tokens.find((other) => other.hash === hash);
    if (token === undefined) return undefined;
    const user = this.#enabled().find((other) => other.id === token.makerId);
    if (token.makerId !== null && user === undefined) return undefined;
    return { ...token, createdBy: user?.login ?? null, user: user ?? null };
  }

  async listTokens(filter: PeopleFilter) {
    return this.tokens
      .filter((token) => isMeant(filter, token))
      .toReversed()
      .map((token) => this.#tokenRow(token));
  }

  async tokenById(id: string) {
    const token = this.tokens.find((other) => other.id === id);
    return token === undefined ? undefined : this.#tokenRow(token);
  }

  #tokenRow({ hash: _hash, makerId, ...token }: NewToken & { lastUsedAt: Date | null }) {
    return { ...token, createdBy: this.users.find((user) => user.id === makerId)?.login ?? null };
  }

  async deleteToken(id: string) {
    const before = this.tokens.length;
    replace(this.tokens, (token) => (token.id === id ? undefined : token));
    return this.tokens.length < before;
  }

  async touchToken(id: string, usedAt: Date) {
    replace(this.tokens, (token) => (token.id === id ? { ...token, lastUsedAt: usedAt } : token));
  }

  async createLink(link: LinkRow) {
    const { personId } = link;
    if (personId !== null) replace(this.links, (other) => (other.personId === personId ? undefined : other));
    this.links.push({ ...link, used: false });
  }

  async redeemLink(hash: string, now: Date, user: UserRow) {
    const link = this.#goodLink(hash, now);
    if (link === undefined || link.personId !== null) return false;
    this.#refuseTaken(user.login);
    link.used = true;
    await this.createPerson(user, now);
    return true;
  }

  async invitedBy(hash: string, now: Date) {
    const link = this.#goodLink(hash, now);
    return this.#enabled().find((user) => user.id === link?.personId);
  }

  async redeemInvitation(hash: string, now: Date, passwordHash: string) {
    const link = this.#goodLink(hash, now);
    const person = this.#enabled().find((user) => user.id === link?.personId);
    if (link === undefined || person === undefined) return undefined;
    link.used = true;
    await this.setPassword(person.id, passwordHash);
    return person;
  }

  #goodLink(hash: string, now: Date) {
    return this.links.find((other) => other.hash === hash && !other.used && other.expiresAt > now);
  }

  async writeAudit(entry: AuditRecord & { readonly at: Date }) {
    const { actor, detail = {}, ...rest } = entry;
    this.audit.push({ ...rest, id: String(this.audit.length + 1), actor: signed(actor), detail });
  }

  async listAudit(filter: AuditFilter) {
    const fits = (row: AuditRow) =>
      (filter.accountIds === null || (row.accountId !== null && filter.accountIds.includes(row.accountId))) &&
      (filter.from === undefined || row.at >= filter.from) &&
      (filter.to === undefined || row.at < filter.to) &&
      (filter.action === undefined || row.action === filter.action) &&
      (filter.subject === undefined || row.subject === filter.subject) &&
      (filter.outcome === undefined || row.outcome === filter.outcome) &&
      (filter.before === undefined || Number(row.id) < Number(filter.before));
    return this.audit.filter(fits).reverse().slice(0, filter.limit);
  }
}

interface MemoryPerson extends UserRow {
  readonly disabledAt: Date | null;
  readonly createdAt: Date;
  readonly seenAt: Date | null;
}

function userOf(person: MemoryPerson | undefined): UserRow | undefined {
  if (person === undefined) return undefined;
  const { disabledAt: _disabled, createdAt: _created, seenAt: _seen, ...user } = person;
  return user;
}

function personOf({ passwordHash, ...person }: MemoryPerson): PersonRow {
  return { ...person, hasPassword: passwordHash !== null };
}

function isMeant({ accountIds, brandId, userId }: PeopleFilter, place: Place): boolean {
  if (accountIds === null) return true;
  const isInAccounts = place.accountId !== null && accountIds.includes(place.accountId);
  if (userId !== null) return isInAccounts && place.userId === userId;
  return isInAccounts || (brandId !== null && place.brandId === brandId);
}

function signed(actor: Actor | SystemActor): AuditRow['actor'] {
  return actor.kind === 'system' ? { kind: 'system', id: null, name: null } : signatureOf(actor);
}

function replace<T>(list: T[], change: (item: T) => T | undefined): void {
  list.splice(0, list.length, ...list.map(change).filter((item) => item !== undefined));
}
