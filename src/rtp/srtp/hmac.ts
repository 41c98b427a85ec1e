import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
const DIGEST_BYTES = 20;
const FIRST_ROOM = 2048;

/**
 * HMAC-SHA1 (RFC 2104) of many small messages under one key. Two one-shot hashes over buffers that are used again cost a third of an HMAC object for
 * each packet. An instance holds one message at a time.
 */
export class HmacSha1 {
  /** Inner pad, then the message. */
  #inner: Buffer = Buffer.alloc(BLOCK_BYTES + FIRST_ROOM, 0x36);
  /** Outer pad, then the inner digest. */
  readonly #outer = Buffer.alloc(BLOCK_BYTES + DIGEST_BYTES, 0x5c);
  #length = 0;

  /** @param key at most 64 bytes */
  constructor(key: Buffer) {
    for (const [at, byte] of key.entries()) {
      this.#inner[at]! ^= byte;
      this.#outer[at]! ^= byte;
    }
  }

  /** Begins a message: the first `end` bytes, then `trailer` as 32 bits. */
  message(bytes: Buffer, end: number, trailer: number): void {
    this.#write(bytes, end, 4);
    this.trailer(trailer);
  }

  /** Changes the last 32 bits of the message that is held. */
  trailer(value: number): void {
    this.#inner.writeUInt32BE(value, this.#length - 4);
  }

  /** Begins a message of the first `end` bytes alone. */
  plain(bytes: Buffer, end: number): void {
    this.#write(bytes, end, 0);
  }

  digest(): Buffer {
    hash('sha1', this.#inner.subarray(0, this.#length), 'buffer').copy(this.#outer, BLOCK_BYTES);
    return hash('sha1', this.#outer, 'buffer');
  }

  /** Whether the digest of the message begins with the `length` bytes that stand at `at`; in constant time. */
  matches(bytes: Buffer, at: number, length: number): boolean {
    const digest = this.digest();
    let difference = 0;
    for (let index = 0; index < length; index++) difference |= digest[index]! ^ bytes[at + index]!;
    return difference === 0;
  }

  #write(bytes: Buffer, end: number, extra: number): void {
    this.#length = BLOCK_BYTES + end + extra;
    if (this.#length > this.#inner.length) {
      const larger = Buffer.alloc(2 * this.#length);
      this.#inner.copy(larger, 0, 0, BLOCK_BYTES);
      this.#inner = larger;
    }
    bytes.copy(this.#inner, BLOCK_BYTES, 0, end);
  }
}
