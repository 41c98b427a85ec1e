import { open, type FileHandle } from 'node:fs/promises';
import { EarshotError, messageOf, systemCode } from '../base/errors.ts';

/**
 * Makes a file for what comes out of the seal: for this user's eyes only, and never over another file.
 * @throws EarshotError CONFLICT, NOT_FOUND, DATA_UNWRITABLE
 */
export async function newFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o600);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') {
      throw new EarshotError('CONFLICT', `${path} is there already.`, {
        remedy: 'Name another file; none is overwritten.',
      });
    }
    if (code === 'ENOENT') throw new EarshotError('NOT_FOUND', `there is no folder for ${path}.`);
    throw new EarshotError('DATA_UNWRITABLE', `cannot write ${path}: ${messageOf(error)}.`, {
      remedy: 'Name a file in a folder that you may write.',
    });
  }
}
