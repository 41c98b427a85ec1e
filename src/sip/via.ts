import type { Params } from './tokens.ts';

/** One Via value (RFC 3261 §20.42, RFC 3581). */
export interface Via {
  /** `UDP`, `TCP`, `TLS` … upper case. */
  readonly transport: string;
  /** sent-by host; IPv6 without brackets. */
  readonly host: string;
  readonly port: number | null;
  readonly params: Params;
  readonly branch?: string;
  /** IPv6 without brackets. */
  readonly received?: string;
  /** Undefined: not asked for; null: asked for without value. */
  readonly rport?: number | null;
}

/** @throws SipParseError 400 */
export function parseVia(text: string): Via {
  throw new Error(`to be filled in: ${text}`);
}

/** Written from transport, host, port and params; `branch`, `received` and `rport` are read from params alone. */
export function formatVia(via: Pick<Via, 'transport' | 'host' | 'port' | 'params'>): string {
  throw new Error(`to be filled in: ${via.host}`);
}
