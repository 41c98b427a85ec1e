import { opaqueId, type Random } from '../../base/ids.ts';
import type { Draft } from '../change/draft.ts';
import { tidyValue } from '../check/tidy.ts';
import type { Source, UserValue } from '../values.ts';
import type { Report } from './report.ts';
import { countOf, keptBy, Matcher, removeMissing, withFields } from './sync.ts';

/** A user as a source names him. */
export interface UserRow {
  readonly line: number | null;
  /** By which the source knows him again. */
  readonly key: string;
  /** What the source says; undefined takes a field away, a field that is missing stays. */
  readonly fields: Readonly<Partial<Record<keyof UserValue, unknown>>>;
  /** Fields that add to what is set. */
  readonly further?: (before: UserValue | undefined) => Readonly<Partial<Record<keyof UserValue, unknown>>>;
  /** Name of the recording group; null: none; left out: stays. */
  readonly group?: string | null;
  readonly additionalGroups?: readonly string[];
}

export interface SyncOptions {
  readonly source: Exclude<Source, null>;
  readonly random: Random;
  readonly deleteMissing: boolean;
  readonly force: boolean;
  /** Give what was made by hand to the source. */
  readonly adopt: boolean;
}

/** @returns the entry's id by the source's key */
export function planUsers(
  draft: Draft,
  rows: readonly UserRow[],
  report: Report,
  options: SyncOptions,
): ReadonlyMap<string, string> {
  const { source, random, deleteMissing, force } = options;
  const before = countOf(draft, 'users', source);
  const matcher = new Matcher(draft.all('users').values(), source, random, namesOf);
  const groups = new Groups(draft, random);
  const ids = new Map<string, string>();
  for (const row of rows) {
    const { id, entry, foreign } = matcher.find(
      row.key,
      namesOf({ ...row.fields, ...row.further?.(undefined) } as Partial<UserValue>),
    );
    if (foreign !== undefined) {
      report.fault(
        row.line,
        null,
        `${entry?.name ?? row.key} is kept by ${foreign === 'ldap' ? 'the directory server' : 'a CSV file'} already.`,
      );
      continue;
    }
    const earlier = report.meant('users', id, row.line);
    if (earlier !== undefined) {
      report.fault(row.line, null, `The same user stands in line ${earlier ?? '?'} already.`);
      continue;
    }
    ids.set(row.key, id);
    const value = withFields<UserValue>(entry?.value ?? { firstName: '', lastName: '' }, {
      ...row.fields,
      ...row.further?.(entry?.value),
      ...groups.fieldsOf(row),
    });
    draft.put('users', id, tidyValue('users', value), keptBy(entry, row.key, report, options));
  }
  if (deleteMissing) removeMissing(draft, 'users', source, report, { before, force });
  return ids;
}

/** By what people and PBXs call a user; all of them unique in practice. */
function namesOf({ userName, pbxUserName, mail }: Partial<UserValue>): string[] {
  const names = [userName, pbxUserName, mail?.address].filter((name) => name !== undefined && name !== '');
  return [...new Set(names.map((name) => name!.toLowerCase()))];
}

/** Groups by name; one that is named and not there is made. */
class Groups {
  readonly #draft: Draft;
  readonly #random: Random;
  readonly #ids = new Map<string, string>();

  constructor(draft: Draft, random: Random) {
    this.#draft = draft;
    this.#random = random;
    for (const { id, name } of draft.all('groups').values()) this.#ids.set(name.toLowerCase(), id);
  }

  fieldsOf({ group, additionalGroups }: UserRow): Partial<Record<keyof UserValue, unknown>> {
    return {
      ...(group === undefined ? {} : { groupId: group === null ? undefined : this.#id(group) }),
      ...(additionalGroups === undefined ? {} : { additionalGroupIds: additionalGroups.map((name) => this.#id(name)) }),
    };
  }

  #id(name: string): string {
    const known = this.#ids.get(name.toLowerCase());
    if (known !== undefined) return known;
    const id = opaqueId(this.#random);
    this.#ids.set(name.toLowerCase(), id);
    this.#draft.put('groups', id, tidyValue('groups', { name }));
    return id;
  }
}
