import { readFileSync, readdirSync, readlinkSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** What a running server says of itself in `postmaster.pid`. */
export interface PostmasterFile {
  readonly pid: number;
  readonly dataDir: string;
  readonly socketFolder: string;
  readonly status: string;
}

/** Reads `postmaster.pid` (PostgreSQL's `miscadmin.h`, LOCK_FILE_LINE_*); null when there is none or it is cut short. */
export function readPostmasterFile(dataDir: string): PostmasterFile | null {
  let lines: string[];
  try {
    lines = readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return null;
  }
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 1) return null;
  return { pid, dataDir: lines[1] ?? '', socketFolder: lines[4] ?? '', status: (lines[7] ?? '').trim() };
}

/**
 * The server that runs in this data folder, if any. The pid in the file may have been given to another program since, so the process
 * itself is asked: a postmaster stands in its data folder and was started with it.
 */
export function runningPostmaster(dataDir: string): PostmasterFile | null {
  const file = readPostmasterFile(dataDir);
  if (file === null) return null;
  return isPostmaster(file.pid, dataDir) ? file : null;
}

function isPostmaster(pid: number, dataDir: string): boolean {
  const args = commandLine(pid);
  return workingFolder(pid) === real(dataDir) && args[args.indexOf('-D') + 1] === dataDir && args.includes('-D');
}

/** Backends whose postmaster was killed and that have not noticed: they hold the shared memory, and no new server may start beside them. */
export function orphans(dataDir: string): number[] {
  const folder = real(dataDir);
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && workingFolder(pid) === folder && isServerProcess(pid));
}

function isServerProcess(pid: number): boolean {
  const title = commandLine(pid)[0] ?? '';
  return title.startsWith('postgres: ') || title.endsWith('/postgres');
}

/** Processes that fill this data folder for the first time. */
export function initdbsOn(dataDir: string): number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && commandLine(pid).includes(`--pgdata=${dataDir}`));
}

/** Removes the lock files of a server that is known to be gone; PostgreSQL would take another program with its pid for it. */
export function removeStaleLocks(dataDir: string, socketFolder: string): void {
  rmSync(join(dataDir, 'postmaster.pid'), { force: true });
  rmSync(join(socketFolder, '.s.PGSQL.5432.lock'), { force: true });
  rmSync(join(socketFolder, '.s.PGSQL.5432'), { force: true });
}

export function isAlive(pid: number): boolean {
  try {
    // The third field is the state: a zombie is gone, only its parent has not looked yet.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.charAt(stat.lastIndexOf(')') + 2) !== 'Z';
  } catch {
    return false;
  }
}

function commandLine(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function workingFolder(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return null;
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
