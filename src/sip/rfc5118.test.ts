import { describe, expect, it } from 'vitest';
import { parseNameAddr } from './name-addr.ts';
import { parseMessage, SipParseError } from './parse.ts';
import { formatUri, parseUri } from './uri.ts';
import { formatVia, parseVia } from './via.ts';
import { wire } from './wire.fixture.ts';

/** The REGISTER of RFC 5118 §4.1 with another Request-URI or Via. */
function register(uri: string, via = 'SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111'): Buffer {
  return wire(`
REGISTER ${uri} SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=81x2
Via: ${via}
Call-ID: SSG9559905523997077@hlau_4100
Max-Forwards: 70
Contact: "Caller" <sip:caller@[2001:db8::1]>
CSeq: 98176 REGISTER
Content-Length: 0

`);
}

describe('IPv6 messages of RFC 5118', () => {
  it('§4.1: references in Request-URI, Via and Contact', () => {
    const message = parseMessage(register('sip:[2001:db8::10]'));
    if (message.kind !== 'request') throw new Error('a request');
    expect(parseUri(message.uri)).toMatchObject({ host: '2001:db8::10', port: null });
    expect(parseVia(message.headers.get('Via')!)).toMatchObject({
      host: '2001:db8::9:1',
      port: null,
      transport: 'UDP',
    });
    expect(parseUri(parseNameAddr(message.headers.get('Contact')!).uri).host).toBe('2001:db8::1');
  });

  it('§4.2: an address without brackets is refused with 400', () => {
    expect(() => parseMessage(register('sip:2001:db8::10'))).toThrow(SipParseError);
  });

  it('§4.3, §4.4: the port stands behind the brackets; inside it is part of the address', () => {
    expect(parseUri('sip:[2001:db8::10:5070]')).toMatchObject({ host: '2001:db8::10:5070', port: null });
    expect(parseUri('sip:[2001:db8::10]:5070')).toMatchObject({ host: '2001:db8::10', port: 5070 });
  });

  it.each(['received=[2001:db8::9:255]', 'received=2001:db8::9:255'])('§4.5: %s', (received) => {
    const via = parseVia(`SIP/2.0/UDP [2001:db8::9:1];${received};branch=z9hG4bKas3-111`);
    expect(via.received).toBe('2001:db8::9:255');
    expect(parseVia(formatVia(via))).toEqual(via);
  });

  it('§4.8: several addresses of both families in the headers', () => {
    const bytes = register(
      'sip:user@example.com',
      'SIP/2.0/UDP [2001:db8::9:1]:6050;branch=z9hG4bKas3-111,SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144;received=[2001:db8::9:255]',
    );
    const vias = parseMessage(bytes).headers.all('Via').map(parseVia);
    expect(vias.map(({ host, port, received }) => [host, port, received])).toEqual([
      ['2001:db8::9:1', 6050, undefined],
      ['192.0.2.1', null, '2001:db8::9:255'],
    ]);
  });

  it('§4.10: IPv4-mapped with two colons is an address, with three it is not', () => {
    expect(parseUri('sip:user@[::ffff:192.0.2.10]:19823').host).toBe('::ffff:192.0.2.10');
    expect(() => parseUri('sip:user@[2001:db8:::192.0.2.1]')).toThrow('Invalid IPv6 address');
  });

  it('brackets are written again', () => {
    expect(formatUri(parseUri('sip:a@[2001:DB8::1]:5061;transport=tcp'))).toBe(
      'sip:a@[2001:db8::1]:5061;transport=tcp',
    );
  });
});
