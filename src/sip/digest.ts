import { createHash } from 'node:crypto';
import { splitOutside, unquote } from './tokens.ts';

/** Hash names of RFC 7616 and RFC 8760 in the order of preference, and what node:crypto calls them. */
export const DIGEST_HASHES: ReadonlyMap<string, string> = new Map([
  ['SHA-512-256', 'sha512-256'],
  ['SHA-256', 'sha256'],
  ['MD5', 'md5'],
]);

export type DigestAlgorithm = 'MD5' | 'SHA-256' | 'SHA-512-256';

/** Credentials or a challenge: scheme in lower case, parameters by lower-case name, quotes removed. */
export interface AuthFields {
  readonly scheme: string;
  readonly params: ReadonlyMap<string, string>;
}

/** Reads `Digest a="b", c=d` (RFC 7616 §3.3, §3.4). Of a repeated name the first counts. Never throws. */
export function parseAuth(value: string): AuthFields {
  const text = value.trim();
  const blank = text.search(/\s/);
  const params = new Map<string, string>();
  for (const piece of blank < 0 ? [] : splitOutside(text.slice(blank + 1), ',')) {
    const equals = piece.indexOf('=');
    if (equals < 1) continue;
    const name = piece.slice(0, equals).trim().toLowerCase();
    if (!params.has(name)) params.set(name, unquote(piece.slice(equals + 1).trim()));
  }
  return { scheme: (blank < 0 ? text : text.slice(0, blank)).toLowerCase(), params };
}

export interface DigestInput {
  readonly algorithm: DigestAlgorithm;
  /** `-sess` variant: the session key takes nonce and cnonce in. */
  readonly session?: boolean;
  readonly username: string;
  readonly realm: string;
  readonly password: string;
  readonly method: string;
  readonly uri: string;
  readonly nonce: string;
  /** Absent: the reply of RFC 2069. */
  readonly qop?: { readonly nc: string; readonly cnonce: string };
}

/** The `response` of RFC 7616 §3.4.1, hexadecimal in lower case. */
export function digestResponse(input: DigestInput): string {
  const hash = (text: string): string =>
    createHash(DIGEST_HASHES.get(input.algorithm)!).update(text, 'utf8').digest('hex');
  const secret = hash(`${input.username}:${input.realm}:${input.password}`);
  const a1 = input.session === true ? hash(`${secret}:${input.nonce}:${input.qop?.cnonce ?? ''}`) : secret;
  const a2 = hash(`${input.method}:${input.uri}`);
  if (input.qop === undefined) return hash(`${a1}:${input.nonce}:${a2}`);
  return hash(`${a1}:${input.nonce}:${input.qop.nc}:${input.qop.cnonce}:auth:${a2}`);
}
