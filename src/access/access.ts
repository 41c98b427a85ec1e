import type { Clock } from '../base/clock.ts';
import { EarshotError } from '../base/errors.ts';
import { opaqueId, type Random } from '../base/ids.ts';
import { anonymous, type Bearer, type Identity, type Operator, operator, type SignedIn } from './actor.ts';
import { Attempts } from './attempts.ts';
import type { AuditLog, Outcome } from './audit.ts';
import { Passwords, type PasswordCost } from './passwords.ts';
import { hashSecret, newSecret, sameSecret } from './secrets.ts';
import { type OpenedSession, Sessions } from './sessions.ts';
import { People } from './people.ts';
import type { AccessStore, UserRow } from './store.ts';
import { Tokens } from './tokens.ts';

/** How long a one-time link that makes an operator is good for. */
export const LINK_LIFE_MS = 24 * 3_600_000;

export interface AccessParts {
  readonly store: AccessStore;
  readonly clock: Clock;
  readonly random: Random;
  /** Content of data/secrets/local-token: who can read it, on this machine, is the operator. Null: no such way in. */
  readonly localToken: string | null;
  /** Cheaper hashes for tests. */
  readonly cost?: PasswordCost;
}

/** Everything about who is who: sign-in, sessions, tokens, one-time links, the audit log. What they may do is in rules.ts. */
export class Access {
  readonly tokens: Tokens;
  readonly people: People;
  readonly audit: AuditLog;
  readonly #parts: AccessParts;
  readonly #sessions: Sessions;
  readonly #passwords: Passwords;
  readonly #attempts: Attempts;

  constructor(parts: AccessParts) {
    this.#parts = parts;
    this.#sessions = new Sessions(parts);
    this.tokens = new Tokens(parts);
    this.people = new People(parts);
    this.#passwords = new Passwords(parts.random, parts.cost);
    this.#attempts = new Attempts(parts.clock);
    this.audit = {
      write: (record) => parts.store.writeAudit({ ...record, at: new Date(parts.clock.now()) }),
      list: (filter) => parts.store.listAudit(filter),
    };
  }

  /** Whether the first person, an operator of the platform, is still to be made. */
  async setupNeeded(): Promise<boolean> {
    return (await this.#parts.store.countUsers()) === 0;
  }

  /** A new one-time link; the result is its secret, for the address `/setup#<secret>` (a fragment is not sent to servers or logs). */
  async createSetupLink(): Promise<string> {
    const secret = newSecret(this.#parts.random);
    const now = this.#parts.clock.now();
    await this.#parts.store.createLink({
      hash: hashSecret(secret),
      personId: null,
      createdAt: new Date(now),
      expiresAt: new Date(now + LINK_LIFE_MS),
    });
    return secret;
  }

