import { parseCSeq } from '../fields.ts';
import { Headers } from '../headers.ts';
import { EMPTY_BODY, SIP_VERSION, type SipRequest, type SipResponse } from '../message.ts';

/** The ACK of a 300–699, part of the INVITE's own transaction (RFC 3261 §17.1.1.3). */
export function createRefusalAck(invite: SipRequest, response: SipResponse): SipRequest {
  return follower(invite, 'ACK', response.headers.get('To') ?? invite.headers.get('To') ?? '');
}

/** The CANCEL of a pending INVITE: same branch, same way (RFC 3261 §9.1). */
export function createCancel(invite: SipRequest): SipRequest {
  return follower(invite, 'CANCEL', invite.headers.get('To') ?? '');
}

function follower(invite: SipRequest, method: 'ACK' | 'CANCEL', to: string): SipRequest {
  const from = invite.headers;
  const headers = new Headers();
  headers.add('Via', from.get('Via') ?? '');
  for (const route of from.all('Route')) headers.add('Route', route);
  headers.add('Max-Forwards', '70');
  headers.add('From', from.get('From') ?? '');
  headers.add('To', to);
  headers.add('Call-ID', from.get('Call-ID') ?? '');
  headers.add('CSeq', `${parseCSeq(from.get('CSeq') ?? '').number} ${method}`);
  return { kind: 'request', method, uri: invite.uri, version: SIP_VERSION, headers, body: EMPTY_BODY };
}
