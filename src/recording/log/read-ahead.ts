import { BytePool } from '../../base/byte-pool.ts';
import type { LogFiles, ReadFile } from './files.ts';

/** Holds a record of a two-stream call whole, head and body. */
const LEAST_BYTES = 16 * 1024;
const MOST_BYTES = 256 * 1024;
/** Reading that goes on this close behind the last piece will want what follows, too. */
const NEAR_BYTES = 64 * 1024;

/** For the calls that are read at once, with two or three segments open each. */
const rooms = new BytePool(MOST_BYTES, 16);

/**
 * The same files, read in larger pieces: each read of the system is a trip to another thread, which costs more than opening a record. What is
 * read once is taken for final, as it is in a segment up to the offset that its reader knows of; not for files whose bytes still change. Bytes
 * that were read are good until the next read of the same file.
 */
export function readingAhead(files: LogFiles): LogFiles {
  return {
    create: (path) => files.create(path),
    createSynced: (path) => files.createSynced(path),
    openRead: async (path) => new AheadFile(await files.openRead(path)),
    sync: (path) => files.sync(path),
    syncFolder: (folder) => files.syncFolder(folder),
    unlink: (path) => files.unlink(path),
    list: (folder) => files.list(folder),
  };
}

const NOTHING = Buffer.alloc(0);

/** Keeps the last piece: small ones while reading jumps, larger ones while it goes on. */
class AheadFile implements ReadFile {
  readonly #file: ReadFile;
  #room: Buffer | null = null;
  #piece: Buffer = NOTHING;
  #from = 0;
  #ahead = LEAST_BYTES;

  constructor(file: ReadFile) {
    this.#file = file;
  }

  size(): Promise<number> {
    return this.#file.size();
  }

  async close(): Promise<void> {
    this.#piece = NOTHING;
    if (this.#room !== null) rooms.give(this.#room);
    this.#room = null;
    await this.#file.close();
  }

  async read(position: number, length: number, into?: Buffer): Promise<Buffer> {
    const at = position - this.#from;
    if (at >= 0 && at + length <= this.#piece.length) return this.#piece.subarray(at, at + length);
    if (length >= MOST_BYTES) return this.#file.read(position, length, into);
    const beyond = position - (this.#from + this.#piece.length);
    const goesOn = this.#piece.length > 0 && at >= 0 && beyond <= NEAR_BYTES;
    this.#ahead = goesOn ? Math.min(MOST_BYTES, 2 * this.#ahead) : LEAST_BYTES;
    const wanted = Math.max(length, this.#ahead);
    this.#room ??= rooms.takeBuffer();
    this.#piece = NOTHING;
    this.#piece = await this.#file.read(position, wanted, this.#room.subarray(0, wanted));
    this.#from = position;
    return this.#piece.subarray(0, length);
  }
}
