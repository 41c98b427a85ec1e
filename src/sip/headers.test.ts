import { describe, expect, it } from 'vitest';
import { mediaType, parseCSeq, parseSeconds, parseValueParams } from './fields.ts';
import { Headers } from './headers.ts';
import { EMPTY_BODY } from './message.ts';
import { formatNameAddr, parseNameAddr } from './name-addr.ts';
import { parseMessage } from './parse.ts';
import { serialize } from './serialize.ts';
import { formatVia, parseVia } from './via.ts';

describe('Headers', () => {
  it('finds compact and long names in any case', () => {
    const headers = Headers.from([
      ['v', 'SIP/2.0/UDP a'],
      ['VIA', 'SIP/2.0/UDP b'],
      ['call-id', 'x'],
    ]);
    expect(headers.all('Via')).toEqual(['SIP/2.0/UDP a', 'SIP/2.0/UDP b']);
    expect(headers.get('i')).toBe('x');
    expect([...headers.entries()].map(([name]) => name)).toEqual(['Via', 'VIA', 'call-id']);
  });

  it('splits lists at commas outside quotes and brackets, other headers never', () => {
    const headers = Headers.from({
      Contact: ['"Doe, J\\"," <sip:a@example.com;p=1,2>;q=1, <sip:b@example.com>', 'sip:c@example.com'],
      Date: 'Sat, 13 Nov 2010 23:29:00 GMT',
      Supported: ' , timer,, 100rel ,',
    });
    expect(headers.all('Contact')).toEqual([
      '"Doe, J\\"," <sip:a@example.com;p=1,2>;q=1',
      '<sip:b@example.com>',
      'sip:c@example.com',
    ]);
    expect(headers.all('Date')).toEqual(['Sat, 13 Nov 2010 23:29:00 GMT']);
    expect(headers.all('k')).toEqual(['timer', '100rel']);
    expect(headers.get('Contact')).toBe('"Doe, J\\"," <sip:a@example.com;p=1,2>;q=1');
  });

  it('set keeps the place, prepend goes before its kind, setFirst leaves the rest', () => {
    const headers = Headers.from([
      ['Via', 'one, two'],
      ['From', 'f'],
      ['Via', 'three'],
      ['To', 't'],
    ]);
    headers.setFirst('v', 'ONE');
    expect(headers.all('Via')).toEqual(['ONE', 'two', 'three']);
    headers.prepend('Via', 'zero').set('From', 'g').delete('To');
    expect([...headers.entries()]).toEqual(
      [
        ['Via', 'zero'],
        ['v', 'ONE'],
        ['v', 'two'],
        ['v', 'three'],
        ['From', 'g'],
      ].map(([name, value]) => [name === 'v' ? 'Via' : name, value]),
    );
  });

  it('a value cannot forge another header', () => {
    const headers = Headers.from({ 'X-Note': 'a\r\nTo: evil\r\n\r\nbody' });
    const bytes = serialize({
      kind: 'request',
      method: 'OPTIONS',
      uri: 'sip:a\r\nX: y',
      version: 'SIP/2.0',
      headers,
      body: EMPTY_BODY,
    });
    expect(bytes.toString()).toBe('OPTIONS sip:a X: y SIP/2.0\r\nX-Note: a To: evil body\r\nContent-Length: 0\r\n\r\n');
  });
});

