import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { EarshotError, messageOf, systemCode } from '../base/errors.ts';

/** Makes the names in a folder durable: a created, renamed or removed file is only so after this. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder and its missing parents, durably. */
export async function makeFolder(path: string, mode = 0o700): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode });
  if (first === undefined) return;
  for (let at = path; at.length >= first.length; at = dirname(at)) await syncFolder(dirname(at));
}

/**
 * Writes a new file of its own name beside `path`, synced; the caller links or renames it. Removed again when the writing fails.
 * @returns the path of the temporary file
 */
export async function writeBeside(path: string, bytes: Uint8Array, mode = 0o600): Promise<string> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  const handle = await open(temporary, 'wx', mode);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  } finally {
    await handle.close();
  }
  return temporary;
}

/** Creates a file with all its bytes or not at all. @returns false when the name is taken, whoever was first */
export async function createFile(path: string, bytes: Uint8Array, mode = 0o600): Promise<boolean> {
  const temporary = await writeBeside(path, bytes, mode);
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await unlink(temporary);
    // Also when it was there: its maker may have died before syncing the name.
    await syncFolder(dirname(path));
  }
}

/** Replaces a file's contents in one step. */
export async function replaceFile(path: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  await rename(await writeBeside(path, bytes, mode), path);
  await syncFolder(dirname(path));
}

/** What went wrong with the disk, for people; other errors stay what they are. */
export function diskError(error: unknown, path: string): unknown {
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new EarshotError('DISK_FULL', `no space left to write ${path}.`, {
      remedy: 'Free space or shorten the retention.',
      cause: error,
    });
  }
  if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') {
    return new EarshotError('DATA_UNWRITABLE', `cannot write ${path}: ${messageOf(error)}.`, {
      remedy: 'Give the user that runs Earshot the right to write there.',
      cause: error,
    });
  }
  return error;
}
