import { createCipheriv, createDecipheriv, createSecretKey, type CipherGCMTypes, type KeyObject } from 'node:crypto';
import { deriveSessionKeys, type MasterKey } from './keys.ts';
import type { SrtpSuite } from './suites.ts';
import { NOT_AUTHENTIC, RTCP_CLEAR_BYTES, RTCP_ENCRYPTED, RTCP_INDEX_BYTES, type SrtpTransform } from './transform.ts';

const TAG = { authTagLength: 16 } as const;
const TAG_BYTES = TAG.authTagLength;
const IV_BYTES = 12;

/** A session key with the salt that its initialization vectors are made from. */
export class GcmKey {
  readonly #key: KeyObject;
  readonly #salt: Buffer;
  readonly #type: CipherGCMTypes;
  readonly #iv = Buffer.alloc(IV_BYTES);

  constructor(key: Buffer, salt: Buffer) {
    this.#key = createSecretKey(key);
    this.#salt = salt;
    this.#type = key.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
  }

  /** Checks `[from, end)` and the tag behind it, and decrypts in place. */
  open(bytes: Buffer, from: number, end: number, aad: Buffer, iv: Buffer): boolean {
    const decipher = createDecipheriv(this.#type, this.#key, iv, TAG);
    decipher.setAAD(aad);
    decipher.setAuthTag(bytes.subarray(end, end + TAG_BYTES));
    const plain = decipher.update(bytes.subarray(from, end));
    try {
      decipher.final();
    } catch {
      return false;
    }
    plain.copy(bytes, from);
    return true;
  }

  /** Encrypts `[from, end)` in place and writes the tag behind it. */
  seal(bytes: Buffer, from: number, end: number, aad: Buffer, iv: Buffer): void {
    const cipher = createCipheriv(this.#type, this.#key, iv, TAG);
    cipher.setAAD(aad);
    cipher.update(bytes.subarray(from, end)).copy(bytes, from);
    cipher.final();
    cipher.getAuthTag().copy(bytes, end);
  }

  /** 16 zero bits, SSRC, 48 bits of index; with the salt (RFC 7714 §8.1, §9.1). Valid until the next one. */
  iv(ssrc: number, high: number, low: number): Buffer {
    const iv = this.#iv;
    this.#salt.copy(iv);
    iv.writeUInt32BE((iv.readUInt32BE(2) ^ ssrc) >>> 0, 2);
    iv.writeUInt32BE((iv.readUInt32BE(6) ^ high) >>> 0, 6);
    iv.writeUInt16BE(iv.readUInt16BE(10) ^ low, 10);
    return iv;
  }
}

/** AEAD_AES_128_GCM and _256_GCM (RFC 7714): header as additional data, the tag behind the payload, the MKI last. */
export class GcmTransform implements SrtpTransform {
  readonly #mki: Buffer;
  readonly #rtp: GcmKey;
  readonly #rtcp: GcmKey;

  constructor(suite: SrtpSuite, { keyAndSalt, mki }: MasterKey) {
    const key = (packets: 'rtp' | 'rtcp') => {
      const { cipher, salt } = deriveSessionKeys(suite, keyAndSalt, packets);
      return new GcmKey(cipher, salt);
    };
    this.#mki = mki;
    this.#rtp = key('rtp');
    this.#rtcp = key('rtcp');
  }

  mkiAt(end: number): number {
    return end - this.#mki.length;
  }

  rtcpIndexAt(end: number): number {
    return this.mkiAt(end) - RTCP_INDEX_BYTES;
  }

  openRtp(bytes: Buffer, from: number, end: number, ssrc: number, roc: number, sequence: number): number {
    const stop = this.mkiAt(end) - TAG_BYTES;
    if (stop < from) return NOT_AUTHENTIC;
    const iv = this.#rtp.iv(ssrc, roc, sequence);
    return this.#rtp.open(bytes, from, stop, bytes.subarray(0, from), iv) ? stop : NOT_AUTHENTIC;
  }

  sealRtp(bytes: Buffer, from: number, end: number, ssrc: number, roc: number, sequence: number): number {
    this.#rtp.seal(bytes, from, end, bytes.subarray(0, from), this.#rtp.iv(ssrc, roc, sequence));
    const at = end + TAG_BYTES;
    return at + this.#mki.copy(bytes, at);
  }

  openRtcp(bytes: Buffer, end: number): number {
    const wordAt = this.rtcpIndexAt(end);
    const stop = wordAt - TAG_BYTES;
    if (stop < RTCP_CLEAR_BYTES) return NOT_AUTHENTIC;
    const word = bytes.readUInt32BE(wordAt);
    return openGcmRtcp(this.#rtcp, bytes, stop, word) ? stop : NOT_AUTHENTIC;
  }

  sealRtcp(bytes: Buffer, end: number, index: number): number {
    const word = RTCP_ENCRYPTED + index;
    this.#rtcp.seal(
      bytes,
      RTCP_CLEAR_BYTES,
      end,
      rtcpData(bytes, RTCP_CLEAR_BYTES, word),
      rtcpIv(this.#rtcp, bytes, index),
    );
    const at = bytes.writeUInt32BE(word, end + TAG_BYTES);
    return at + this.#mki.copy(bytes, at);
  }
}

/** Of a packet that is not encrypted everything is additional data (RFC 7714 §9.3). */
function openGcmRtcp(key: GcmKey, bytes: Buffer, stop: number, word: number): boolean {
  const isEncrypted = word >= RTCP_ENCRYPTED;
  const from = isEncrypted ? RTCP_CLEAR_BYTES : stop;
  const iv = rtcpIv(key, bytes, isEncrypted ? word - RTCP_ENCRYPTED : word);
  return key.open(bytes, from, stop, rtcpData(bytes, from, word), iv);
}

function rtcpIv(key: GcmKey, bytes: Buffer, index: number): Buffer {
  return key.iv(bytes.readUInt32BE(4), index >>> 16, index & 0xffff);
}

/** Additional data: what stays readable, then E bit and index. */
function rtcpData(bytes: Buffer, clear: number, word: number): Buffer {
  const data = Buffer.allocUnsafe(clear + RTCP_INDEX_BYTES);
  bytes.copy(data, 0, 0, clear);
  data.writeUInt32BE(word, clear);
  return data;
}
