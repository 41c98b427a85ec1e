import type { SipRequest } from '../message.ts';
import { formatVia, parseVia, type Via } from '../via.ts';
import type { Protocol, Source, Target } from './types.ts';

/** The port of a URI or Via that names none (RFC 3261 §19.1.2). */
export function defaultPort(protocol: Protocol): number {
  return protocol === 'tls' ? 5061 : 5060;
}

/**
 * Notes in the topmost Via where a request really came from: `received` when it is not what sent-by says (RFC 3261 §18.2.1), `rport`
 * with the source port when it was asked for (RFC 3581 §4). Changes the request.
 * @throws SipParseError
 */
export function stampVia(request: SipRequest, source: Source): Via {
  const via = parseVia(request.headers.get('Via') ?? '');
  const params = new Map(via.params);
  const asked = via.rport !== undefined;
  if (via.host !== source.address || asked) params.set('received', source.address);
  else params.delete('received');
  if (asked) params.set('rport', String(source.port));
  const stamped = formatVia({ ...via, params });
  request.headers.setFirst('Via', stamped);
  return parseVia(stamped);
}

/**
 * Where the responses to a request go (RFC 3261 §18.2.2, RFC 3581 §4): over the connection it came by, and when that is gone to the
 * source address at the port of sent-by; over UDP to `maddr`, or back to where it came from when `rport` is there, or to sent-by's port.
 */
export function responseTarget(via: Via, source: Source): Target {
  const sentBy = via.port ?? defaultPort(source.protocol);
  if (source.protocol !== 'udp') return { address: source.address, port: sentBy, flow: source.flow };
  const maddr = via.params.get('maddr');
  if (typeof maddr === 'string' && maddr === via.host) return { address: maddr, port: sentBy };
  return { address: source.address, port: via.rport === undefined ? sentBy : source.port };
}
