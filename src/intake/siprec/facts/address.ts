import { cleanText } from '../text.ts';

/** A person's address as signalled, in the parts that policy and people ask for. */
export interface Address {
  readonly name?: string;
  /** The URI without display name, brackets and header parameters. */
  readonly aor?: string;
  /** User part of a SIP URI, the number of a tel URI, or the bare text. */
  readonly number?: string;
}

/**
 * Reads an address in any form that metadata and headers carry: `"Bob" <sip:bob@x>;tag=1`, `sip:bob@x;user=phone`, `tel:+1…`, `bob@x`
 * or a bare number. Never throws; what is no address becomes the number, since a person can still read it.
 */
export function readAddress(text: string): Address {
  const cut = text.slice(0, 2048).trim();
  const open = bracketAt(cut);
  const name = open === -1 ? '' : displayName(cut.slice(0, open).trim());
  const close = cut.indexOf('>', open);
  const inner = open === -1 ? cut : cut.slice(open + 1, close === -1 ? cut.length : close);
  const uri = cleanText(inner).replaceAll(' ', '');
  const aor = open === -1 ? uri.replace(/;tag=[^;]*/i, '') : uri;
  const number = userOf(aor);
  return {
    ...(name === '' ? {} : { name }),
    ...(aor === '' ? {} : { aor }),
    ...(number === '' ? {} : { number }),
  };
}

/** Position of the `<` outside of a quoted display name; -1 for none. */
function bracketAt(text: string): number {
  if (!text.startsWith('"')) return text.indexOf('<');
  let at = 1;
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return text.indexOf('<', at);
}

function displayName(text: string): string {
  const quoted = text.startsWith('"') ? text.slice(1, text.endsWith('"') && text.length > 1 ? -1 : undefined) : text;
  return cleanText(quoted.replaceAll(/\\(.)/g, '$1'));
}

/** The user part (RFC 3261 §19.1.1) with escapes decoded and its own parameters dropped, or the number (RFC 3966). */
export function userOf(uri: string): string {
  const [, scheme = '', rest = uri] = /^(sips?|tel|im|pres):(.*)$/is.exec(uri) ?? [];
  const at = rest.lastIndexOf('@');
  // A SIP URI without a user part names a host, not a person.
  if (/^sips?$/i.test(scheme) && at === -1) return '';
  const user = (at === -1 ? rest : rest.slice(0, at)).split(/[;?:]/, 1)[0] ?? '';
  return cleanText(decodeEscapes(user));
}

function decodeEscapes(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Whether two numbers mean the same line: equal texts, or telephone numbers of which one ends with the other with at least seven digits
 * (national and international form).
 */
export function sameNumber(a: string | undefined, b: string | undefined): boolean {
  if (a === undefined || b === undefined || a === '' || b === '') return false;
  if (a.toLowerCase() === b.toLowerCase()) return true;
  const [left, right] = [digitsOf(a), digitsOf(b)];
  if (left.length < 7 || right.length < 7) return left !== '' && left === right;
  const [short, long] = left.length < right.length ? [left, right] : [right, left];
  return long.endsWith(short.replace(/^0+/, '')) && short.replace(/^0+/, '').length >= 7;
}

/** Digits of a telephone number; empty when letters show that it is a name. */
function digitsOf(text: string): string {
  return /^[+\d\s().-]+$/.test(text) ? text.replace(/\D/g, '') : '';
}
