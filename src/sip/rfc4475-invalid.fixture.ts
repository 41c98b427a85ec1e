import { BODY, wire } from './wire.fixture.ts';

export interface Invalid {
  readonly bytes: Buffer;
  /** Status that the parser must give; null where RFC 4475 lets a liberal element take the message, and we do. */
  readonly status: number | null;
  /** Whether the error carries a request that can be answered with it. */
  readonly answerable?: boolean;
}

interface Changes {
  readonly start?: string;
  readonly to?: string;
  readonly from?: string;
  readonly callId?: string;
  readonly cseq?: string;
  readonly via?: string;
  readonly more?: string;
  readonly length?: string;
}

/** An INVITE with one thing changed; RFC 4475's own messages differ from it in names and numbers only. */
function invite(changes: Changes): Buffer {
  return wire(`
${changes.start ?? 'INVITE sip:user@example.com SIP/2.0'}
To: ${changes.to ?? 'sip:j.user@example.com'}
From: ${changes.from ?? 'sip:caller@example.net;tag=134161461246'}
Max-Forwards: 7
Call-ID: ${changes.callId ?? 'torture.0ha0isndaksdjasdf3234nas'}
CSeq: ${changes.cseq ?? '8 INVITE'}
Via: ${changes.via ?? 'SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw'}
Contact: <sip:caller@host5.example.net>
Content-Type: application/sdp${changes.more ?? ''}
Content-Length: ${changes.length ?? '{length}'}

${BODY}`);
}

/** A request without body and with a method of its own. */
function request(method: string, changes: Changes): Buffer {
  return wire(`
${changes.start ?? `${method} sip:user@example.com SIP/2.0`}
To: ${changes.to ?? 'sip:user@example.com'}
From: ${changes.from ?? '<sip:caller@example.com>;tag=323'}
Max-Forwards: 70
Call-ID: torture.1234abcd
CSeq: ${changes.cseq ?? `60 ${method}`}
Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw${changes.more ?? ''}
l: 0

`);
}

const no400 = { status: 400, answerable: false };
const yes400 = { status: 400, answerable: true };

/** Messages of RFC 4475 §3.1.2, §3.3 that are invalid, named as there, with what we make of each. */
export const INVALID: Readonly<Record<string, Invalid>> = {
  badinv01: {
    bytes: invite({
      from: 'sip:caller@example.net;;;;tag=134161461246;;,;',
      via: 'SIP/2.0/UDP 192.0.2.15;;,;,,',
      more: '\nContact: "Joe" <sip:joe@example.org>;;;;',
    }),
    ...yes400,
  },
  clerr: { bytes: invite({ length: '9999' }), ...yes400 },
  ncl: { bytes: invite({ length: '-999' }), ...yes400 },
  scalar02: {
    bytes: request('REGISTER', {
      cseq: '36893488147419103232 REGISTER',
      more: '\nExpires: 1000000000000000000000000000000\nContact: <sip:user@host129.example.com>;expires=280297596632815',
    }),
    ...yes400,
  },
  scalarlg: {
    bytes: wire(`
SIP/2.0 503 Service Unavailable
Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129
To: <sip:user@example.com>
From: <sip:other@example.net>;tag=2easdjfejw
CSeq: 9292394834772304023312 OPTIONS
Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r
Retry-After: 949302838503028349304023988
Warning: 1812 overture "In Progress"
Content-Length: 0

`),
    ...no400,
  },
  quotbal: { bytes: invite({ to: '"Mr. J. User <sip:j.user@example.com>' }), ...yes400 },
  ltgtruri: { bytes: invite({ start: 'INVITE <sip:user@example.com> SIP/2.0' }), ...yes400 },
  lwsruri: { bytes: invite({ start: 'INVITE sip:user@example.com; lr SIP/2.0' }), ...yes400 },
  lwsstart: { bytes: invite({ start: 'INVITE  sip:user@example.com  SIP/2.0' }), status: null },
  trws: { bytes: request('OPTIONS', { start: 'OPTIONS sip:remote-target@example.com SIP/2.0  ' }), status: null },
  escruri: {
    bytes: invite({ start: 'INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0' }),
    status: null,
  },
  baddate: { bytes: invite({ more: '\nDate: Fri, 01 Jan 2010 16:00:00 EST' }), status: null },
  regbadct: {
    bytes: request('REGISTER', { more: '\nContact: sip:user@example.com?Route=%3Csip:sip.example.com%3E' }),
    ...yes400,
  },
  badaspec: { bytes: request('OPTIONS', { to: '"Watson, Thomas" < sip:t.watson@example.org >' }), status: null },
  baddn: { bytes: request('OPTIONS', { from: 'Bell, Alexander <sip:a.g.bell@example.com>;tag=43' }), status: null },
  badvers: {
    bytes: request('OPTIONS', { start: 'OPTIONS sip:t.watson@example.org SIP/7.0' }),
    status: 505,
    answerable: true,
  },
  mismatch01: { bytes: request('OPTIONS', { cseq: '8 INVITE' }), ...yes400 },
  mismatch02: { bytes: request('NEWMETHOD', { cseq: '8 INVITE' }), ...yes400 },
  bigcode: {
    bytes: wire(`
SIP/2.0 4294967301 better not break the receiver
Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
Call-ID: bigcode.asdof3uj203asdnf3429uasdhfas3ehjasdfas9i
CSeq: 353494 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@example.edu>;tag=902jndnke3
Content-Length: 0
Contact: <sip:user@host105.example.com>

`),
    ...no400,
  },
  insuf: {
    bytes: wire(`
INVITE sip:user@example.com SIP/2.0
CSeq: 193942 INVITE
Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf
Content-Type: application/sdp
l: {length}

${BODY}`),
    ...no400,
  },
  multi01: {
    bytes: invite({
      more: '\nCSeq: 59 INVITE\nCall-ID: multi01.another\nFrom: sip:other@example.net;tag=3413415\nTo: sip:elsewhere@example.com',
    }),
    ...yes400,
  },
  mcl01: { bytes: request('OPTIONS', { more: '\nContent-Length: 13\nContent-Length: 5' }), ...yes400 },
};
