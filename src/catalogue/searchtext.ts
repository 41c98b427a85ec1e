import type { CallParty } from './types.ts';

/**
 * Folds a text so that what people type finds what phones signal: no case, no accents, no punctuation, one space between words.
 */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replaceAll(/\p{M}+/gu, '')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

/** The digits of a number as signalled, without the international prefix `+` or `00`; null when there are none. */
export function digitsOf(number: string): string | null {
  const digits = number.replaceAll(/[^0-9]/g, '');
  if (digits === '') return null;
  return digits.length > 6 && digits.startsWith('00') ? digits.slice(2) : digits;
}

/**
 * The search text of a recording: each party's names, number and user part, as words between single spaces, with a space at each end,
 * so that `' ab'` means the beginning of a word and `'89 '` the end of a number.
 */
export function searchText(parties: readonly CallParty[]): string {
  const words = new Set<string>();
  for (const party of parties) {
    for (const text of [party.name, party.userName, party.number, userPart(party.aor)]) {
      for (const word of fold(text ?? '').split(' ')) words.add(word);
    }
    words.add(digitsOf(party.number ?? '') ?? '');
  }
  words.delete('');
  return ` ${[...words].join(' ')} `;
}

function userPart(aor: string | null): string {
  if (aor === null) return '';
  const [user, host] = aor.replace(/^[a-z]+:/i, '').split('@');
  return host === undefined ? '' : (user ?? '');
}

/** Longest part of a search that counts; the rest is ignored. */
const MAX_WORDS = 8;
const MAX_WORD = 64;

/** LIKE patterns of which at least one must match; a search is a list of these, all of which must. */
export type AnyOf = readonly string[];

/**
 * What a search box says, as LIKE patterns on the search text. A text of digits and telephone punctuation is one number; anything else
 * is words, each of which must occur. One or two letters mean the beginning of a word: inside of words they would find everything.
 */
export function textPatterns(text: string): AnyOf[] {
  if (/^[\d\s()+./-]*\d[\d\s()+./-]*$/.test(text)) return [numberPatterns(text)];
  return fold(text)
    .split(' ')
    .filter((word) => word !== '')
    .slice(0, MAX_WORDS)
    .map(wordPattern);
}

/**
 * A number or a part of one. A leading 0 may be the national prefix that the network left out, so it may be missing where enough digits
 * follow.
 */
export function numberPatterns(text: string): AnyOf {
  const digits = digitsOf(text)?.slice(0, MAX_WORD) ?? '';
  if (digits === '') return [];
  const bare = digits.replace(/^0/, '');
  return bare !== digits && bare.length >= 5 ? [...wordPattern(digits), ...wordPattern(bare)] : wordPattern(digits);
}

/** Numbers that end so; needs two digits to be worth an index. */
export function suffixPatterns(text: string): AnyOf {
  const digits = digitsOf(text)?.slice(-MAX_WORD) ?? '';
  return digits === '' ? [] : [`%${digits} %`];
}

/** The words contain letters and digits only, so nothing in them is special to LIKE. */
function wordPattern(word: string): AnyOf {
  const start = word.slice(0, MAX_WORD);
  return [Array.from(start).length < 3 ? `% ${start}%` : `%${start}%`];
}
