import { createCipheriv } from 'node:crypto';
import { masterBytes, srtpSuite, type SrtpSuite } from './suites.ts';

/** A master key and its salt, one after the other, as `inline:` has them. */
export interface MasterKey {
  readonly keyAndSalt: Buffer;
  /** Master key identifier as it stands in the packets; empty = none. Of equal length for all keys of a set. */
  readonly mki: Buffer;
}

/** What one side of a stream protects its packets with. */
export interface SrtpKeys {
  readonly suite: SrtpSuite;
  /** At least one. */
  readonly masters: readonly MasterKey[];
}

/** What packets are really encrypted and authenticated with; `auth` is empty for AEAD. */
export interface SessionKeys {
  readonly cipher: Buffer;
  readonly auth: Buffer;
  readonly salt: Buffer;
}

/** Labels of the key derivation (RFC 3711 §4.3.2): cipher, authentication, salt. */
const LABELS = { rtp: [0, 1, 2], rtcp: [3, 4, 5] } as const;
const AUTH_BYTES = 20;
const PRF_SALT_BYTES = 14;

/** Derives the session keys with a key derivation rate of zero: once for all packets (RFC 3711 §4.3, RFC 7714 §11). */
export function deriveSessionKeys(suite: SrtpSuite, keyAndSalt: Buffer, packets: 'rtp' | 'rtcp'): SessionKeys {
  const key = keyAndSalt.subarray(0, suite.keyBytes);
  // A salt of 96 bits is used as one of 112 whose last bits are zero (RFC 7714 §11).
  const salt = Buffer.alloc(PRF_SALT_BYTES);
  keyAndSalt.copy(salt, 0, suite.keyBytes, masterBytes(suite));
  const [cipher, auth, sessionSalt] = LABELS[packets];
  return {
    cipher: derive(key, salt, cipher, suite.keyBytes),
    auth: suite.aead ? Buffer.alloc(0) : derive(key, salt, auth, AUTH_BYTES),
    salt: derive(key, salt, sessionSalt, suite.saltBytes),
  };
}

/** AES-CM as a pseudo-random function (RFC 3711 §4.3.3; with 256 bits RFC 6188 §3). */
function derive(key: Buffer, salt: Buffer, label: number, bytes: number): Buffer {
  const counter = Buffer.alloc(16);
  salt.copy(counter);
  counter[7]! ^= label;
  return createCipheriv(`aes-${key.length * 8}-ctr`, key, counter).update(Buffer.alloc(bytes));
}

/** The keys as bytes, to be sealed. */
export function packKeys({ suite, masters }: SrtpKeys): Buffer {
  const keys = masters.map(({ keyAndSalt, mki }) => [keyAndSalt.toString('base64'), mki.toString('base64')]);
  return Buffer.from(JSON.stringify([suite.name, keys]));
}

/** @returns null when it is not what {@link packKeys} made */
export function unpackKeys(bytes: Buffer): SrtpKeys | null {
  try {
    const [name, keys] = JSON.parse(bytes.toString()) as [string, [string, string][]];
    const suite = srtpSuite(name);
    if (suite === undefined || keys.length === 0) return null;
    const masters = keys.map(([key, mki]) => ({
      keyAndSalt: Buffer.from(key, 'base64'),
      mki: Buffer.from(mki, 'base64'),
    }));
    return masters.every(({ keyAndSalt }) => keyAndSalt.length === masterBytes(suite)) ? { suite, masters } : null;
  } catch {
    return null;
  }
}

export function sameKeys(a: SrtpKeys, b: SrtpKeys): boolean {
  return packKeys(a).equals(packKeys(b));
}
