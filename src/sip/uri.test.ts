import { describe, expect, it } from 'vitest';
import { formatUri, parseUri } from './uri.ts';

describe('parseUri', () => {
  it('reads all parts of a sip URI', () => {
    expect(parseUri('SIPS:alice:secret@Example.com:5061;transport=TLS;LR?subject=project%20x&priority=urgent')).toEqual(
      {
        scheme: 'sips',
        user: 'alice',
        password: 'secret',
        host: 'example.com',
        port: 5061,
        params: new Map([
          ['transport', 'TLS'],
          ['lr', null],
        ]),
        headers: new Map([
          ['subject', 'project x'],
          ['priority', 'urgent'],
        ]),
        opaque: null,
      },
    );
  });

  it("reads the far and near end of Cisco's built-in bridge", () => {
    const uri = parseUri(
      'sip:9110001@192.0.2.5;x-nearend;x-refci=27812345;x-nearendclusterid=cluster1;x-nearenddevice=sep000000000001;x-farendaddr=9110006',
    );
    expect(uri.user).toBe('9110001');
    expect(uri.params.get('x-nearend')).toBeNull();
    expect(uri.params.has('x-farend')).toBe(false);
    expect(uri.params.get('x-refci')).toBe('27812345');
    expect(uri.params.get('x-farendaddr')).toBe('9110006');
  });

  it('an @ in a header of the URI does not end the user', () => {
    expect(parseUri('sip:bob@example.com?Route=sip:a@example.net')).toMatchObject({ user: 'bob', host: 'example.com' });
  });

  it('reads tel URIs with their context', () => {
    const uri = parseUri('tel:+1-555-0100;phone-context=example.com');
    expect(uri).toMatchObject({ scheme: 'tel', user: '+1-555-0100', host: '' });
    expect(uri.params.get('phone-context')).toBe('example.com');
    expect(formatUri(uri)).toBe('tel:+1-555-0100;phone-context=example.com');
  });

  it('keeps other schemes whole', () => {
    expect(parseUri('urn:service:sos')).toMatchObject({ scheme: 'urn', opaque: 'service:sos' });
    expect(formatUri(parseUri('urn:service:sos'))).toBe('urn:service:sos');
  });

  it('an empty user counts as none, as gateways send it for an unknown caller', () => {
    expect(parseUri('sip:@192.0.2.1').user).toBeNull();
  });

  it('escapes that are no UTF-8 stay as they are', () => {
    expect(parseUri('sip:%ff%C3%A4@example.com').user).toBe('%ff%C3%A4');
    expect(parseUri('sip:%C3%A4%zz@example.com').user).toBe('\u{e4}%zz');
  });

  it.each([
    'sip:alice@example.com',
    'sip:a%40b@example.com;x=%3B',
    'sip:+1555@192.0.2.1:5060?a=%26',
    'sip:example.com;lr',
  ])('writes %s as it was', (text) => expect(formatUri(parseUri(text))).toBe(text));

  it.each([
    '',
    'alice',
    'sip:',
    'sip:alice@',
    'sip:alice@exa mple.com',
    'sip:alice@example.com:99999',
    'sip:alice@example.com:',
    'sip:alice@[::1',
    'sip:alice@[zz]',
    '<sip:alice@example.com>',
    'sip:alice@example.com\r\nVia: x',
    'tel:',
  ])('refuses %j', (text) =>
    expect(() => parseUri(text)).toThrow(expect.objectContaining({ name: 'SipParseError', status: 400 })),
  );
});
