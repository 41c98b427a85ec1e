import { constants } from 'node:fs';
import { open, readdir, unlink } from 'node:fs/promises';

/**
 * All that journal and audio log ask of a file system. Faults (full disk, failed fsync, stall, power cut) are put in here by tests.
 * Paths are absolute.
 */
export interface LogFiles {
  /** Makes a new file, readable by its owner only. Fails when it exists. */
  create(path: string): Promise<AppendFile>;
  /** The same, for one of which each write shall be on the disk before it returns. */
  createSynced(path: string): Promise<SyncedFile>;
  openRead(path: string): Promise<ReadFile>;
  /** Makes durable what stands in a file that somebody else wrote. */
  sync(path: string): Promise<void>;
  /** Makes creations and removals in the folder durable. */
  syncFolder(folder: string): Promise<void>;
  unlink(path: string): Promise<void>;
  list(folder: string): Promise<string[]>;
}

export interface AppendFile {
  /** Writes the buffers one after the other at `position`; resolves to the bytes that were written, which may be fewer. */
  writev(buffers: readonly Buffer[], position: number): Promise<number>;
  /** fdatasync: resolves when all that was written before is on the disk. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

export interface SyncedFile {
  /** Writes the buffers one after the other at `position`; resolves when what was written is on the disk, to its bytes, which may be fewer. */
  append(buffers: readonly Buffer[], position: number): Promise<number>;
  close(): Promise<void>;
}

export interface ReadFile {
  size(): Promise<number>;
  /** Reads up to `length` bytes at `position`; fewer only at the end of the file. `into`: memory of that length that may be used. */
  read(position: number, length: number, into?: Buffer): Promise<Buffer>;
  close(): Promise<void>;
}

/** The machine's own file system. */
export const systemFiles: LogFiles = {
  async create(path) {
    const handle = await open(path, 'wx', 0o600);
    return {
      writev: async (buffers, position) => (await handle.writev(buffers, position)).bytesWritten,
      datasync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },

  // One system call for a write and its sync: half the turns of the event loop, and of the threads that do it.
  async createSynced(path) {
    const { O_WRONLY, O_CREAT, O_EXCL, O_DSYNC } = constants;
    const handle = await open(path, O_WRONLY | O_CREAT | O_EXCL | O_DSYNC, 0o600);
    return {
      append: async (buffers, position) => (await handle.writev(buffers, position)).bytesWritten,
      close: () => handle.close(),
    };
  },

  async openRead(path) {
    const handle = await open(path, 'r');
    return {
      size: async () => (await handle.stat()).size,
      read: (position, length, into) => readFully(handle, position, length, into),
      close: () => handle.close(),
    };
  },

  async sync(path) {
    const handle = await open(path, 'r');
    try {
      await handle.datasync();
    } finally {
      await handle.close();
    }
  },

  async syncFolder(folder) {
    const handle = await open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },

  unlink: (path) => unlink(path),
  list: (folder) => readdir(folder),
};

async function readFully(
  handle: Awaited<ReturnType<typeof open>>,
  position: number,
  length: number,
  into?: Buffer,
): Promise<Buffer> {
  const buffer = into ?? Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await handle.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
