import { parseCSeq } from '../fields.ts';
import type { SipRequest, SipResponse } from '../message.ts';
import { parseVia } from '../via.ts';
import { tagOf } from './response.ts';

/** Begins every branch that is unique in space and time (RFC 3261 §8.1.1.7). */
export const MAGIC_COOKIE = 'z9hG4bK';

/**
 * The key of a request's server transaction (RFC 3261 §17.2.3). ACK and the INVITE it acknowledges have the same one.
 * @param method in place of the request's own: `INVITE` to find what a CANCEL means (§9.2)
 * @throws SipParseError when the topmost Via or CSeq cannot be read
 */
export function serverKey(request: SipRequest, method: string = request.method): string {
  const text = request.headers.get('Via') ?? '';
  const via = parseVia(text);
  const name = method === 'ACK' ? 'INVITE' : method;
  if (via.branch?.toLowerCase().startsWith(MAGIC_COOKIE.toLowerCase()) === true) {
    return `${name} ${via.branch.toLowerCase()} ${via.host}:${via.port ?? ''}`;
  }
  // RFC 2543 senders: what identifies the transaction is spread over the message.
  const { headers } = request;
  const number = parseCSeq(headers.get('CSeq') ?? '').number;
  const from = tagOf(headers.get('From')) ?? '';
  return `${name} ${number} ${headers.get('Call-ID') ?? ''} ${from} ${request.uri} ${via.host}:${via.port ?? ''} ${via.branch ?? ''}`;
}

/** The key of the client transaction that a response answers (§17.1.3). @throws SipParseError */
export function clientKey(response: SipResponse): string {
  const via = parseVia(response.headers.get('Via') ?? '');
  const method = parseCSeq(response.headers.get('CSeq') ?? '').method;
  return `${method} ${(via.branch ?? '').toLowerCase()}`;
}

/** What two copies of one request have in common that came by different ways (§8.2.2.2). */
export function mergeKey(request: SipRequest): string {
  const { headers } = request;
  return `${tagOf(headers.get('From')) ?? ''} ${headers.get('Call-ID') ?? ''} ${headers.get('CSeq') ?? ''}`;
}
