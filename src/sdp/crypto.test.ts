import { assert, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseCrypto, readCrypto, writeCrypto } from './crypto.ts';

const KEY = Buffer.alloc(30, 5).toString('base64');
const KEY_46 = Buffer.alloc(44, 5).toString('base64');
const bytes = (suite: string): number | undefined =>
  ({ AES_CM_128_HMAC_SHA1_80: 30, AES_CM_128_HMAC_SHA1_32: 30, AEAD_AES_256_GCM: 44 })[suite];

describe('an a=crypto line', () => {
  it('is read with lifetime, MKI and several keys', () => {
    const line = readCrypto(
      `12 AES_CM_128_HMAC_SHA1_80 inline:${KEY}|2^20|1:4;inline:${KEY}|1048576|258:4 WSH=128 -x=1`,
    );
    expect(line).toMatchObject({ tag: '12', suite: 'AES_CM_128_HMAC_SHA1_80', sessionParameters: ['WSH=128', '-x=1'] });
    expect(line?.keys.map(({ mki }) => mki.toString('hex'))).toEqual(['00000001', '00000102']);
    expect(line?.keys[1]?.keyAndSalt).toEqual(Buffer.alloc(30, 5));
  });

  it('is read with an MKI and no lifetime, and without either', () => {
    expect(readCrypto(`1 X inline:${KEY}|66051:3`)?.keys[0]?.mki).toEqual(Buffer.from([1, 2, 3]));
    expect(readCrypto(`1 X inline:${KEY}`)?.keys[0]?.mki).toHaveLength(0);
  });

  it.each([
    ['no tag', `AES_CM_128_HMAC_SHA1_80 inline:${KEY}`],
    ['no key', '1 AES_CM_128_HMAC_SHA1_80'],
    ['a key that is not inline', `1 AES_CM_128_HMAC_SHA1_80 uri:${KEY}`],
    ['a key that is not base64', '1 AES_CM_128_HMAC_SHA1_80 inline:????'],
    ['an MKI that does not fit its length', `1 X inline:${KEY}|256:1`],
    ['an MKI of no length', `1 X inline:${KEY}|1:0`],
    ['an MKI of endless length', `1 X inline:${KEY}|1:129`],
    ['keys that cannot be told apart', `1 X inline:${KEY};inline:${KEY}`],
    ['MKIs of two lengths', `1 X inline:${KEY}|1:1;inline:${KEY}|2:2`],
    ['a lifetime that is none', `1 X inline:${KEY}|soon`],
  ])('with %s is none', (_what, value) => expect(readCrypto(value)).toBe(null));

  it('never throws', () => {
    assert(
      property(string({ maxLength: 60 }), (text) => {
        for (const value of [text, `1 X inline:${KEY}${text}`]) {
          const line = readCrypto(value);
          expect(line === null || line.keys.length > 0).toBe(true);
        }
      }),
    );
  });

  it('is read back as it was written', () => {
    const line = readCrypto(writeCrypto('3', 'AEAD_AES_256_GCM', Buffer.alloc(44, 1)));
    expect(line).toMatchObject({ tag: '3', suite: 'AEAD_AES_256_GCM' });
    expect(line?.keys).toEqual([{ keyAndSalt: Buffer.alloc(44, 1), mki: Buffer.alloc(0) }]);
  });
});

describe('the choice among offered lines', () => {
  it('is the first that can be taken, in the order of the offer', () => {
    const offered = [
      `1 AES_256_CM_HMAC_SHA1_80 inline:${KEY}`,
      `4 AES_CM_128_HMAC_SHA1_32 inline:${KEY}`,
      `2 AES_CM_128_HMAC_SHA1_80 inline:${KEY}`,
    ];
    expect(chooseCrypto(offered, bytes)?.tag).toBe('4');
  });

  it('knows suites in small letters and keys without padding', () => {
    expect(chooseCrypto([`1 aead_aes_256_gcm inline:${KEY_46.replace(/=+$/, '')}`], bytes)?.tag).toBe('1');
  });

  it.each(['UNENCRYPTED_SRTP', 'UNENCRYPTED_SRTCP', 'UNAUTHENTICATED_SRTP', 'KDR=1', 'FEC_ORDER=SRTP_FEC', 'NEW=1'])(
    'passes over a line that asks for %s',
    (parameter) => {
      const line = `AES_CM_128_HMAC_SHA1_80 inline:${KEY}`;
      expect(chooseCrypto([`1 ${line} ${parameter}`], bytes)).toBe(null);
      expect(chooseCrypto([`1 ${line} ${parameter}`, `2 ${line} WSH=64`], bytes)?.tag).toBe('2');
    },
  );

  it('passes over keys of another length', () => {
    expect(chooseCrypto([`1 AEAD_AES_256_GCM inline:${KEY}`, '2 AES_CM_128_HMAC_SHA1_80 inline:c2hvcnQ='], bytes)).toBe(
      null,
    );
  });
});
