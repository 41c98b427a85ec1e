import { describe, expect, it } from 'vitest';
import { Headers } from '../../../sip/headers.ts';
import { cleanId, cleanText } from '../text.ts';
import { readAddress, sameNumber } from './address.ts';
import { joinKeysOf } from './join-keys.ts';
import { partiesFromHeaders } from './parties.ts';
import { readGuid, readUcid } from './ucid.ts';
import { joinKey } from './vendor.ts';

describe('addresses', () => {
  it.each([
    ['sip:bob@example.com', { aor: 'sip:bob@example.com', number: 'bob' }],
    [
      '"Bob \\"B\\" Smith" <sip:+15550101@x;user=phone>;tag=1',
      { name: 'Bob "B" Smith', aor: 'sip:+15550101@x;user=phone', number: '+15550101' },
    ],
    ['Bob <sips:2002@[2001:db8::1]:5061>', { name: 'Bob', aor: 'sips:2002@[2001:db8::1]:5061', number: '2002' }],
    ['tel:+1-555-0101;phone-context=x', { aor: 'tel:+1-555-0101;phone-context=x', number: '+1-555-0101' }],
    ['5550101', { aor: '5550101', number: '5550101' }],
    ['user@host', { aor: 'user@host', number: 'user' }],
    ['sip:%2B1555%30101@x', { aor: 'sip:%2B1555%30101@x', number: '+15550101' }],
    ['sip:1001:secret@x', { aor: 'sip:1001:secret@x', number: '1001' }],
    ['sip:1001;phone-context=a@x', { aor: 'sip:1001;phone-context=a@x', number: '1001' }],
    ['sip:192.0.2.1', { aor: 'sip:192.0.2.1' }],
    ['sip:1001@x;tag=77', { aor: 'sip:1001@x', number: '1001' }],
    ['', {}],
  ])('%s', (text, expected) => expect(readAddress(text)).toEqual(expected));

  it('is quick on a hostile one', () => {
    const start = process.threadCpuUsage();
    readAddress(`${' '.repeat(500_000)}"${'\\'.repeat(500_000)}`);
    const { user, system } = process.threadCpuUsage(start);
    expect(user + system).toBeLessThan(50_000);
  });

  it.each([
    ['+15550101', '15550101', true],
    ['+4430123456', '030123456', true],
    ['2002', '2002', true],
    ['2002', '12002', false],
    ['alice', 'ALICE', true],
    ['alice', 'bob', false],
    ['5550101', '5550102', false],
    ['', '', false],
  ])('%s and %s mean the same line: %s', (a, b, same) => expect(sameNumber(a, b)).toBe(same));
});

describe('ids in their many forms', () => {
  it.each([
    ['00FA080001002A5F6F3480;encoding=hex', '0001002A5F6F3480'],
    ['fa080001002a5f6f3480', '0001002A5F6F3480'],
    ['00C8080001002A5F6F3480', '0001002A5F6F3480'],
    ['00001000421601123456', '0001002A5F6F3480'],
    ['0001002a5f6f3480', '0001002A5F6F3480'],
    ['hello', undefined],
    ['', undefined],
  ])('UCID %s', (text, expected) => expect(readUcid(text)).toBe(expected));

  it.each([
    ['4046258356-1456869872-2152727303-3232238110', 'f12d00b456d611f080500307c0a80a1e'],
    ['F12D00B4-56D6-11F0-8050-0307C0A80A1E', 'f12d00b456d611f080500307c0a80a1e'],
    ['00000000000000000000000000000000', undefined],
    ['9999999999-1-1-1', undefined],
  ])('GUID %s', (text, expected) => expect(readGuid(text)).toBe(expected));

  it('the two legs of a call share a key whichever half comes first (RFC 7989)', () => {
    const [a, b] = ['a'.repeat(32), 'b'.repeat(32)];
    const keys = (value: string): string[] =>
      joinKeysOf({ trunk: 't', headers: Headers.from({ 'Session-ID': value }), metadata: undefined, words: [] });
    expect(keys(`${a};remote=${b}`).toSorted()).toEqual(keys(`${b};remote=${a}`).toSorted());
    expect(keys(`${a};remote=${'0'.repeat(32)}`)).toEqual([`sipSessionID=${a}`]);
  });

  it('headers that are no id of a call join nothing', () => {
    const headers = Headers.from({
      'X-Tenant': 'example-company',
      'X-Session-Id': '1',
      'User-to-User': 'customer 4711',
    });
    expect(joinKeysOf({ trunk: 't', headers, metadata: undefined, words: [] })).toEqual([]);
  });
});

describe('join keys that are counters', () => {
  it('count within their trunk only', () => {
    expect(joinKey('gcid', '16777235', 'sbc-1')).not.toBe(joinKey('gcid', '16777235', 'sbc-2'));
    const uuid = '9c1e7a52-66d1-4c0e-8b52-1f0d9a3b7c55';
    expect(joinKey('trackingId', uuid, 'sbc-1')).toBe(joinKey('trackingId', uuid, 'sbc-2'));
  });
});

describe('parties from headers', () => {
  const parties = (from: string, to: string, uri = 'sip:rec@192.0.2.9'): (string | undefined)[] =>
    partiesFromHeaders(Headers.from({ From: from, To: to }), uri).map((one) => one.number);

  it.each([
    ['two people', '<sip:1001@x>', '<sip:2002@x>', ['1001', '2002']],
    ['To is the recorder', '<sip:1001@x>', '<sip:rec@192.0.2.9>', ['1001']],
    ['From equals To', '<sip:srs@x>', '<sip:srs@x>', []],
    ['machines', '<sip:siprec@x>', '<sip:Recorder@x>', []],
    ['anonymous', '<sip:anonymous@anonymous.invalid>', '<sip:2002@x>', ['2002']],
    ['hosts only', '<sip:192.0.2.1>', '<sip:192.0.2.2>', []],
  ])('%s', (_, from, to, expected) => expect(parties(from, to)).toEqual(expected));
});

describe('foreign text', () => {
  it('stays text without control characters, bounded', () => {
    expect(cleanText('<b>Bob</b>\u0000\u001b[31m\r\n\u202e\u2066x')).toBe('<b>Bob</b> [31m x');
    expect(cleanText('x'.repeat(1_000_000))).toHaveLength(256);
    expect(cleanText('../../etc/passwd')).toBe('../../etc/passwd');
    expect(cleanText(`${'x'.repeat(255)}😀`).isWellFormed()).toBe(true);
  });

  it('keeps ids apart however long', () => {
    const [a, b] = [cleanId(`${'i'.repeat(1_000_000)}1`), cleanId(`${'i'.repeat(1_000_000)}2`)];
    expect(a).not.toBe(b);
    expect(a.length).toBeLessThanOrEqual(128);
  });
});
