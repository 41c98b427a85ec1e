type Fields = Readonly<Record<string, unknown>>;

/**
 * What I changed, put on top of what somebody else has saved meanwhile: a field that I left as it was is theirs, one that I changed is
 * mine. Objects are looked into; lists are taken whole.
 */
export function mergeOnto<T>(base: T, mine: T, theirs: T): T {
  return merged(base, mine, theirs) as T;
}

function merged(base: unknown, mine: unknown, theirs: unknown): unknown {
  if (isSame(base, mine)) return theirs;
  if (!isFields(mine) || !isFields(theirs)) return mine;
  const was = isFields(base) ? base : {};
  const result: Record<string, unknown> = {};
  for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const value = merged(was[key], mine[key], theirs[key]);
    if (value !== undefined) result[key] = value;
  }
  return result;
}

export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  if (!isFields(a) || !isFields(b)) return false;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => isSame(a[key], b[key]));
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Fields to put into a value; an undefined one is taken out. */
export type Patch<T> = { readonly [F in keyof T]?: T[F] | undefined };

export function patched<T extends object>(value: T, patch: Patch<T>): T {
  const entries = Object.entries({ ...value, ...patch }).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries) as T;
}

/** An object with nothing in it is the same as none. */
export function orNothing<T extends object>(value: T): T | undefined {
  return Object.keys(value).length === 0 ? undefined : value;
}
