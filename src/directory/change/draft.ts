import { isDeepStrictEqual } from 'node:util';
import {
  type Account,
  type AccountPolicy,
  type Kind,
  KINDS,
  nameOf,
  type Source,
  type Value,
  type Values,
} from '../values.ts';

/** An entry with all that is stored of it. */
export interface Stored<K extends Kind = Kind> {
  readonly id: string;
  readonly revision: number;
  readonly name: string;
  readonly value: Values[K];
  readonly source: Source;
  /** By which its source knows it again. */
  readonly externalKey: string | null;
  readonly changedAt: Date;
  readonly changedBy: string;
}

/** What a change makes of one entry; null before: new; null after: gone. */
export interface Edit {
  readonly kind: Kind;
  readonly id: string;
  readonly before: Stored | null;
  readonly after: Stored | null;
}

/** What is set of an account besides its entries. */
export type AccountFields = Pick<Account, 'name' | 'brandId' | 'policy'>;

type Entries = { readonly [K in Kind]: Map<string, Stored<K>> };

/** An account as it was, and as one change would make it. Nothing is written here. */
export class Draft {
  readonly account: Account;
  readonly #entries: Entries;
  readonly #edits = new Map<string, Edit>();
  readonly #stamp: { readonly changedAt: Date; readonly changedBy: string };
  #fields: AccountFields;

  constructor(
    account: Account,
    entries: readonly { readonly kind: Kind; readonly entry: Stored }[],
    stamp: { readonly changedAt: Date; readonly changedBy: string },
  ) {
    this.account = account;
    this.#fields = account;
    this.#stamp = stamp;
    this.#entries = Object.fromEntries(KINDS.map((kind) => [kind, new Map()])) as unknown as Entries;
    for (const { kind, entry } of entries) this.#entries[kind].set(entry.id, entry as never);
  }

  get fields(): AccountFields {
    return this.#fields;
  }

  get policy(): AccountPolicy {
    return this.#fields.policy;
  }

  get isAccountChanged(): boolean {
    const { name, brandId, policy } = this.account;
    return !isDeepStrictEqual(this.#fields, { name, brandId, policy }) && this.#fields !== this.account;
  }

  /** In the order in which they were made. */
  get edits(): Edit[] {
    return [...this.#edits.values()].filter(({ before, after }) => before !== null || after !== null);
  }

  all<K extends Kind>(kind: K): ReadonlyMap<string, Stored<K>> {
    return this.#entries[kind];
  }

  get<K extends Kind>(kind: K, id: string): Stored<K> | undefined {
    return this.#entries[kind].get(id);
  }

  setFields(fields: AccountFields): void {
    const { name, brandId, policy } = fields;
    this.#fields = { name, brandId, policy };
  }

  /** Makes or replaces an entry; the same value again is no change. Where it comes from stays, unless said otherwise. */
  put<K extends Kind>(
    kind: K,
    id: string,
    value: Values[K],
    more: { readonly source?: Source; readonly externalKey?: string | null; readonly revision?: number } = {},
  ): void {
    const before = this.#entries[kind].get(id);
    const source = more.source === undefined ? (before?.source ?? null) : more.source;
    const externalKey = more.externalKey === undefined ? (before?.externalKey ?? null) : more.externalKey;
    if (
      before !== undefined &&
      before.source === source &&
      before.externalKey === externalKey &&
      isDeepStrictEqual(before.value, value)
    )
      return;
    const original = this.#original(kind, id);
    const after: Stored<K> = {
      id,
      revision: Math.max(original?.revision ?? 0, more.revision ?? 0) + 1,
      name: nameOf(kind, value),
      value,
      source,
      externalKey,
      ...this.#stamp,
    };
    this.#entries[kind].set(id, after);
    this.#note(kind, id, original, after);
  }

  remove(kind: Kind, id: string): void {
    const original = this.#original(kind, id);
    this.#entries[kind].delete(id);
    this.#note(kind, id, original, null);
  }

  /** Deletes users and lets go of them wherever they are named: teams, roles, queues, devices. */
  removeUsers(gone: ReadonlySet<string>): void {
    if (gone.size === 0) return;
    for (const id of gone) this.remove('users', id);
    const isGone = (id: string): boolean => gone.has(id);
    const isLeft = (id: string): boolean => !gone.has(id);
    for (const [id, { value }] of this.#entries.teams) {
      if (value.userIds.some(isGone)) this.put('teams', id, { ...value, userIds: value.userIds.filter(isLeft) });
    }
    for (const [id, { value }] of this.#entries.roles) {
      if (value.userIds?.some(isGone) !== true) continue;
      const { userIds, ...rest } = value;
      const left = (userIds ?? []).filter(isLeft);
      this.put('roles', id, left.length === 0 ? rest : { ...rest, userIds: left });
    }
    for (const [id, { value }] of this.#entries.queues) {
      if (value.agents?.some(({ userId }) => isGone(userId)) !== true) continue;
      const { agents = [], ...rest } = value;
      const left = agents.filter(({ userId }) => isLeft(userId));
      this.put('queues', id, left.length === 0 ? rest : { ...rest, agents: left });
    }
    for (const [id, { value }] of this.#entries.devices) {
      if (value.userId === undefined || isLeft(value.userId)) continue;
      const { userId: _, own: _own, ...rest } = value;
      this.put('devices', id, rest);
    }
  }

  #original(kind: Kind, id: string): Stored | null {
    const edit = this.#edits.get(`${kind}/${id}`);
    return edit === undefined ? ((this.#entries[kind].get(id) as Stored | undefined) ?? null) : edit.before;
  }

  #note(kind: Kind, id: string, before: Stored | null, after: Stored | null): void {
    this.#edits.set(`${kind}/${id}`, { kind, id, before, after });
  }
}

/** The values that the change makes, as the snapshot is made of them. */
export function editedContent(draft: Draft): { readonly [K in Kind]: ReadonlyMap<string, Values[K]> } {
  const valuesOf = (kind: Kind): Map<string, Value> =>
    new Map(
      draft.edits.flatMap((edit) => (edit.kind === kind && edit.after !== null ? [[edit.id, edit.after.value]] : [])),
    );
  return Object.fromEntries(KINDS.map((kind) => [kind, valuesOf(kind)])) as never;
}

/** The values alone, of the whole account as the change would make it. */
export function contentOfDraft(draft: Draft): { readonly [K in Kind]: ReadonlyMap<string, Values[K]> } {
  const valuesOf = (kind: Kind): Map<string, Value> =>
    new Map([...draft.all(kind)].map(([id, { value }]) => [id, value]));
  return Object.fromEntries(KINDS.map((kind) => [kind, valuesOf(kind)])) as never;
}
