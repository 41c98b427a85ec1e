const CHUNK_BYTES = 1024 * 1024;
/** What a second of a thousand calls takes, and a half more; after a stall of the disk the rest goes back. */
const MOST_SPARE = 24;

/** A piece of memory that records wait in for the disk, one behind the other. */
export class Chunk {
  readonly bytes: Buffer;
  used = 0;
  /** Of its records, those that are not on the disk. */
  waiting = 0;
  /** A file that failed may still be reading it: it is not used again. */
  isSpoilt = false;

  constructor(bytes: number) {
    this.bytes = Buffer.allocUnsafeSlow(bytes);
  }
}

/**
 * Memory for sealed records, used again and again. A buffer for each record lives for half a second, long enough to grow old for the garbage collector, which
 * then goes through everything several times a second.
 */
export class ChunkPool {
  #current = new Chunk(CHUNK_BYTES);
  readonly #spare: Chunk[] = [];

  /** A chunk with room for so many bytes behind those that are used; they are used from now on. */
  take(bytes: number): Chunk {
    if (this.#current.used + bytes > this.#current.bytes.length) {
      this.#giveBack(this.#current);
      // What is larger than others gets a chunk of its own size, for once.
      this.#current = bytes > CHUNK_BYTES ? new Chunk(bytes) : (this.#spare.pop() ?? new Chunk(CHUNK_BYTES));
    }
    const chunk = this.#current;
    chunk.used += bytes;
    chunk.waiting++;
    return chunk;
  }

  /** One of its records needs it no more. */
  release(chunk: Chunk): void {
    chunk.waiting--;
    if (chunk !== this.#current) this.#giveBack(chunk);
  }

  #giveBack(chunk: Chunk): void {
    if (chunk.waiting > 0 || chunk.isSpoilt) return;
    if (chunk.bytes.length !== CHUNK_BYTES || this.#spare.length >= MOST_SPARE) return;
    chunk.used = 0;
    this.#spare.push(chunk);
  }
}
