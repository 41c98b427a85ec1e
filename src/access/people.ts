import type { Clock } from '../base/clock.ts';
import { EarshotError } from '../base/errors.ts';
import { opaqueId, type Random } from '../base/ids.ts';
import type { Actor, Place } from './actor.ts';
import { isWithin, meantBy, reachOf, reachOfPlace } from './reach.ts';
import { hashSecret, newSecret } from './secrets.ts';
import type { AccessStore, PersonChange, PersonRow } from './store.ts';

/** How long an invitation is good for; who lets it pass is sent another. */
export const INVITATION_LIFE_MS = 7 * 24 * 3_600_000;

export interface NewPerson extends Omit<Place, 'brandAccountIds'> {
  readonly login: string;
  readonly name: string;
}

/** Those who sign in, and the levels they are given: by nobody above his own, nor outside of his reach (D9, F5). */
export class People {
  readonly #store: AccessStore;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(parts: { store: AccessStore; clock: Clock; random: Random }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#random = parts.random;
  }

  /** Those within the actor's reach, by login. */
  list(actor: Actor): Promise<PersonRow[]> {
    return this.#store.listPeople(meantBy(reachOf(actor)));
  }

  /** @throws EarshotError NOT_FOUND, also for a person out of reach */
  async get(actor: Actor, id: string): Promise<PersonRow> {
    const person = await this.#store.personById(id);
    if (person !== undefined && isWithin(reachOfPlace(person), reachOf(actor))) return person;
    throw new EarshotError('NOT_FOUND', 'there is no such person.', { key: 'id' });
  }

  /**
   * Makes a person who cannot sign in before he has taken up his invitation; `link` is its secret.
   * @throws EarshotError BAD_REQUEST, NOT_ALLOWED (a level beyond the actor's own), NOT_FOUND, CONFLICT (login taken)
   */
  async create(actor: Actor, wish: NewPerson): Promise<{ person: PersonRow; link: string }> {
    const { login, name, ...place } = wish;
    await this.#checkPlace(actor, place);
    const id = opaqueId(this.#random);
    const created = { id, login, name: name.trim(), ...place, passwordHash: null };
    await this.#store.createPerson(created, new Date(this.#clock.now()));
    return { person: await this.get(actor, id), link: await this.#link(id) };
  }

  /**
   * Ends the person's sessions when his level changes or he is disabled.
   * @throws EarshotError as {@link create}; CONFLICT for what would leave the platform without an operator, or the actor without rights
   */
  async change(
    actor: Actor,
    id: string,
    wish: { login?: string; name?: string; place?: Place; isDisabled?: boolean },
  ): Promise<PersonRow> {
    const person = await this.get(actor, id);
    const { login, name, place, isDisabled } = wish;
    const isMoved = place !== undefined && !isSamePlace(place, person);
    if (isMoved) await this.#checkPlace(actor, place);
    if (isMoved || isDisabled === true) await this.#refuseLoss(actor, person);
    const change: PersonChange = {
      ...(login === undefined ? {} : { login }),
      ...(name === undefined ? {} : { name: name.trim() }),
      ...(isMoved ? { place } : {}),
      ...(isDisabled === undefined || isDisabled === (person.disabledAt !== null)
        ? {}
        : { disabledAt: isDisabled ? new Date(this.#clock.now()) : null }),
    };
    await this.#store.changePerson(id, change);
    return this.get(actor, id);
  }

  /** With his sessions and tokens; what he did stays in the audit log. @throws EarshotError NOT_FOUND, CONFLICT */
  async remove(actor: Actor, id: string): Promise<PersonRow> {
    const person = await this.get(actor, id);
    await this.#refuseLoss(actor, person);
    await this.#store.removePerson(id);
    return person;
  }

  /** A fresh invitation, by which the person sets his password; also for one who has forgotten it. */
  async invite(actor: Actor, id: string): Promise<{ person: PersonRow; link: string }> {
    const person = await this.get(actor, id);
    return { person, link: await this.#link(id) };
  }

  async #link(personId: string): Promise<string> {
    const secret = newSecret(this.#random);
    const now = this.#clock.now();
    await this.#store.createLink({
      hash: hashSecret(secret),
      personId,
      createdAt: new Date(now),
      expiresAt: new Date(now + INVITATION_LIFE_MS),
    });
    return secret;
  }

  async #checkPlace(actor: Actor, place: Place): Promise<void> {
    const reach = reachOfPlace(place);
    if (reach.kind === 'nothing' || !isWhole(place)) throw new EarshotError('BAD_REQUEST', NEEDS[place.role], PLACE);
    if (!isWithin(reach, reachOf(actor))) {
      throw new EarshotError('NOT_ALLOWED', 'this level reaches further than your own.', { key: 'role' });
    }
    if (reach.kind === 'user' && !(await this.#store.hasDirectoryUser(reach.accountId, reach.userId))) {
      throw new EarshotError('NOT_FOUND', 'the account has no such user.', { key: 'userId' });
    }
  }

  async #refuseLoss(actor: Actor, person: PersonRow): Promise<void> {
    if (actor.kind === 'user' && actor.user.id === person.id) {
      throw new EarshotError('CONFLICT', 'you cannot take away your own rights.', {
        key: 'id',
        remedy: 'Ask another administrator.',
      });
    }
    if (person.role !== 'operator' || person.disabledAt !== null) return;
    const others = await this.#store.listPeople({ accountIds: null, brandId: null, userId: null });
    const isLast = !others.some(
      (other) => other.id !== person.id && other.role === 'operator' && other.disabledAt === null && other.hasPassword,
    );
    if (!isLast) return;
    throw new EarshotError('CONFLICT', 'this is the last operator of the platform.', {
      key: 'id',
      remedy: 'Make another first.',
    });
  }
}

const PLACE = { key: 'role' };

const NEEDS: Readonly<Record<Place['role'], string>> = {
  operator: 'an operator belongs to no brand, account or user.',
  brand: 'a brand administrator needs a brand, and no account or user.',
  administrator: 'an account administrator needs an account, and no brand or user.',
  user: 'a user needs an account and a user of its directory, and no brand.',
};

/** Whether exactly the ids are there that the role needs. */
function isWhole({ role, accountId, brandId, userId }: Place): boolean {
  const has = [brandId !== null, accountId !== null, userId !== null].map(Number).join('');
  return has === { operator: '000', brand: '100', administrator: '010', user: '011' }[role];
}

function isSamePlace(a: Place, b: Place): boolean {
  return a.role === b.role && a.accountId === b.accountId && a.brandId === b.brandId && a.userId === b.userId;
}
