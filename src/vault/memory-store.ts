import { createHash } from 'node:crypto';
import { accessOf, gather, type RandomAccess } from '../seal/access.ts';
import { checkKey, GET_LIMIT, objectMissing, type Store, type StoredObject, type Written } from './store.ts';

/** A store that forgets, for tests. */
export class MemoryStore implements Store {
  readonly #objects = new Map<string, { bytes: Buffer; at: number }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  async put(key: string, stream: AsyncIterable<Uint8Array>): Promise<Written> {
    checkKey(key);
    const bytes = await gather(stream, Number.MAX_SAFE_INTEGER);
    this.#objects.set(key, { bytes, at: this.#now() });
    return { bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
  }

  async createIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    if (this.#objects.has(checkKey(key))) return false;
    this.#objects.set(key, { bytes: Buffer.from(bytes), at: this.#now() });
    return true;
  }

  async open(key: string): Promise<RandomAccess> {
    return accessOf(this.#find(key));
  }

  async get(key: string, limit = GET_LIMIT): Promise<Buffer> {
    const bytes = this.#find(key);
    if (bytes.length > limit) throw new RangeError(`${key} is longer than ${limit} bytes`);
    return Buffer.from(bytes);
  }

  async delete(key: string): Promise<boolean> {
    return this.#objects.delete(checkKey(key));
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    for (const [key, { bytes, at }] of this.#objects) {
      if (key.startsWith(prefix)) yield { key, size: bytes.length, modifiedAt: at };
    }
  }

  async exists(key: string): Promise<boolean> {
    return this.#objects.has(checkKey(key));
  }

  #find(key: string): Buffer {
    const found = this.#objects.get(checkKey(key));
    if (found === undefined) throw objectMissing(key);
    return found.bytes;
  }
}
