import { describe, expect, it } from 'vitest';
import { KeyStream } from './counter-mode.ts';
import { GcmKey } from './gcm.ts';
import { deriveSessionKeys } from './keys.ts';
import { protectionBy } from './protection.ts';
import { srtpSuite } from './suites.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const suite = srtpSuite('AES_CM_128_HMAC_SHA1_80')!;
const MASTER = hex('e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6');

describe('RFC 3711, appendix B', () => {
  it('B.2: the key stream of AES counter mode, its first and its last blocks', () => {
    const stream = new KeyStream(hex('2b7e151628aed2a6abf7158809cf4f3c'), hex('f0f1f2f3f4f5f6f7f8f9fafbfcfd'));
    const bytes = Buffer.alloc(0xff02 * 16);
    stream.apply(bytes, 0, bytes.length, 0, 0, 0);
    expect(bytes.subarray(0, 48)).toEqual(
      hex('e03ead0935c95e80e166b16dd92b4eb4 d23513162b02d0f72a43a2fe4a5f97ab 41e95b3bb0a2e8dd477901e4fca894c0'),
    );
    expect(bytes.subarray(0xfeff * 16)).toEqual(
      hex('ec8cdf7398607cb0f2d21675ea9ea1e4 362b7c3c6773516318a077d7fc5073ae 6a2cc3787889374fbeb4c81b17ba6c44'),
    );
  });

  it('B.3: the derivation of session keys', () => {
    const keys = deriveSessionKeys(suite, MASTER, 'rtp');
    expect(keys.cipher).toEqual(hex('c61e7a93744f39ee10734afe3ff7a087'));
    expect(keys.salt).toEqual(hex('30cbbc08863d8c85d49db34a9ae1'));
    expect(keys.auth).toEqual(hex('cebe321f6ff7716b6fd4ab49af256a156d38baa4'));
  });
});

/** Packets that other implementations have published for the keys of RFC 3711, B.3. */
describe('AES_CM_128_HMAC_SHA1_80 on the wire', () => {
  const transform = protectionBy(suite, { keyAndSalt: MASTER, mki: Buffer.alloc(0) });

  it('of an RTP packet', () => {
    const plain = hex('800f1234decafbadcafebabe abababababababababababababababab');
    const wire = hex('800f1234decafbadcafebabe 4e55dc4ce79978d88ca4d215949d2402 b78d6acc99ea179b8dbb');
    const bytes = Buffer.concat([plain, Buffer.alloc(10)]);
    expect(transform.sealRtp(bytes, 12, plain.length, 0xcafebabe, 0, 0x1234)).toBe(wire.length);
    expect(bytes).toEqual(wire);
    expect(transform.openRtp(bytes, 12, bytes.length, 0xcafebabe, 0, 0x1234)).toBe(plain.length);
    expect(bytes.subarray(0, plain.length)).toEqual(plain);
  });

  it('of an RTCP packet', () => {
    const plain = hex('81c8000bcafebabe abababababababababababababababab');
    const wire = hex('81c8000bcafebabe 7128035be487b9bdbef89041f977a5a8 80000001 993e08cd54d6c1230798');
    const bytes = Buffer.concat([plain, Buffer.alloc(14)]);
    expect(transform.sealRtcp(bytes, plain.length, 1)).toBe(wire.length);
    expect(bytes).toEqual(wire);
    expect(transform.openRtcp(bytes, bytes.length)).toBe(plain.length);
    expect(bytes.subarray(0, plain.length)).toEqual(plain);
  });
});

/** The vectors give session keys, so that they meet the cipher below the derivation. */
describe.each([
  {
    name: 'RFC 7714, 16.1 and 17.1: AEAD_AES_128_GCM',
    key: '000102030405060708090a0b0c0d0e0f',
    rtp: 'f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833 899d7f27beb16a9152cf765ee4390cce',
    rtcp: '63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275b c84aa45896cf4d2fc5abf87245d9eade',
  },
  {
    name: 'RFC 7714, 16.2 and 17.2: AEAD_AES_256_GCM',
    key: '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f',
    rtp: '32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b 7aa3db36dfffd6b0f9bb7878d7a76c13',
    rtcp: 'd50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad 1d1eb30c4446839f57ff6f6cb26ac3be',
  },
])('$name', (vector) => {
  const key = new GcmKey(hex(vector.key), hex('517569642070726f2071756f'));

  it.each([
    {
      packet: 'RTP',
      head: hex('8040f17b8041f8d35501a0b2'),
      aad: hex('8040f17b8041f8d35501a0b2'),
      plain: Buffer.from('Gallia est omnis divisa in partes tres'),
      wire: hex(vector.rtp),
      ssrc: 0x5501a0b2,
      low: 0xf17b,
      iv: '51753c6580c2726f20718414',
    },
    {
      packet: 'RTCP',
      head: hex('81c8000d4d617273'),
      aad: hex('81c8000d4d617273 800005d4'),
      plain: hex('4e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef'),
      wire: hex(vector.rtcp),
      ssrc: 0x4d617273,
      low: 0x05d4,
      iv: '517524055203726f207170bb',
    },
  ])('$packet', ({ head, aad, plain, wire, ssrc, low, iv }) => {
    expect(key.iv(ssrc, 0, low).toString('hex')).toBe(iv);
    const bytes = Buffer.concat([head, plain, Buffer.alloc(16)]);
    key.seal(bytes, head.length, bytes.length - 16, aad, key.iv(ssrc, 0, low));
    expect(bytes.subarray(head.length)).toEqual(wire);
    expect(key.open(bytes, head.length, bytes.length - 16, aad, key.iv(ssrc, 0, low))).toBe(true);
    expect(bytes.subarray(head.length, bytes.length - 16)).toEqual(plain);
  });

  it('a changed byte anywhere is found, and nothing is decrypted', () => {
    const head = hex('8040f17b8041f8d35501a0b2');
    for (let at = 0; at < vector.rtp.length / 2; at++) {
      const bytes = Buffer.concat([head, hex(vector.rtp)]);
      if (at >= bytes.length) break;
      bytes[at]! ^= 1;
      const before = Buffer.from(bytes);
      expect(key.open(bytes, 12, bytes.length - 16, bytes.subarray(0, 12), key.iv(0x5501a0b2, 0, 0xf17b))).toBe(false);
      expect(bytes).toEqual(before);
    }
  });
});
