import { EarshotError } from '../base/errors.ts';
import { type Actor, signatureOf } from './actor.ts';
import type { AuditFilter, AuditRecord, AuditRow, SystemActor } from './audit.ts';
import type { AccessStore, LinkRow, NewToken, SessionRow, UserRow } from './store.ts';

/** The store in memory, for tests; held to the same contract as the one in PostgreSQL. */
export class MemoryAccessStore implements AccessStore {
  readonly users: UserRow[] = [];
  readonly sessions: SessionRow[] = [];
  readonly tokens: (NewToken & { lastUsedAt: Date | null })[] = [];
  readonly links: (LinkRow & { used: boolean })[] = [];
  readonly audit: AuditRow[] = [];

  async countUsers() {
    return this.users.length;
  }

  async userByLogin(login: string) {
    return this.users.find((user) => user.login.toLowerCase() === login.toLowerCase());
  }

  async userById(id: string) {
    return this.users.find((user) => user.id === id);
  }

  async setPassword(userId: string, passwordHash: string) {
    replace(this.users, (user) => (user.id === userId ? { ...user, passwordHash } : user));
    replace(this.sessions, (session) => (session.userId === userId ? undefined : session));
  }

  async createSession(session: SessionRow) {
    this.sessions.push(session);
  }

  async sessionByHash(hash: string) {
    const session = this.sessions.find((other) => other.hash === hash);
    const user = this.users.find((other) => other.id === session?.userId);
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
    const user = this.users.find((other) => other.id === token.userId);
    return { ...token, createdBy: user?.login ?? null, user: user ?? null };
  }

  async listTokens(accountId: string | null) {
    const found = this.tokens.filter((token) => accountId === null || token.accountId === accountId);
    return found.reverse().map(({ hash: _hash, userId, ...token }) => ({
      ...token,
      createdBy: this.users.find((user) => user.id === userId)?.login ?? null,
    }));
  }

  async deleteToken(id: string, accountId: string | null) {
    const before = this.tokens.length;
    const goes = (token: NewToken) => token.id === id && (accountId === null || token.accountId === accountId);
    replace(this.tokens, (token) => (goes(token) ? undefined : token));
    return this.tokens.length < before;
  }

  async touchToken(id: string, usedAt: Date) {
    replace(this.tokens, (token) => (token.id === id ? { ...token, lastUsedAt: usedAt } : token));
  }

  async createLink(link: LinkRow) {
    this.links.push({ ...link, used: false });
  }

  async redeemLink(hash: string, now: Date, user: UserRow) {
    const link = this.links.find((other) => other.hash === hash && !other.used && other.expiresAt > now);
    if (link === undefined) return false;
    if (this.users.some((other) => other.login.toLowerCase() === user.login.toLowerCase())) {
      throw new EarshotError('CONFLICT', 'this login is taken.', { key: 'login' });
    }
    link.used = true;
    this.users.push(user);
    return true;
  }

  async writeAudit(entry: AuditRecord & { readonly at: Date }) {
    const { actor, detail = {}, ...rest } = entry;
    this.audit.push({ ...rest, id: String(this.audit.length + 1), actor: signed(actor), detail });
  }

  async listAudit(filter: AuditFilter) {
    const fits = (row: AuditRow) =>
      (filter.accountId === null || row.accountId === filter.accountId) &&
      (filter.from === undefined || row.at >= filter.from) &&
      (filter.to === undefined || row.at < filter.to) &&
      (filter.action === undefined || row.action === filter.action) &&
      (filter.subject === undefined || row.subject === filter.subject) &&
      (filter.outcome === undefined || row.outcome === filter.outcome) &&
      (filter.before === undefined || Number(row.id) < Number(filter.before));
    return this.audit.filter(fits).reverse().slice(0, filter.limit);
  }
}

function signed(actor: Actor | SystemActor): AuditRow['actor'] {
  return actor.kind === 'system' ? { kind: 'system', id: null, name: null } : signatureOf(actor);
}

function replace<T>(list: T[], change: (item: T) => T | undefined): void {
  list.splice(0, list.length, ...list.map(change).filter((item) => item !== undefined));
}
