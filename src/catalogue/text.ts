/** PostgreSQL's text cannot hold U+0000, and half surrogate pairs are not UTF-8; a peer may send both. */
export function clean(text: string): string {
  return text.replaceAll('\0', '\uFFFD').toWellFormed();
}

export function cleanOrNull(text: string | null): string | null {
  return text === null ? null : clean(text);
}

/** What JSON.stringify makes of U+0000 and of half surrogate pairs; a text that spells that out looks the same. */
const UNCLEAN = /\\u(?:0000|d[89a-f])/;

/** The same for jsonb, which refuses `\u0000` as well, in values and in keys. */
export function json(value: unknown): string {
  const text = JSON.stringify(value);
  if (!UNCLEAN.test(text)) return text;
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member === 'string') return clean(member);
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).map(([key, one]) => [clean(key), one as unknown]));
  });
}
