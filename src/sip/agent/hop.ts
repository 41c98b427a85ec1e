import { lookup, resolveSrv } from 'node:dns/promises';
import { isIP } from 'node:net';
import { defaultPort } from '../transport/response-route.ts';
import type { Protocol } from '../transport/types.ts';
import { parseUri } from '../uri.ts';

/** Where a URI says to go next. */
export interface Hop {
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number | null;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Turns a host name into addresses. */
export type Resolve = (hop: Hop) => Promise<Endpoint>;

/**
 * Reads the next hop from a URI (RFC 3261 §8.1.2, RFC 3263 §4.1). A URI that names no transport is reached as its owner reached us:
 * what it listens to by UDP is not known, and many leave the parameter out.
 * @throws SipParseError, or an Error for a scheme or transport that SIP messages cannot be sent to
 */
export function hopOf(uri: string, usual: Protocol): Hop {
  const { scheme, host, port, params } = parseUri(uri);
  if ((scheme !== 'sip' && scheme !== 'sips') || host === '') throw new Error(`nothing can be sent to ${scheme}:`);
  const named = params.get('transport')?.toLowerCase();
  const maddr = params.get('maddr');
  const where = { host: typeof maddr === 'string' && maddr !== '' ? maddr : host, port };
  if (scheme === 'sips') return { protocol: 'tls', ...where };
  if (named === undefined || named === '') return { protocol: usual, ...where };
  if (named === 'udp' || named === 'tcp' || named === 'tls') return { protocol: named, ...where };
  throw new Error(`transport ${named} is not known`);
}

/** The endpoint of a hop that is an address already; undefined for a name. */
export function literalEndpoint(hop: Hop): Endpoint | undefined {
  if (isIP(hop.host) === 0) return undefined;
  return { address: hop.host, port: hop.port ?? defaultPort(hop.protocol) };
}

/** RFC 3263 §4.2 with the machine's resolver: SRV when no port is named, then addresses. @throws Error */
export const resolveByDns: Resolve = async (hop) => {
  if (hop.port === null) {
    const service = hop.protocol === 'tls' ? '_sips._tcp' : `_sip._${hop.protocol}`;
    const records = await resolveSrv(`${service}.${hop.host}`).catch(() => []);
    const best = records.sort((a, b) => a.priority - b.priority || b.weight - a.weight)[0];
    if (best !== undefined) return { address: await addressOf(best.name), port: best.port };
  }
  return { address: await addressOf(hop.host), port: hop.port ?? defaultPort(hop.protocol) };
};

async function addressOf(name: string): Promise<string> {
  return (await lookup(name)).address;
}
