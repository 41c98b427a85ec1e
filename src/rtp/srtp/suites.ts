/**
 * Crypto suites (RFC 4568 §6.2, RFC 7714 §14.1), lengths in bytes. The tag of SRTCP under AES_CM_128_HMAC_SHA1_32 has 80 bits all the same (RFC 4568 §6.2.2).
 */
export interface SrtpSuite {
  readonly name: SrtpSuiteName;
  /** AES-GCM; else AES counter mode with HMAC-SHA1. */
  readonly aead: boolean;
  readonly keyBytes: 16 | 32;
  readonly saltBytes: 12 | 14;
  readonly rtpTagBytes: number;
  readonly rtcpTagBytes: number;
}

export type SrtpSuiteName =
  'AES_CM_128_HMAC_SHA1_80' | 'AES_CM_128_HMAC_SHA1_32' | 'AEAD_AES_128_GCM' | 'AEAD_AES_256_GCM';

const SUITES: Readonly<Record<string, SrtpSuite>> = Object.fromEntries(
  [
    counterMode('AES_CM_128_HMAC_SHA1_80', 10),
    counterMode('AES_CM_128_HMAC_SHA1_32', 4),
    galois('AEAD_AES_128_GCM', 16),
    galois('AEAD_AES_256_GCM', 32),
  ].map((suite) => [suite.name, suite]),
);

function counterMode(name: SrtpSuiteName, rtpTagBytes: number): SrtpSuite {
  return { name, aead: false, keyBytes: 16, saltBytes: 14, rtpTagBytes, rtcpTagBytes: 10 };
}

function galois(name: SrtpSuiteName, keyBytes: 16 | 32): SrtpSuite {
  return { name, aead: true, keyBytes, saltBytes: 12, rtpTagBytes: 16, rtcpTagBytes: 16 };
}

/** Undefined for one that we do not do. */
export function srtpSuite(name: string): SrtpSuite | undefined {
  return Object.hasOwn(SUITES, name) ? SUITES[name] : undefined;
}

/** What `inline:` of a crypto attribute must decode to: master key and salt. */
export function masterBytes(suite: SrtpSuite): number {
  return suite.keyBytes + suite.saltBytes;
}
