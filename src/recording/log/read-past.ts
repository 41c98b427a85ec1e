import { systemCode } from '../../base/errors.ts';
import type { LogFiles, ReadFile } from './files.ts';

/** As much as a disk loses at once, or less. */
const PIECE_BYTES = 4096;

/** Of one file, while it is open; where more is lost than some sectors, it is the disk that fails, and may be back tomorrow. */
const MOST_LOST_BYTES = 64 * 1024;

/** A file of which a few sectors may be lost. */
export interface PastFile extends ReadFile {
  /** Bytes that came as zeros so far. */
  readonly lostBytes: number;
}

/**
 * The same files for those who check all that they read: what the disk does not give (EIO) comes as zeros, so that a bad sector costs what stood
 * there, and neither what stands beside it nor those who wait for it. Not for those who copy or remove: what cannot be read today may be readable
 * tomorrow.
 */
export function readingPast(
  files: LogFiles,
): Omit<LogFiles, 'openRead'> & { openRead(path: string): Promise<PastFile> } {
  return {
    create: (path) => files.create(path),
    createSynced: (path) => files.createSynced(path),
    openRead: async (path) => new SectorReader(await files.openRead(path)),
    sync: (path) => files.sync(path),
    syncFolder: (folder) => files.syncFolder(folder),
    unlink: (path) => files.unlink(path),
    list: (folder) => files.list(folder),
  };
}

class SectorReader implements PastFile {
  readonly #file: ReadFile;
  lostBytes = 0;

  constructor(file: ReadFile) {
    this.#file = file;
  }

  size(): Promise<number> {
    return this.#file.size();
  }

  close(): Promise<void> {
    return this.#file.close();
  }

  async read(position: number, length: number, into?: Buffer): Promise<Buffer> {
    try {
      return await this.#file.read(position, length, into);
    } catch (error) {
      if (systemCode(error) !== 'EIO') throw error;
    }
    const pieces: Buffer[] = [];
    for (let from = position; from < position + length;) {
      const wanted = Math.min(PIECE_BYTES - (from % PIECE_BYTES), position + length - from);
      const piece = await this.#readPiece(from, wanted);
      pieces.push(piece);
      if (piece.length < wanted) break;
      from += wanted;
    }
    return Buffer.concat(pieces);
  }

  async #readPiece(position: number, length: number): Promise<Buffer> {
    try {
      return await this.#file.read(position, length);
    } catch (error) {
      if (systemCode(error) !== 'EIO' || this.lostBytes + length > MOST_LOST_BYTES) throw error;
      this.lostBytes += length;
      return Buffer.alloc(length);
    }
  }
}
