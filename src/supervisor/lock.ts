import { spawnSync } from 'node:child_process';
import { closeSync, constants, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EarshotError, messageOf } from '../base/errors.ts';
import { identify, stillRuns, type ProcessIdentity } from './identity.ts';

export interface Lock {
  release(): void;
}

/** Exit code of a second start in the same data folder. */
export const LOCKED_EXIT_CODE = 3;

const CONFLICT = 9;

/**
 * Takes the data folder for this process, until it releases it or is gone, however it goes: flock(2), which also holds between containers
 * that share the folder. Node cannot call it, so flock(1) locks the open file that it inherits from us; the lock belongs to the open file
 * and stays when flock(1) ends. Where there is no flock(1), the holder that the file names is looked up in /proc.
 * @throws EarshotError DATA_LOCKED
 */
export function lockDataFolder(runFolder: string, dataDir: string): Lock {
  const path = join(runFolder, 'lock');
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    const result = spawnSync('flock', ['-n', '-E', String(CONFLICT), '3'], {
      stdio: ['ignore', 'ignore', 'ignore', fd],
    });
    const holder = readHolder(path);
    const taken = result.status === CONFLICT || (result.status !== 0 && holder !== null && stillRuns(holder));
    if (taken) throw locked(dataDir, holder?.pid);
    const me = identify(process.pid);
    ftruncateSync(fd);
    writeSync(fd, `${JSON.stringify(me)}\n`, 0);
  } catch (error) {
    closeSync(fd);
    if (error instanceof EarshotError) throw error;
    throw new EarshotError('DATA_UNWRITABLE', `cannot lock ${path}: ${messageOf(error)}.`, { key: 'EARSHOT_DATA' });
  }
  return { release: releaseOnce(fd) };
}

/** Empties the file, so that no later look-up takes another program for us, and lets go. */
function releaseOnce(fd: number): () => void {
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    ftruncateSync(fd);
    closeSync(fd);
  };
}

function readHolder(path: string): ProcessIdentity | null {
  try {
    const holder = JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity | null;
    return typeof holder?.pid === 'number' ? holder : null;
  } catch {
    return null;
  }
}

function locked(dataDir: string, pid: number | undefined): EarshotError {
  const who = pid === undefined ? '' : ` (process ${pid})`;
  return new EarshotError('DATA_LOCKED', `another Earshot${who} runs in ${dataDir}.`, {
    key: 'EARSHOT_DATA',
    remedy: 'Stop it first, or give this one a data folder of its own.',
  });
}