  /**
   * Uses a one-time link up: makes an operator of the platform and signs him in.
   * @throws EarshotError NOT_ALLOWED (link unknown, used or expired), CONFLICT (login taken; the link stays good), TOO_MANY_REQUESTS
   */
  async setUp(
    link: string,
    person: { name: string; login: string; password: string },
    address: string,
  ): Promise<OpenedSession> {
    this.#attempts.take(address, 'setup');
    const user: UserRow = {
      id: opaqueId(this.#parts.random),
      login: person.login,
      name: person.name.trim(),
      role: 'operator',
      accountId: null,
      brandId: null,
      userId: null,
      passwordHash: await this.#passwords.hash(person.password),
    };
    const now = new Date(this.#parts.clock.now());
    if (!(await this.#parts.store.redeemLink(hashSecret(link), now, user))) {
      await this.#note('setup', 'refused', null, address);
      throw new EarshotError('NOT_ALLOWED', 'this link is not good (any more): it was used, or is older than a day.', {
        key: 'link',
        remedy: 'Print a fresh one on the machine itself with `npx earshot admin-link`.',
      });
    }
    this.#attempts.succeeded(address, 'setup');
    return this.#open(user, 'setup', address);
  }

  /** @throws EarshotError NOT_SIGNED_IN (without saying which of the two was wrong), TOO_MANY_REQUESTS */
  async signIn(login: string, password: string, address: string): Promise<OpenedSession> {
    this.#attempts.take(address, login);
    const user = await this.#parts.store.userByLogin(login);
    const right = await this.#passwords.verify(password, user?.passwordHash ?? null);
    if (user === undefined || !right) {
      await this.#note('session.start', 'refused', user?.id ?? null, address, { login });
      throw new EarshotError('NOT_SIGNED_IN', 'login or password is wrong.');
    }
    this.#attempts.succeeded(address, login);
    return this.#open(user, 'session.start', address);
  }

  /** Whom an invitation is for. @throws EarshotError NOT_ALLOWED (link unknown, used or expired), TOO_MANY_REQUESTS */
  async invitation(link: string, address: string): Promise<Identity> {
    this.#attempts.take(address, 'invitation');
    const person = await this.#parts.store.invitedBy(hashSecret(link), new Date(this.#parts.clock.now()));
    if (person === undefined) throw badInvitation();
    this.#attempts.succeeded(address, 'invitation');
    return person;
  }

  /**
   * Takes an invitation up: sets the person's password, ends all his sessions, and signs him in.
   * @throws EarshotError as {@link invitation}
   */
  async takeInvitation(link: string, password: string, address: string): Promise<OpenedSession> {
    this.#attempts.take(address, 'invitation');
    const passwordHash = await this.#passwords.hash(password);
    const now = new Date(this.#parts.clock.now());
    const person = await this.#parts.store.redeemInvitation(hashSecret(link), now, passwordHash);
    if (person === undefined) {
      await this.#note('invitation.take', 'refused', null, address);
      throw badInvitation();
    }
    this.#attempts.succeeded(address, 'invitation');
    return this.#open({ ...person, passwordHash }, 'invitation.take', address);
  }

  signOut(sessionId: string): Promise<void> {
    return this.#sessions.close(sessionId);
  }

  /**
   * Sets a new password, ends all sessions of the user and opens a new one.
   * @throws EarshotError NOT_ALLOWED when the current one is wrong, TOO_MANY_REQUESTS
   */
  async changePassword(userId: string, current: string, next: string, address: string): Promise<OpenedSession> {
    const user = await this.#parts.store.userById(userId);
    if (user === undefined) throw new EarshotError('NOT_SIGNED_IN', 'your user is not there any more.');
    this.#attempts.take(address, user.login);
    if (!(await this.#passwords.verify(current, user.passwordHash))) {
      await this.#note('password.change', 'refused', user.id, address);
      throw new EarshotError('NOT_ALLOWED', 'the current password is wrong.', { key: 'current' });
    }
    this.#attempts.succeeded(address, user.login);
    await this.#parts.store.setPassword(userId, await this.#passwords.hash(next));
    return this.#sessions.open(user, address);
  }

  /** Who holds this session cookie. `use`: a person did something, which prolongs the session. */
  bySession(secret: string, use: boolean): Promise<{ actor: SignedIn; renewed: boolean } | null> {
    return this.#sessions.find(secret, use);
  }

  /** Who sends this bearer token. The local token counts only where the caller is on this machine. */
  async byToken(secret: string, isLocal: boolean): Promise<Bearer | Operator | null> {
    const { localToken } = this.#parts;
    if (localToken !== null && sameSecret(secret, localToken)) return isLocal ? operator : null;
    return this.tokens.find(secret);
  }

  async #open(user: UserRow, action: string, address: string): Promise<OpenedSession> {
    const { passwordHash: _hash, ...identity } = user;
    const opened = await this.#sessions.open(identity, address);
    await this.audit.write({
      actor: opened.actor,
      action,
      outcome: 'done',
      accountId: user.accountId,
      subject: user.id,
      address,
    });
    return opened;
  }

  #note(action: string, outcome: Outcome, subject: string | null, address: string, detail = {}): Promise<void> {
    return this.audit.write({ actor: anonymous, action, outcome, accountId: null, subject, address, detail });
  }
}

function badInvitation(): EarshotError {
  return new EarshotError('NOT_ALLOWED', 'this link is not good (any more): it was used, or is older than a week.', {
    key: 'link',
    remedy: 'Ask your administrator for another.',
  });
}
