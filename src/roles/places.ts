import { createHash } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EarshotError } from '../base/errors.ts';

/** The kernel takes unix socket paths of at most so many bytes. */
const LONGEST_SOCKET_PATH = 107;

/** The local socket between recorder and service; in a short private folder where the data folder's path is too long for one. */
export function linkPath(dataDir: string): string {
  const path = join(dataDir, 'run', 'recorder.sock');
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return path;
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const folder = join(tmpdir(), `earshot-${process.getuid?.() ?? 0}-${name}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // The folder for temporary files is everybody's: one that somebody else made under our name is not to be trusted.
  if (statSync(folder).uid !== process.getuid?.()) {
    throw new EarshotError('DATA_UNWRITABLE', `${folder} belongs to another user.`, {
      key: 'EARSHOT_DATA',
      remedy: 'Remove it, or give the data folder a shorter path.',
    });
  }
  return join(folder, 'recorder.sock');
}
