import { readFileSync, renameSync, writeFileSync } from 'node:fs';

/** A process beyond its pid, which may be given to another: since when (clock ticks after boot) and in which boot. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTicks: string;
  readonly boot: string;
}

/**
 * Who has this pid now; null when nobody has it, or only a zombie (one's own child that ended a moment ago is still known by its zombie).
 * `/proc/<pid>/stat`, fields 3 and 22 (proc(5)).
 */
export function identify(pid: number, options: { zombie?: boolean } = {}): ProcessIdentity | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The second field is the name in parentheses, which may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTicks = fields[19];
    if (startTicks === undefined || (options.zombie !== true && /[ZX]/.test(fields[0] ?? ''))) return null;
    return { pid, startTicks, boot: readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim() };
  } catch {
    return null;
  }
}

/** Whether just this process still runs. */
export function stillRuns(process: ProcessIdentity): boolean {
  const now = identify(process.pid);
  return now !== null && now.startTicks === process.startTicks && now.boot === process.boot;
}

export function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
}

/** What a pid file says of a child: who it is, and with which command it was started. */
export interface PidFile extends ProcessIdentity {
  readonly role: string;
  readonly command: readonly string[];
}

/** Replaces the file whole: a reader never finds half of it. */
export function writePidFile(path: string, file: PidFile): void {
  writeFileSync(`${path}.new`, `${JSON.stringify(file)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** A process that an earlier supervisor started for a role. */
export interface LeftBehind {
  readonly identity: ProcessIdentity;
  /** False: another version or place of the program; it must make room. */
  readonly sameCommand: boolean;
}

/** The process of a pid file, if it is still the one that was started for this role; null otherwise. */
export function findLeftBehind(path: string, role: string, command: readonly string[]): LeftBehind | null {
  const file = readPidFile(path);
  if (file === null || file.role !== role || !stillRuns(file)) return null;
  const found = commandLine(file.pid);
  if (found.length === 0 || found.at(-1) !== file.command.at(-1)) return null;
  return { identity: file, sameCommand: sameWords(found, command) };
}

function readPidFile(path: string): PidFile | null {
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as Partial<PidFile> | null;
    return typeof file?.pid === 'number' && Array.isArray(file.command) ? (file as PidFile) : null;
  } catch {
    return null;
  }
}

/** The first word may be another path of the same program. */
function sameWords(found: readonly string[], wanted: readonly string[]): boolean {
  return found.length === wanted.length && found.every((word, n) => n === 0 || word === wanted[n]);
}
