import { opaqueId, type Random } from '../../base/ids.ts';
import type { Draft, Stored } from '../change/draft.ts';
import type { Kind, Source, Values } from '../values.ts';
import type { Report } from './report.ts';

/** More than this part of what a source brought is not deleted by accident. */
const MOST_DELETED = 1 / 3;

export interface Match<K extends Kind> {
  readonly id: string;
  /** Null: it is new. */
  readonly entry: Stored<K> | null;
  readonly foreign?: Exclude<Source, null>;
}

/** Finds the entry that a row means, and gives new ones their ids. */
export class Matcher<K extends Kind> {
  readonly #byKey = new Map<string, Stored<K>>();
  readonly #byName = new Map<string, Stored<K>[]>();
  readonly #made = new Map<string, string>();
  readonly #source: Exclude<Source, null>;
  readonly #random: Random;

  /** @param namesOf by which an entry that was made by hand is known again, in lower case */
  constructor(
    entries: Iterable<Stored<K>>,
    source: Exclude<Source, null>,
    random: Random,
    namesOf: (value: Values[K]) => readonly string[],
  ) {
    this.#source = source;
    this.#random = random;
    for (const entry of entries) {
      if (entry.source === source && entry.externalKey !== null) this.#byKey.set(entry.externalKey, entry);
      for (const name of namesOf(entry.value)) {
        const named = this.#byName.get(name);
        if (named === undefined) this.#byName.set(name, [entry]);
        else named.push(entry);
      }
    }
  }

  /**
   * The entry of this key; else the only one of these names that no source keeps yet: it belongs to the source from now on; else a new one.
   * `foreign`: another source keeps it.
   */
  find(key: string, names: readonly string[]): Match<K> {
    const known = this.#byKey.get(key);
    if (known !== undefined) return { id: known.id, entry: known };
    const made = this.#made.get(key);
    if (made !== undefined) return { id: made, entry: null };
    const found = this.#byNames(names);
    const id = found?.id ?? opaqueId(this.#random);
    this.#made.set(key, id);
    const foreign = found?.source !== undefined && found.source !== null && found.source !== this.#source;
    return { id, entry: found, ...(foreign ? { foreign: found.source } : {}) };
  }

  /** One that the source knows under another key is somebody else, whose name or mail has passed on. */
  #byNames(names: readonly string[]): Stored<K> | null {
    const named = names.flatMap((name) => this.#byName.get(name) ?? []);
    return named.find((entry) => entry.source !== this.#source || entry.externalKey === null) ?? null;
  }
}

/**
 * Whose an entry is after a row has named it. One that was made by hand stays so, and is thus never deleted by a synchronisation, unless
 * whoever runs it agreed to give it away.
 */
export function keptBy(
  entry: Stored | null,
  key: string,
  report: Report,
  { source, adopt }: { readonly source: Exclude<Source, null>; readonly adopt: boolean },
): { readonly source?: Source; readonly externalKey?: string } {
  if (entry !== null && entry.source === null) {
    report.handMade.push(entry.name);
    if (!adopt) return {};
  }
  return { source, externalKey: key };
}

/** What is told of entries that were made by hand and that rows fit: a person decides, by the dry run. */
export function handMadeWarning(names: readonly string[], adopt: boolean): string[] {
  if (names.length === 0) return [];
  const who = `${names.slice(0, 20).join(', ')}${names.length > 20 ? ' …' : ''}`;
  const what =
    names.length === 1 ? '1 entry that was made by hand is' : `${names.length} entries that were made by hand are`;
  return [
    adopt
      ? `${what} given away: kept by this source from now on, and deleted once it names them no more (${who}).`
      : `${what} brought up to date, but not given away: a synchronisation never deletes what was made by hand (${who}). To give them away, adopt.`,
  ];
}

/** How many entries the source keeps. */
export function countOf(draft: Draft, kind: Kind, source: Exclude<Source, null>): number {
  return [...draft.all<Kind>(kind).values()].filter((entry) => entry.source === source).length;
}

/**
 * Takes away what the source brought once and does not name any more.
 * @param before how many it kept before this run
 */
export function removeMissing(
  draft: Draft,
  kind: Kind,
  source: Exclude<Source, null>,
  report: Report,
  { before, force }: { readonly before: number; readonly force: boolean },
): void {
  const missing = [...draft.all<Kind>(kind).values()].filter(
    (entry) => entry.source === source && !report.isMeant(kind, entry.id),
  );
  if (!force && missing.length > before * MOST_DELETED) {
    const text = `${missing.length} of the ${before} ${kind} that came this way before would be deleted, more than a third. If that is meant, repeat it with force.`;
    report.fault(null, null, text);
    return;
  }
  if (kind === 'users') draft.removeUsers(new Set(missing.map(({ id }) => id)));
  else for (const { id } of missing) draft.remove(kind, id);
}

/** The value with these fields set, or taken away where they are undefined; all others stay. */
export function withFields<V extends object>(value: V, fields: Readonly<Record<string, unknown>>): V {
  const merged: Record<string, unknown> = { ...value, ...fields };
  for (const key of Object.keys(merged)) if (merged[key] === undefined) delete merged[key];
  return merged as unknown as V;
}
