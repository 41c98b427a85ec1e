import { lately } from './lately.ts';
import { SipParseError } from './parse-error.ts';
import { formatParams, parseParams, strayComma } from './tokens.ts';
import { formatHostPort, parseHostPort } from './uri.ts';

/** One Via value (RFC 3261 §20.42, RFC 3581). */
export interface Via {
  /** `UDP`, `TCP`, `TLS` … upper case. */
  readonly transport: string;
  /** sent-by host; lower case, IPv6 without brackets. */
  readonly host: string;
  readonly port: number | null;
  readonly params: ReadonlyMap<string, string | null>;
  readonly branch?: string;
  /** IPv6 without brackets. */
  readonly received?: string;
  /** Undefined: not asked for; null: asked for without value. */
  readonly rport?: number | null;
}

/**
 * Reads one Via value. White space is allowed around its slashes and colon; `received` may have brackets or not (RFC 5118 §4.5).
 * @throws SipParseError 400
 */
export const parseVia: (text: string) => Via = lately(readVia);

function readVia(text: string): Via {
  const match = /^SIP[ \t]*\/[ \t]*2\.0[ \t]*\/[ \t]*([\w.!%*+`'~-]+)[ \t]+([^;]+)/i.exec(text);
  if (match === null) throw bad('Invalid Via');
  const tail = text.slice(match[0].length);
  if (strayComma(tail)) throw bad('Stray separators in Via');
  const params = parseParams(tail);
  const branch = params.get('branch');
  const received = params.get('received');
  const rport = readRport(params);
  return {
    transport: match[1]!.toUpperCase(),
    ...parseHostPort(match[2]!.trim()),
    params,
    ...(typeof branch === 'string' && { branch }),
    ...(typeof received === 'string' && { received: received.replaceAll(/^\[|\]$/g, '') }),
    ...(rport !== undefined && { rport }),
  };
}

function readRport(params: Via['params']): number | null | undefined {
  const value = params.get('rport');
  if (value === undefined || value === null || value === '') return value === '' ? null : value;
  const port = /^\d{1,5}$/.test(value) ? Number(value) : 0;
  if (port === 0 || port > 65_535) throw bad('Invalid rport in Via');
  return port;
}

/** Written from transport, host, port and params; `branch`, `received` and `rport` are read from params alone. */
export function formatVia(via: Pick<Via, 'transport' | 'host' | 'port' | 'params'>): string {
  return `SIP/2.0/${via.transport} ${formatHostPort(via.host, via.port)}${formatParams(via.params)}`;
}

function bad(reason: string): SipParseError {
  return new SipParseError(400, reason, { at: 'Via' });
}
