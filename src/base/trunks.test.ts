import { describe, expect, it } from 'vitest';
import { addressMatcher } from './address-ranges.ts';
import { demandsCertificate, PRIVATE_RANGES, readTrunks } from './trunks.ts';

describe('address ranges', () => {
  const isPrivate = addressMatcher(PRIVATE_RANGES);

  it.each([
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '127.0.0.1',
    '::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
  ])('counts %s as private', (address) => expect(isPrivate(address)).toBe(true));

  it.each(['192.0.2.1', '172.32.0.1', '2001:db8::1', '::ffff:192.0.2.1', 'recorder.example', ''])(
    'does not count %s',
    (address) => expect(isPrivate(address)).toBe(false),
  );
});

describe('headers of a trunk', () => {
  const read = (headers: unknown) => readTrunks([{ name: 'sbc', headers }])[0]?.headers;

  it('are named by what they tell', () => {
    expect(read({ override: 'X-Record', tenant: 'X-Tenant' })).toEqual({ override: 'X-Record', tenant: 'X-Tenant' });
  });

  it.each([
    [{ overide: 'X-Record' }, 'trunks[0].headers.overide'],
    [{ override: 'X Record' }, 'trunks[0].headers.override'],
    [{ override: 7 }, 'trunks[0].headers.override'],
    ['X-Record', 'trunks[0].headers'],
  ])('%j is refused, naming %s', (headers, key) => {
    expect(() => read(headers)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', key }));
  });
});

describe('what a trunk demands', () => {
  const read = (keys: object) => readTrunks([{ name: 'sbc', ...keys }])[0]!;

  it('is nothing without a word', () => {
    expect(read({})).toMatchObject({ tls: 'any', tlsCa: null, tlsName: null, srtp: 'any' });
    expect(demandsCertificate(read({ tls: 'required' }))).toBe(false);
  });

  it.each([{ tls: 'certificate' }, { tlsName: 'sbc.example.com' }, { tlsCa: '/etc/earshot/sbc-ca.pem' }])(
    'is a client certificate with %j',
    (keys) => expect(demandsCertificate(read(keys))).toBe(true),
  );

  it.each([
    [{ tls: 'yes' }, 'trunks[0].tls'],
    [{ srtp: true }, 'trunks[0].srtp'],
    [{ tlsCa: 7 }, 'trunks[0].tlsCa'],
    [{ unwanted: 'ignore' }, 'trunks[0].unwanted'],
  ])('%j is refused, naming %s', (keys, key) => {
    expect(() => read(keys)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', key }));
  });
});
