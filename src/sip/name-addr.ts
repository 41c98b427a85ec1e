import type { Params } from './tokens.ts';

/** `"Display" <uri>;params` or `uri;params` (RFC 3261 §20.10). */
export interface NameAddr {
  readonly display?: string;
  /** URI as text; `*` in a Contact. */
  readonly uri: string;
  /** Header parameters (tag, expires, +sip.src …), names in lower case. */
  readonly params: Params;
}

/** @throws SipParseError 400 */
export function parseNameAddr(text: string): NameAddr {
  throw new Error(`to be filled in: ${text}`);
}

export function formatNameAddr(address: NameAddr): string {
  throw new Error(`to be filled in: ${address.uri}`);
}
