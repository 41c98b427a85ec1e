import { existsSync, mkdirSync, realpathSync, rmSync, statfsSync, statSync, writeFileSync, chmodSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EarshotError, messageOf, systemCode } from '../base/errors.ts';

/** A first start makes a database of 60 MB and binaries of as much. */
const LEAST_FREE_BYTES = 200 * 1024 * 1024;

export interface DataFolder {
  /** Without links. */
  readonly path: string;
  readonly run: string;
  /** Where Node keeps compiled code; Node would make it open to all. */
  readonly compileCache: string;
}

/**
 * Makes the data folder where it is missing and proves that it can be written, before anything is started in it. Its subfolders are
 * private one by one; the folder itself can be passed through, because PostgreSQL runs as another user.
 * @throws EarshotError DATA_UNWRITABLE, DISK_FULL
 */
export function prepareDataFolder(dataDir: string): DataFolder {
  try {
    makeFolder(dataDir);
    const path = realpathSync(dataDir);
    const run = join(path, 'run');
    makeFolder(run);
    const mode = statSync(run).mode & 0o777;
    if ((mode & 0o111) !== 0o111) chmodSync(run, mode | 0o111);
    const trial = join(run, `trial.${process.pid}`);
    writeFileSync(trial, Buffer.alloc(4096, 0x20), { flush: true, mode: 0o600 });
    rmSync(trial);
    const compileCache = join(run, 'compile-cache');
    makeFolder(compileCache);
    chmodSync(compileCache, 0o700);
    refuseFull(path);
    return { path, run, compileCache };
  } catch (error) {
    throw error instanceof EarshotError ? error : asFolderError(dataDir, error);
  }
}

/** With its parents. Node's own recursion never ends where the system says ENOENT for a folder that is there (in /proc). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  if (dirname(path) !== path) makeFolder(dirname(path));
  mkdirSync(path, { mode: 0o711 });
}

function refuseFull(path: string): void {
  const { bavail, bsize } = statfsSync(path);
  if (bavail * bsize >= LEAST_FREE_BYTES) return;
  throw diskFull(`only ${Math.floor((bavail * bsize) / 1024 / 1024)} MB are free in ${path}.`);
}

function asFolderError(dataDir: string, error: unknown): EarshotError {
  const code = systemCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(`no space left in ${dataDir}.`);
  return new EarshotError('DATA_UNWRITABLE', `cannot write in ${dataDir}: ${messageOf(error)}.`, {
    key: 'EARSHOT_DATA',
    remedy: 'Choose a folder that this user may write to.',
    cause: error,
  });
}

function diskFull(message: string): EarshotError {
  return new EarshotError('DISK_FULL', message, { key: 'EARSHOT_DATA', remedy: 'Free at least 200 MB there.' });
}
