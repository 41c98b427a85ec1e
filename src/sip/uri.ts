import { isIPv6 } from 'node:net';
import { SipParseError } from './parse-error.ts';
import type { Params } from './tokens.ts';

/** A URI of RFC 3261 §19.1 (`sip:`, `sips:`), RFC 3966 (`tel:`) or any other scheme. */
export interface Uri {
  /** Lower case. */
  readonly scheme: string;
  /** User part with escapes decoded; of `tel:` the number. Null when absent. */
  readonly user: string | null;
  readonly password: string | null;
  /** Lower case; IPv6 without brackets; empty for schemes without a host. */
  readonly host: string;
  readonly port: number | null;
  /** Names in lower case, values decoded, null without `=`. */
  readonly params: Params;
  /** The part after `?`, decoded, names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  /** What follows the colon of any other scheme; null for sip, sips and tel. */
  readonly opaque: string | null;
}

/**
 * Reads a URI without `<>`. Characters that RFC 3261 wants escaped are taken as they are, since senders leave them so;
 * white space, control characters and angle brackets are not.
 * @throws SipParseError 400
 */
export function parseUri(text: string): Uri {
  if (/[\s<>"\p{Cc}]/u.test(text)) throw bad('Forbidden character in URI');
  const match = /^([A-Za-z][\w+.-]*):/.exec(text);
  if (match === null) throw bad('URI without scheme');
  const scheme = match[1]!.toLowerCase();
  const rest = text.slice(match[0].length);
  if (rest === '') throw bad('Empty URI');
  if (scheme === 'sip' || scheme === 'sips') return parseSipUri(scheme, rest);
  if (scheme === 'tel') {
    const [number, tail] = cut(rest, ';');
    if (number === '') throw bad('Empty telephone number');
    return { ...bare(scheme), user: unescapeText(number), params: uriParams(tail) };
  }
  return { ...bare(scheme), opaque: rest };
}

/** `[user[:password]@]host[:port][;params][?headers]`; the user part itself may hold `;` and `?`, so `@` is looked for first. */
function parseSipUri(scheme: string, rest: string): Uri {
  const at = rest.lastIndexOf('@', end(rest));
  const [user, password] = at < 0 ? [null, null] : cut(rest.slice(0, at), ':');
  const [beforeHeaders, headers] = cut(rest.slice(at + 1), '?');
  const [hostPort, params] = cut(beforeHeaders, ';');
  return {
    ...bare(scheme),
    ...parseHostPort(hostPort),
    // `sip:@host` is what some gateways send for an unknown caller.
    user: user === null || user === '' ? null : unescapeText(user),
    password: password === null ? null : unescapeText(password),
    params: uriParams(params),
    headers: uriHeaders(headers),
  };
}

/** `@` in a header value (`?Route=…@…`) is not the one behind the user: only those before the last plausible `?` count. */
function end(rest: string): number {
  const firstAt = rest.indexOf('@');
  const question = rest.indexOf('?', firstAt + 1);
  return question < 0 ? rest.length : question;
}

function bare(scheme: string): Uri {
  return {
    scheme,
    user: null,
    password: null,
    host: '',
    port: null,
    params: new Map(),
    headers: new Map(),
    opaque: null,
  };
}

/**
 * Reads `host[:port]`: a name, an IPv4 address or a bracketed IPv6 address (RFC 5118 §4.2 forbids one without brackets).
 * @throws SipParseError 400
 */
export function parseHostPort(text: string): { host: string; port: number | null } {
  const match = /^(?:\[([^\]]*)\]|([\w.-]+))(?:[ \t]*:[ \t]*(\d{1,5}))?$/.exec(text);
  if (match === null) throw bad('Invalid host or port');
  const host = (match[1] ?? match[2]!).toLowerCase();
  if (match[1] !== undefined && !isIPv6(host)) throw bad('Invalid IPv6 address');
  const port = match[3] === undefined ? null : Number(match[3]);
  if (port !== null && port > 65_535) throw bad('Port out of range');
  return { host, port };
}

/** `host[:port]` with brackets around IPv6. */
export function formatHostPort(host: string, port: number | null): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return port === null ? name : `${name}:${port}`;
}

export function formatUri(uri: Uri): string {
  if (uri.opaque !== null) return `${uri.scheme}:${uri.opaque}`;
  const params = [...uri.params].map(([name, value]) =>
    value === null ? `;${escapeText(name)}` : `;${escapeText(name)}=${escapeText(value)}`,
  );
  if (uri.scheme === 'tel') return `tel:${escapeText(uri.user ?? '', '+')}${params.join('')}`;
  const password = uri.password === null ? '' : `:${escapeText(uri.password)}`;
  const user = uri.user === null ? '' : `${escapeText(uri.user, '&=+$,;?/')}${password}@`;
  const headers = [...uri.headers].map(
    ([name, value]) => `${escapeText(name, '[]/?:+$')}=${escapeText(value, '[]/?:+$')}`,
  );
  const tail = headers.length === 0 ? '' : `?${headers.join('&')}`;
  return `${uri.scheme}:${user}${formatHostPort(uri.host, uri.port)}${params.join('')}${tail}`;
}

/** Decodes `%HH`; what is no valid escape, or does not decode to UTF-8, stays as it is. Never throws. */
export function unescapeText(text: string): string {
  if (!text.includes('%')) return text;
  return text.replaceAll(/(?:%[\dA-Fa-f]{2})+/g, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

/** Escapes all but unreserved characters (RFC 3261 §25.1) and those of `also`. */
function escapeText(text: string, also = '+:[]/&$'): string {
  const bytes = Buffer.from(text, 'utf8');
  let escaped = '';
  for (const byte of bytes) {
    const char = String.fromCodePoint(byte);
    const plain = byte < 0x80 && (/[\w.!~*'()-]/.test(char) || also.includes(char));
    escaped += plain ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return escaped;
}

function uriParams(text: string | null): Params {
  const params: Params = new Map();
  for (const piece of (text ?? '').split(';')) {
    const [name, value] = cut(piece, '=');
    const key = unescapeText(name).toLowerCase();
    if (key !== '' && !params.has(key)) params.set(key, value === null ? null : unescapeText(value));
  }
  return params;
}

function uriHeaders(text: string | null): Map<string, string> {
  const headers = new Map<string, string>();
  for (const piece of (text ?? '').split('&')) {
    const [name, value] = cut(piece, '=');
    if (name !== '') headers.set(unescapeText(name).toLowerCase(), unescapeText(value ?? ''));
  }
  return headers;
}

/** What stands before and after the first `separator`; null after it when there is none. */
function cut(text: string, separator: string): [string, string | null] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
}

function bad(reason: string): SipParseError {
  return new SipParseError(400, reason, { at: 'URI' });
}
