import { BODY, wire } from './wire.fixture.ts';

/** Messages of RFC 4475 §3.2–§3.4 that the grammar takes and the layers above must judge; named as there. */
export const APPLICATION: Readonly<Record<string, Buffer>> = {
  /** §3.2.1: a branch that is nothing but the cookie; falls back to RFC 2543 matching. */
  badbranch: request('OPTIONS', { via: 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK' }),
  /** §3.3.3: 420 with Unsupported, Proxy-Require ignored. */
  bext01: request('OPTIONS', {
    more: 'Require: nothingSupportsThis, nothingSupportsThisEither\nProxy-Require: noProxiesSupportThis\n',
  }),
  /** §3.3.4: 415 with Accept. */
  invut: request('INVITE', {
    more: 'Contact: <sip:caller@host.example.net>\nContent-Type: application/unknownformat\n',
    body: '<audio>\n <pcmu port="443"/>\n</audio>\n',
  }),
  /** §3.3.7: an authorization scheme that nobody knows, with commas and equals signs of its own. */
  regaut01: request('REGISTER', { more: 'Authorization: NoOneKnowsThisScheme opaque-data=here, and="x, y"\n' }),
  /** §3.3.11: a response with more than one Via that says it was sent by us; to be dropped by its topmost Via. */
  bcast: wire(`
SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23
Call-ID: bcast.0384840201234ksdfak3j2erwedfsASdf
CSeq: 35 INVITE
From: sip:user@example.com;tag=11141343
To: sip:user@example.edu;tag=2229
Content-Length: {length}
Content-Type: application/sdp
Contact: <sip:user@host28.example.com>

${BODY}`),
  /** §3.3.13, .14: parameters of the header and of the URI. */
  cparam01: request('REGISTER', { more: 'Contact: sip:+19725552222@gw1.example.net;unknownparam\n' }),
  cparam02: request('REGISTER', { more: 'Contact: <sip:+19725552222@gw1.example.net;unknownparam>\n' }),
  /** §3.3.15: an escaped header in a Contact's URI. */
  regescrt: request('REGISTER', { more: 'Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>\n' }),
  /** §3.3.12: an offer where nothing can be accepted by the Accept header. */
  sdp01: request('INVITE', {
    more: 'Contact: <sip:caller@host5.example.net>\nAccept: text/nobodyKnowsThis\nContent-Type: application/sdp\n',
    body: BODY,
  }),
};

function request(
  method: string,
  { via, more = '', body = '' }: { via?: string; more?: string; body?: string },
): Buffer {
  return wire(`
${method} sip:user@example.com SIP/2.0
Via: ${via ?? 'SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw'}
To: sip:user@example.com
From: <sip:caller@example.org>;tag=33242
Max-Forwards: 3
Call-ID: application.0ha0isndaksdj
CSeq: 8 ${method}
${more}l: {length}

${body}`);
}
