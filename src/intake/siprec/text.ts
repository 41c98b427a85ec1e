import { createHash } from 'node:crypto';

/** Longest name, number or address that is carried on; UTF-16 units. Longer ones are cut. */
export const TEXT_LIMIT = 256;

const ID_LIMIT = 128;

/**
 * Makes a foreign text fit to be stored and shown: no control characters (C0, C1, line and paragraph separators), none that turn the
 * direction of writing around (they could make a number read backwards), white space collapsed, length bounded. Everything else,
 * HTML included, stays text.
 */
export function cleanText(text: string, limit = TEXT_LIMIT): string {
  // Cut twice: a megabyte of blanks must not be collapsed just to be thrown away.
  const cut = text.length > limit * 8 ? text.slice(0, limit * 8) : text;
  const plain = cut
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return plain.length <= limit ? plain.toWellFormed() : plain.slice(0, limit).toWellFormed().trimEnd();
}

/** A foreign id, opaque: cleaned, and where it is too long cut with a digest behind it, so that different ids stay different. */
export function cleanId(id: string): string {
  if (id.length <= ID_LIMIT) return cleanText(id, ID_LIMIT);
  const digest = createHash('sha256').update(id).digest('hex').slice(0, 16);
  return `${cleanText(id, ID_LIMIT - 17)}~${digest}`;
}
