import { getCountryCallingCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Longer texts are no telephone numbers. */
const LONGEST = 64;
/** Numbers read before are remembered; the memory is emptied when it is full, so that it stays bounded. */
const REMEMBERED = 50_000;
/** Shorter digits are extensions and service numbers, although some countries have national numbers as short. */
const SHORTEST = { withPrefix: 6, bare: 7 };
/** A complete international number has at least so many digits (country code included), and at most 15 (E.164). */
const E164_DIGITS = { least: 8, most: 15 };

/**
 * Reads numbers as an account writes and dials them (D8): `+`, `00` or the country's own international prefix, national form,
 * separators, `(0)`, `;ext=`. Numbers are compared by their key: E.164 with `+` where that can be told, else the bare digits; names
 * in lower case.
 */
export class NumberPlan {
  readonly #country: string | null;
  readonly #callingCode: string | null;
  readonly #known = new Map<string, readonly string[]>();

  /** @param country ISO 3166 alpha-2; undefined or unknown: national numbers stay as they are */
  constructor(country: string | undefined) {
    const code = country?.toUpperCase() ?? '';
    this.#country = isSupportedCountry(code) ? code : null;
    this.#callingCode = isSupportedCountry(code) ? getCountryCallingCode(code) : null;
  }

  /** The form that is stored and shown. */
  key(text: string): string {
    return this.keys(text)[0] ?? '';
  }

  /** Every form under which the number may be known, the surest first; empty for an empty text. */
  keys(text: string): readonly string[] {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    const keys = this.#read(text);
    this.#known.set(text, keys);
    return keys;
  }

  /** Whether both texts mean the same line. */
  isSame(a: string, b: string): boolean {
    const keys = this.keys(a);
    return this.keys(b).some((key) => keys.includes(key));
  }

  /** Digits as they are dialled within the country, or null for a foreign or short number. */
  national(key: string): string | null {
    if (this.#callingCode === null || !key.startsWith(`+${this.#callingCode}`)) return null;
    const number = parsePhoneNumberFromString(key);
    return number === undefined ? null : number.formatNational().replaceAll(/\D/g, '');
  }

  #read(text: string): readonly string[] {
    const bare = bareNumber(text);
    if (bare === null) return text.trim() === '' ? [] : [text.trim().toLowerCase().slice(0, LONGEST)];
    if (bare.startsWith('+')) return [bare];
    const international = this.#international(bare);
    if (international !== null) return [international, bare];
    // Many trunks send E.164 without its `+`.
    return isInternationalLength(bare) ? [bare, `+${bare}`] : [bare];
  }

  #international(digits: string): string | null {
    if (digits.includes('*') || digits.includes('#')) return null;
    if (digits.startsWith('00') && isInternationalLength(digits.slice(2))) return `+${digits.slice(2)}`;
    if (this.#country === null || digits.length < (digits.startsWith('0') ? SHORTEST.withPrefix : SHORTEST.bare))
      return null;
    const number = parsePhoneNumberFromString(digits, { defaultCountry: this.#country as 'DE', extract: false });
    return number?.isPossible() === true ? number.number : null;
  }
}

/** Digits, `*`, `#` and a leading `+`, without separators; null when the text is no number. */
export function bareNumber(text: string): string | null {
  if (text.length > LONGEST) return null;
  const bare = text
    .replace(/;ext=\d*$/i, '')
    .replace('(0)', '')
    .replaceAll(/[\s\u00A0().\-/]/g, '');
  return /^\+?[\d*#]+$/.test(bare) ? bare : null;
}

function isInternationalLength(digits: string): boolean {
  return digits.length >= E164_DIGITS.least && digits.length <= E164_DIGITS.most && !digits.startsWith('0');
}

/** What callers who hide their number show in its place (RFC 3323 §4.1, and what PBXs write). */
const HIDDEN = new Set(['anonymous', 'restricted', 'private', 'unavailable', 'withheld', 'unknown']);

export function isHiddenNumber(key: string): boolean {
  return HIDDEN.has(key);
}