describe('addresses', () => {
  it('parameters belong to the header without <>, to the URI within', () => {
    expect(parseNameAddr('sip:a@example.com;tag=1').uri).toBe('sip:a@example.com');
    expect(parseNameAddr('<sip:a@example.com;lr>;tag=1')).toEqual({
      uri: 'sip:a@example.com;lr',
      params: new Map([['tag', '1']]),
    });
  });

  it('reads the recording Contact in both forms and a star', () => {
    expect(parseNameAddr('<sip:src@192.0.2.1>;+sip.src').params.has('+sip.src')).toBe(true);
    expect(parseNameAddr('<sip:src@192.0.2.1>;src').params.get('src')).toBeNull();
    expect(parseNameAddr('<sip:a@h>;+sip.instance="<urn:uuid:0>"').params.get('+sip.instance')).toBe('<urn:uuid:0>');
    expect(parseNameAddr('*').uri).toBe('*');
  });

  it('writes what it reads', () => {
    const address = {
      display: 'A "B" \\',
      uri: 'sip:a@example.com',
      params: new Map([
        ['tag', 'x y'],
        ['lr', null],
      ]),
    };
    expect(parseNameAddr(formatNameAddr(address))).toEqual(address);
  });

  it.each(['', '<>', '<sip:a@b', '"a <sip:a@b>', '<sip:a@b>x', 'Alice', '"A" sip:a@b', '<a@b>', '<sip:a@b>;<x>=1'])(
    'refuses %j',
    (text) => expect(() => parseNameAddr(text)).toThrow(expect.objectContaining({ name: 'SipParseError' })),
  );
});

describe('Via', () => {
  it('rport without, with and of no use', () => {
    expect(parseVia('SIP/2.0/UDP 192.0.2.1:5062;rport;branch=z9hG4bK1')).toMatchObject({ rport: null, port: 5062 });
    expect(parseVia('SIP/2.0/UDP h;rport=5099')).toMatchObject({ rport: 5099 });
    expect(parseVia('SIP/2.0/UDP h').rport).toBeUndefined();
    expect(() => parseVia('SIP/2.0/UDP h;rport=x')).toThrow('Invalid rport');
  });

  it.each([
    'SIP/2.0/UDP',
    'SIP/1.0/UDP h',
    'UDP h',
    'SIP/2.0/UDP h;;,;,,',
    'SIP/2.0/UDP a b',
    'SIP/2.0/UDP 2001:db8::1',
  ])('refuses %j', (text) =>
    expect(() => parseVia(text)).toThrow(expect.objectContaining({ name: 'SipParseError', at: expect.any(String) })),
  );

  it('is written with what a server adds', () => {
    const via = parseVia('SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bK1;rport');
    const params = new Map<string, string | null>([...via.params, ['rport', '40000'], ['received', '2001:db8::2']]);
    expect(formatVia({ ...via, params })).toBe(
      'SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bK1;rport=40000;received=2001:db8::2',
    );
  });
});

describe('other values', () => {
  it('CSeq', () => {
    expect(parseCSeq('4294967295 ACK')).toEqual({ number: 4_294_967_295, method: 'ACK' });
    for (const text of ['4294967296 ACK', '-1 ACK', '1', 'ACK', '1 A CK', '1 A\0'])
      expect(() => parseCSeq(text)).toThrow(expect.objectContaining({ status: 400 }));
  });

  it('values with parameters', () => {
    expect(parseValueParams('1800;refresher=uac')).toEqual({ value: '1800', params: new Map([['refresher', 'uac']]) });
    expect(parseValueParams('Q.850;cause=16;text="a;b"').params.get('text')).toBe('a;b');
    expect(mediaType('Multipart / Mixed ;boundary="x"')).toBe('multipart/mixed');
    expect(
      ['90', '120 (in a meeting)', '1800;refresher=uas', '99999999999', 'soon', undefined].map(parseSeconds),
    ).toEqual([90, 120, 1800, 4_294_967_295, undefined, undefined]);
  });

  it('a response of another version is refused', () => {
    const text =
      'SIP/3.0 200 OK\nVia: SIP/2.0/UDP h\nTo: sip:a@h\nFrom: sip:b@h;tag=1\nCall-ID: 1\nCSeq: 1 OPTIONS\n\n';
    expect(() => parseMessage(Buffer.from(text))).toThrow(expect.objectContaining({ status: 505, answerable: null }));
  });

  it('bare LF line ends are read', () => {
    const text =
      'OPTIONS sip:a@h SIP/2.0\nVia: SIP/2.0/UDP h\nTo: sip:a@h\nFrom: sip:b@h;tag=1\nCall-ID: 1\nCSeq: 1 OPTIONS\n\nx';
    expect(parseMessage(Buffer.from(text)).body.toString()).toBe('x');
  });
});
