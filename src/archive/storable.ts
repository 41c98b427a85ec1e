/** PostgreSQL holds neither U+0000 nor half surrogate pairs, in texts as in JSON; a peer may send both, in keys as well. */
export function storable<T>(value: T): T {
  if (typeof value === 'string') return value.replaceAll('\0', '\uFFFD').toWellFormed() as T;
  if (Array.isArray(value)) return value.map(storable) as T;
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [storable(key), storable<unknown>(member)]),
  ) as T;
}
