import { createCipheriv, createSecretKey, type Cipheriv } from 'node:crypto';
import { HmacSha1 } from './hmac.ts';
import { deriveSessionKeys, type MasterKey, type SessionKeys } from './keys.ts';
import type { SrtpSuite } from './suites.ts';
import { NOT_AUTHENTIC, RTCP_CLEAR_BYTES, RTCP_ENCRYPTED, RTCP_INDEX_BYTES, type SrtpTransform } from './transform.ts';

const BLOCK_BYTES = 16;
const BLOCKS = 128;

/**
 * AES in counter mode (RFC 3711 §4.1.1). The counter blocks of a packet go through one long-lived block cipher at once, which is what counter mode is made of: a
 * cipher object for each packet costs twice as much.
 */
export class KeyStream {
  readonly #blocks: Cipheriv;
  readonly #salt: Buffer;
  readonly #counters = Buffer.alloc(BLOCKS * BLOCK_BYTES);

  constructor(key: Buffer, salt: Buffer) {
    this.#blocks = createCipheriv('aes-128-ecb', createSecretKey(key), null).setAutoPadding(false);
    this.#salt = Buffer.alloc(BLOCK_BYTES);
    salt.copy(this.#salt);
  }

  /**
   * Encrypts or decrypts in place.
   * @param high upper 32 bits of the packet's 48-bit index
   * @param low its lower 16 bits
   */
  apply(bytes: Buffer, from: number, end: number, ssrc: number, high: number, low: number): void {
    const first = this.#counters;
    this.#salt.copy(first);
    first.writeUInt32BE((first.readUInt32BE(4) ^ ssrc) >>> 0, 4);
    first.writeUInt32BE((first.readUInt32BE(8) ^ high) >>> 0, 8);
    first.writeUInt16BE(first.readUInt16BE(12) ^ low, 12);
    let at = from;
    for (let block = 0; at < end; block += BLOCKS) {
      const count = Math.min(BLOCKS, Math.ceil((end - at) / BLOCK_BYTES));
      const stream = this.#blocks.update(this.#count(block, count));
      const stop = Math.min(end, at + stream.length);
      for (let index = 0; at < stop; at++, index++) bytes[at]! ^= stream[index]!;
    }
  }

  /** `count` counter blocks from number `block` on; the number stands in the last 16 bits, which the salt leaves free. */
  #count(block: number, count: number): Buffer {
    const counters = this.#counters;
    for (let index = 0; index < count; index++) {
      const at = index * BLOCK_BYTES;
      if (index > 0) counters.copyWithin(at, 0, BLOCK_BYTES);
      counters[at + 14] = (block + index) >> 8;
      counters[at + 15] = block + index;
    }
    return counters.subarray(0, count * BLOCK_BYTES);
  }
}

interface Half {
  readonly stream: KeyStream;
  readonly hmac: HmacSha1;
}

function half({ cipher, auth, salt }: SessionKeys): Half {
  return { stream: new KeyStream(cipher, salt), hmac: new HmacSha1(auth) };
}

/** AES_CM_128_HMAC_SHA1_80 and _32 (RFC 3711 §4.1, §4.2). The tag covers all but MKI and itself, and for RTP the rollover counter. */
export class CounterModeTransform implements SrtpTransform {
  readonly #suite: SrtpSuite;
  readonly #mki: Buffer;
  readonly #rtp: Half;
  readonly #rtcp: Half;

  constructor(suite: SrtpSuite, { keyAndSalt, mki }: MasterKey) {
    this.#suite = suite;
    this.#mki = mki;
    this.#rtp = half(deriveSessionKeys(suite, keyAndSalt, 'rtp'));
    this.#rtcp = half(deriveSessionKeys(suite, keyAndSalt, 'rtcp'));
  }

  mkiAt(end: number, packets: 'rtp' | 'rtcp'): number {
    const tag = packets === 'rtp' ? this.#suite.rtpTagBytes : this.#suite.rtcpTagBytes;
    return end - tag - this.#mki.length;
  }

  rtcpIndexAt(end: number): number {
    return this.mkiAt(end, 'rtcp') - RTCP_INDEX_BYTES;
  }

  openRtp(bytes: Buffer, from: number, end: number, ssrc: number, roc: number, sequence: number): number {
    const stop = this.mkiAt(end, 'rtp');
    if (stop < from) return NOT_AUTHENTIC;
    const { hmac, stream } = this.#rtp;
    hmac.message(bytes, stop, roc);
    if (!hmac.matches(bytes, end - this.#suite.rtpTagBytes, this.#suite.rtpTagBytes)) return NOT_AUTHENTIC;
    stream.apply(bytes, from, stop, ssrc, roc, sequence);
    return stop;
  }

  sealRtp(bytes: Buffer, from: number, end: number, ssrc: number, roc: number, sequence: number): number {
    const { hmac, stream } = this.#rtp;
    stream.apply(bytes, from, end, ssrc, roc, sequence);
    hmac.message(bytes, end, roc);
    const at = end + this.#mki.copy(bytes, end);
    return at + hmac.digest().copy(bytes, at, 0, this.#suite.rtpTagBytes);
  }

  openRtcp(bytes: Buffer, end: number): number {
    const wordAt = this.rtcpIndexAt(end);
    if (wordAt < RTCP_CLEAR_BYTES) return NOT_AUTHENTIC;
    const { hmac, stream } = this.#rtcp;
    hmac.plain(bytes, wordAt + RTCP_INDEX_BYTES);
    if (!hmac.matches(bytes, end - this.#suite.rtcpTagBytes, this.#suite.rtcpTagBytes)) return NOT_AUTHENTIC;
    const word = bytes.readUInt32BE(wordAt);
    if (word >= RTCP_ENCRYPTED) this.#cipherRtcp(stream, bytes, wordAt, word - RTCP_ENCRYPTED);
    return wordAt;
  }

  sealRtcp(bytes: Buffer, end: number, index: number): number {
    const { hmac, stream } = this.#rtcp;
    this.#cipherRtcp(stream, bytes, end, index);
    const wordEnd = bytes.writeUInt32BE(RTCP_ENCRYPTED + index, end);
    hmac.plain(bytes, wordEnd);
    const at = wordEnd + this.#mki.copy(bytes, wordEnd);
    return at + hmac.digest().copy(bytes, at, 0, this.#suite.rtcpTagBytes);
  }

  /** The SRTCP index stands where the packet index of RTP has its lower 32 bits (RFC 3711 §4.1.1). */
  #cipherRtcp(stream: KeyStream, bytes: Buffer, end: number, index: number): void {
    stream.apply(bytes, RTCP_CLEAR_BYTES, end, bytes.readUInt32BE(4), index >>> 16, index & 0xffff);
  }
}
