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

/** @throws SipParseError 400 */
export function parseUri(text: string): Uri {
  throw new Error(`to be filled in: ${text}`);
}

export function formatUri(uri: Uri): string {
  throw new Error(`to be filled in: ${uri.scheme}`);
}
