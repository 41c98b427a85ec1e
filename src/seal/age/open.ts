import { timingSafeEqual } from 'node:crypto';
import { EarshotError } from '../../base/errors.ts';
import type { RandomAccess } from '../access.ts';
import { accessOf } from '../access.ts';
import { corrupt, type Header, HEADER_LIMIT, parseHeader } from './format.ts';
import type { Identity } from './recipients.ts';
import { headerMac, NONCE, payloadKey } from './seal.ts';
import { CHUNK, openChunk, pieces, SEALED_CHUNK, TAG } from './stream.ts';

/** Enough for the header of five RSA recipients in one read. */
const FIRST_READ = 4096;

/**
 * Opens an age v1 file for reads at any place. A read fetches and authenticates just the chunks it touches. The last
 * chunk is opened at once: its flag and place prove that nothing was cut off.
 * @throws EarshotError SEAL_CORRUPT; KEY_MISSING when it is sealed to other keys
 */
export async function openAge(identity: Identity | readonly Identity[], sealed: RandomAccess): Promise<RandomAccess> {
  const header = await readHeader(sealed);
  const fileKey = unwrap(identity, header);
  const start = header.length + NONCE;
  const nonce = await exactly(sealed, header.length, NONCE);
  const bytes = sealed.size - start;
  const count = Math.max(1, Math.ceil(bytes / SEALED_CHUNK));
  const size = bytes - count * TAG;
  if (size < 0) throw corrupt('it ends too early');
  const chunks = new Chunks(sealed, payloadKey(fileKey, nonce), start, count);
  await chunks.range(count - 1, count - 1);
  return {
    size,
    async read(offset, length) {
      const end = Math.min(size, offset + length);
      if (offset < 0 || offset >= end) return Buffer.alloc(0);
      const first = Math.floor(offset / CHUNK);
      const plain = await chunks.range(first, Math.floor((end - 1) / CHUNK));
      return plain.subarray(offset - first * CHUNK, end - first * CHUNK);
    },
    close: () => sealed.close(),
  };
}

/** The plaintext of sealed bytes in memory. @throws as {@link openAge} */
export async function openBytes(identity: Identity | readonly Identity[], sealed: Uint8Array): Promise<Buffer> {
  const access = await openAge(identity, accessOf(sealed));
  return Buffer.from(await access.read(0, access.size));
}

/** Opens chunks of one file and keeps the last one: a player asks for many small pieces of the same. */
class Chunks {
  readonly #sealed: RandomAccess;
  readonly #key: Buffer;
  readonly #start: number;
  readonly #count: number;
  #kept: { index: number; plain: Buffer } | null = null;

  constructor(sealed: RandomAccess, key: Buffer, start: number, count: number) {
    this.#sealed = sealed;
    this.#key = key;
    this.#start = start;
    this.#count = count;
  }

  /** Plaintext of the chunks `first` to `last`, inclusive, in one fetch. */
  async range(first: number, last: number): Promise<Buffer> {
    if (first === last && this.#kept?.index === first) return this.#kept.plain;
    const from = this.#start + first * SEALED_CHUNK;
    const to = last === this.#count - 1 ? this.#sealed.size : from + (last - first + 1) * SEALED_CHUNK;
    const sealed = await exactly(this.#sealed, from, to - from);
    const plain: Buffer[] = [];
    for (let index = first; index <= last; index++) {
      const at = (index - first) * SEALED_CHUNK;
      plain.push(openChunk(this.#key, index, index === this.#count - 1, sealed.subarray(at, at + SEALED_CHUNK)));
    }
    this.#kept = { index: last, plain: plain.at(-1) ?? Buffer.alloc(0) };
    return plain.length === 1 ? this.#kept.plain : Buffer.concat(plain);
  }
}

/**
 * Opens an age v1 file as it comes. Plaintext that was yielded is authentic, but complete only when the generator ends without an error.
 * @throws as {@link openAge}
 */
export async function* openStream(
  identity: Identity | readonly Identity[],
  sealed: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const source = sealed[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  let header: Header | null = null;
  while (header === null || head.length < header.length + NONCE) {
    const part = await source.next();
    if (part.done === true) throw corrupt('it ends too early');
    head = Buffer.concat([head, part.value]);
    header ??= parseHeader(head);
  }
  const start = header.length + NONCE;
  const key = payloadKey(unwrap(identity, header), head.subarray(header.length, start));
  let index = 0;
  for await (const piece of pieces(rest(head.subarray(start), source), SEALED_CHUNK)) {
    const plain = openChunk(key, index++, piece.last, piece.bytes);
    if (plain.length > 0) yield plain;
  }
}

async function* rest(head: Buffer, source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield head;
  try {
    for (let part = await source.next(); part.done !== true; part = await source.next()) yield part.value;
  } finally {
    await source.return?.();
  }
}

async function readHeader(sealed: RandomAccess): Promise<Header> {
  for (let length = FIRST_READ; ; length *= 4) {
    const wanted = Math.min(length, HEADER_LIMIT, sealed.size);
    const header = parseHeader(Buffer.from(await exactly(sealed, 0, wanted)));
    if (header !== null) return header;
    if (wanted === sealed.size) throw corrupt('it ends too early');
  }
}

/** @throws EarshotError KEY_MISSING, SEAL_CORRUPT (MAC) */
function unwrap(identity: Identity | readonly Identity[], header: Header): Buffer {
  const identities = 'unwrap' in identity ? [identity] : identity;
  for (const one of identities) {
    for (const stanza of header.stanzas) {
      const fileKey = one.unwrap(stanza);
      if (fileKey === null) continue;
      if (!timingSafeEqual(headerMac(fileKey, header.covered), header.mac)) throw corrupt('its header was changed');
      return fileKey;
    }
  }
  throw new EarshotError('KEY_MISSING', 'the object is sealed to a key that is not here.', {
    remedy: 'Import the certificate and key it was sealed to (`earshot keys import`).',
  });
}

async function exactly(source: RandomAccess, offset: number, length: number): Promise<Buffer> {
  const bytes = length < 0 ? Buffer.alloc(0) : await source.read(offset, length);
  if (length < 0 || bytes.length !== length) throw corrupt('it ends too early');
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
