import { lately } from './lately.ts';
import { SipParseError } from './parse-error.ts';
import { formatParams, isToken, parseParams, quote, quoteEnd, strayComma, unquote } from './tokens.ts';

/** `"Display" <uri>;params` or `uri;params` (RFC 3261 §20.10). */
export interface NameAddr {
  readonly display?: string;
  /** URI as text, without `<>`; `*` in a Contact. */
  readonly uri: string;
  /** Header parameters (tag, expires, +sip.src …), names in lower case. */
  readonly params: ReadonlyMap<string, string | null>;
}

/**
 * Reads From, To, Contact (one element), Route, Refer-To and their like. An unquoted display name may hold what a token may
 * not (`Bell, Alexander`): many senders write it so. Without `<>`, parameters belong to the header (§20.10).
 * @throws SipParseError 400
 */
export const parseNameAddr: (text: string) => NameAddr = lately(readNameAddr);

function readNameAddr(text: string): NameAddr {
  const open = angleStart(text);
  if (open < 0) return parseAddrSpec(text.trim());
  const close = text.indexOf('>', open);
  if (close < 0) throw bad('Missing > in address');
  const uri = text.slice(open + 1, close).trim();
  checkUri(uri);
  const tail = text.slice(close + 1).trim();
  if (tail !== '' && !tail.startsWith(';')) throw bad('Unexpected text behind address');
  const params = parseParams(tail);
  checkParams(tail, params);
  const written = text.slice(0, open).trim();
  if (written === '') return { uri, params };
  if (written.startsWith('"') && quoteEnd(written, 0) !== written.length - 1) throw bad('Unbalanced quotes in address');
  return { display: unquote(written), uri, params };
}

/** Index of the `<` outside quotes, -1 for none. */
function angleStart(text: string): number {
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') {
      at = quoteEnd(text, at);
      if (at === text.length) throw bad('Unbalanced quotes in address');
    } else if (text[at] === '<') return at;
  }
  return -1;
}

function parseAddrSpec(text: string): NameAddr {
  const semicolon = text.indexOf(';');
  const uri = (semicolon < 0 ? text : text.slice(0, semicolon)).trim();
  // §20.10: a URI with a question mark must stand in angle brackets.
  if (uri.includes('?')) throw bad('URI with headers outside <>');
  if (uri !== '*') checkUri(uri);
  const tail = semicolon < 0 ? '' : text.slice(semicolon);
  const params = parseParams(tail);
  checkParams(tail, params);
  return { uri, params };
}

/** A scheme and something behind it. Which schemes serve is the caller's affair; the grammar of a URI is {@link parseUri}'s. */
function checkUri(uri: string): void {
  if (!/^[A-Za-z][\w+.-]*:[^\s<>"]+$/.test(uri)) throw bad('Invalid URI in address');
}

/** `;;,;` and the like: separators with nothing between them but more separators. */
function checkParams(tail: string, params: NameAddr['params']): void {
  if (strayComma(tail)) throw bad('Stray separators behind address');
  for (const name of params.keys()) {
    if (!isToken(name)) throw bad('Invalid parameter name behind address');
  }
}

export function formatNameAddr(address: NameAddr): string {
  const display = address.display === undefined || address.display === '' ? '' : `${quote(address.display)} `;
  return `${display}<${address.uri}>${formatParams(address.params)}`;
}

function bad(reason: string): SipParseError {
  return new SipParseError(400, reason, { at: 'address' });
}
