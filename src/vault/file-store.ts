import { createHash, randomBytes } from 'node:crypto';
import type { Dirent } from 'node:fs';
import { type FileHandle, link, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { systemCode } from '../base/errors.ts';
import type { RandomAccess } from '../seal/access.ts';
import { BytePool } from '../base/byte-pool.ts';
import { diskError, makeFolder } from './durable.ts';
import { FolderSyncs } from './folder-syncs.ts';
import { checkKey, GET_LIMIT, objectMissing, type Store, type StoredObject, type Written } from './store.ts';

/** Where half-written objects are; the dot keeps it out of the keys. */
const INCOMING = '.incoming';

/** Objects as files under one folder, their keys as paths. */
export class FileStore implements Store {
  readonly #root: string;
  readonly #folders = new FolderSyncs();

  private constructor(root: string) {
    this.#root = root;
  }

  /** Makes the folder if need be. @throws EarshotError DATA_UNWRITABLE, DISK_FULL */
  static async open(root: string): Promise<FileStore> {
    try {
      await makeFolder(join(root, INCOMING));
    } catch (error) {
      throw diskError(error, root);
    }
    return new FileStore(root);
  }

  async put(key: string, stream: AsyncIterable<Uint8Array>): Promise<Written> {
    const path = this.#path(key);
    return this.#written(path, async () => {
      const { temporary, written } = await this.#incoming(stream);
      try {
        await inFolder(path, () => rename(temporary, path));
        await this.#folders.sync(dirname(path));
      } catch (error) {
        await unlink(temporary).catch(() => undefined);
        throw error;
      }
      return written;
    });
  }

  async createIfAbsent(key: string, bytes: Uint8Array): Promise<boolean> {
    const path = this.#path(key);
    return this.#written(path, async () => {
      const { temporary } = await this.#incoming(bytes);
      try {
        await inFolder(path, () => link(temporary, path));
        return true;
      } catch (error) {
        if (systemCode(error) === 'EEXIST') return false;
        throw error;
      } finally {
        await unlink(temporary);
        // Also when it was there: the caller goes on as if it were durable, and its maker may have died before this.
        await this.#folders.sync(dirname(path));
      }
    });
  }

  async open(key: string): Promise<RandomAccess> {
    const handle = await this.#handle(key);
    const { size } = await handle.stat();
    let closed = false;
    return {
      size,
      read: (offset, length) => readFully(handle, offset, Math.max(0, Math.min(length, size - offset))),
      close: async () => {
        if (!closed) await handle.close();
        closed = true;
      },
    };
  }

  async get(key: string, limit = GET_LIMIT): Promise<Buffer> {
    const handle = await this.#handle(key);
    try {
      const { size } = await handle.stat();
      if (size > limit) throw new RangeError(`${key} is longer than ${limit} bytes`);
      return await readFully(handle, 0, size);
    } finally {
      await handle.close();
    }
  }

  async delete(key: string): Promise<boolean> {
    const path = this.#path(key);
    return this.#written(path, async () => {
      let found = true;
      try {
        await unlink(path);
      } catch (error) {
        if (!isMissing(error)) throw error;
        found = false;
      }
      await this.#folders.sync(dirname(path)).catch((error: unknown) => {
        if (!isMissing(error)) throw error;
      });
      return found;
    });
  }

  async *list(prefix: string): AsyncGenerator<StoredObject> {
    // Only folders that can hold such keys are read.
    yield* this.#walk(prefix.slice(0, prefix.lastIndexOf('/') + 1), prefix);
  }

  async exists(key: string): Promise<boolean> {
    try {
      return (await stat(this.#path(key))).isFile();
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  }

  /** Removes half-written objects that a crash left, older than `before` (ms since 1970). @returns how many */
  async sweepIncoming(before: number): Promise<number> {
    let swept = 0;
    for (const name of await readdir(join(this.#root, INCOMING))) {
      const path = join(this.#root, INCOMING, name);
      if ((await stat(path)).mtimeMs >= before) continue;
      await unlink(path);
      swept += 1;
    }
    return swept;
  }

  #path(key: string): string {
    return join(this.#root, checkKey(key));
  }

  async #handle(key: string): Promise<FileHandle> {
    try {
      return await open(this.#path(key), 'r');
    } catch (error) {
      throw isMissing(error) ? objectMissing(key) : error;
    }
  }

  async #incoming(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<{ temporary: string; written: Written }> {
    const temporary = join(this.#root, INCOMING, randomBytes(12).toString('hex'));
    const handle = await open(temporary, 'wx', 0o600);
    try {
      const written = await writeAll(handle, source);
      await handle.sync();
      return { temporary, written };
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    } finally {
      await handle.close();
    }
  }

  async *#walk(folder: string, prefix: string): AsyncGenerator<StoredObject> {
    let entries: Dirent[];
    try {
      entries = await readdir(join(this.#root, folder), { withFileTypes: true });
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
    for (const entry of entries) {
      const key = `${folder}${entry.name}`;
      if (entry.name.startsWith('.')) continue;
      if (entry.isDirectory()) {
        if (`${key}/`.startsWith(prefix) || prefix.startsWith(`${key}/`)) yield* this.#walk(`${key}/`, prefix);
      } else if (key.startsWith(prefix)) {
        const found = await stat(join(this.#root, key)).catch(() => null);
        if (found !== null) yield { key, size: found.size, modifiedAt: found.mtimeMs };
      }
    }
  }

  async #written<T>(path: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw diskError(error, path);
    }
  }
}

/** Names a file in its folder, which is made when it is not there: most are. */
async function inFolder(path: string, name: () => Promise<void>): Promise<void> {
  try {
    await name();
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    await makeFolder(dirname(path));
    await name();
  }
}

/** Parts are gathered to pieces of this size: a trip to the disk costs more than copying them. */
const PIECE_BYTES = 256 * 1024;
const rooms = new BytePool(PIECE_BYTES, 8);

async function writeAll(handle: FileHandle, source: Uint8Array | AsyncIterable<Uint8Array>): Promise<Written> {
  const hash = createHash('sha256');
  const room = rooms.take();
  let bytes = 0;
  let filled = 0;
  try {
    for await (const part of source instanceof Uint8Array ? [source] : source) {
      hash.update(part);
      bytes += part.length;
      if (filled + part.length > PIECE_BYTES) {
        await writeFully(handle, room.subarray(0, filled));
        filled = 0;
      }
      if (part.length > PIECE_BYTES) {
        await writeFully(handle, part);
        continue;
      }
      room.set(part, filled);
      filled += part.length;
    }
    await writeFully(handle, room.subarray(0, filled));
    return { bytes, sha256: hash.digest('hex') };
  } finally {
    rooms.give(room);
  }
}

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
}

async function readFully(handle: FileHandle, offset: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  while (at < length) {
    const { bytesRead } = await handle.read(bytes, at, length - at, offset + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes.subarray(0, at);
}

function isMissing(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}
