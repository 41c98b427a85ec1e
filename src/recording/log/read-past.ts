import { systemCode } from '../../base/errors.ts';
import type { LogFiles, ReadFile } from './files.ts';

/** As much as a disk loses at once, or less. */
const PIECE_BYTES = 4096;

/**
 * The same files for those who check all that they read: what the disk does not give (EIO) comes as zeros, so that a bad sector costs what stood
 * there, and neither what stands beside it nor those who wait for it. Not for those who copy: what cannot be read today may be readable tomorrow.
 */
export function readingPast(files: LogFiles): LogFiles {
  return {
    create: (path) => files.create(path),
    createSynced: (path) => files.createSynced(path),
    openRead: async (path) => {
      const file = await files.openRead(path);
      return {
        size: () => file.size(),
        read: (position, length, into) => readPast(file, position, length, into),
        close: () => file.close(),
      };
    },
    sync: (path) => files.sync(path),
    syncFolder: (folder) => files.syncFolder(folder),
    unlink: (path) => files.unlink(path),
    list: (folder) => files.list(folder),
  };
}

async function readPast(file: ReadFile, position: number, length: number, into?: Buffer): Promise<Buffer> {
  try {
    return await file.read(position, length, into);
  } catch (error) {
    if (systemCode(error) !== 'EIO') throw error;
  }
  const pieces: Buffer[] = [];
  for (let from = position; from < position + length;) {
    const wanted = Math.min(PIECE_BYTES - (from % PIECE_BYTES), position + length - from);
    const piece = await readPiece(file, from, wanted);
    pieces.push(piece);
    if (piece.length < wanted) break;
    from += wanted;
  }
  return Buffer.concat(pieces);
}

async function readPiece(file: ReadFile, position: number, length: number): Promise<Buffer> {
  try {
    return await file.read(position, length);
  } catch (error) {
    if (systemCode(error) !== 'EIO') throw error;
    return Buffer.alloc(length);
  }
}
