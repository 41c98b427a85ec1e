import { createCipheriv, createDecipheriv } from 'node:crypto';
import { BytePool } from '../../base/byte-pool.ts';
import { corrupt } from './format.ts';

/**
 * The payload of an age v1 file (age-encryption.org/v1, "Payload"): chunks of 64 KiB, each sealed with ChaCha20-Poly1305.
 * Nonce of a chunk = 11 bytes big-endian count, one byte that is 1 for the last. The last chunk may be short, and is
 * empty only if the whole plaintext is.
 */
export const CHUNK = 64 * 1024;
export const TAG = 16;
export const SEALED_CHUNK = CHUNK + TAG;

function nonceOf(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

/** The sealed chunk and its tag, which follow each other in the file. */
export function sealChunk(key: Buffer, index: number, last: boolean, plaintext: Uint8Array): [Buffer, Buffer] {
  const cipher = createCipheriv('chacha20-poly1305', key, nonceOf(index, last), { authTagLength: TAG });
  const body = cipher.update(plaintext);
  cipher.final();
  return [body, cipher.getAuthTag()];
}

/** @throws EarshotError SEAL_CORRUPT when the chunk is not exactly the one that was sealed at this place */
export function openChunk(key: Buffer, index: number, last: boolean, sealed: Uint8Array): Buffer {
  if (sealed.length < TAG || (last && index > 0 && sealed.length === TAG)) throw corrupt(`chunk ${index} is cut short`);
  const decipher = createDecipheriv('chacha20-poly1305', key, nonceOf(index, last), { authTagLength: TAG });
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG));
  const plaintext = decipher.update(sealed.subarray(0, sealed.length - TAG));
  try {
    decipher.final();
  } catch (error) {
    throw corrupt(`chunk ${index} was changed, cut off or moved`, error);
  }
  return plaintext;
}

/** Pieces of some streams at once, sealed or not. */
const pool = new BytePool(SEALED_CHUNK, 8);

/**
 * Cuts a stream into pieces of `size` bytes, at most {@link SEALED_CHUNK}, and says which one is the last; an empty stream is one empty piece. Each is good until the next is
 * asked for.
 */
export async function* pieces(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<{ bytes: Buffer; last: boolean }> {
  const room = pool.takeBuffer();
  try {
    yield* piecesIn(room.subarray(0, size), source);
  } finally {
    pool.give(room);
  }
}

async function* piecesIn(
  piece: Buffer,
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ bytes: Buffer; last: boolean }> {
  const size = piece.length;
  let filled = 0;
  for await (const part of source) {
    let at = 0;
    while (at < part.length) {
      // A full piece goes out only when more is there, so that the last is known as such.
      if (filled === size) {
        yield { bytes: piece, last: false };
        filled = 0;
      }
      const take = Math.min(size - filled, part.length - at);
      piece.set(part.subarray(at, at + take), filled);
      filled += take;
      at += take;
    }
  }
  yield { bytes: piece.subarray(0, filled), last: true };
}
