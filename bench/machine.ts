import { readdirSync, readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** `2 × AMD EPYC, 23 GB, Linux 6.1, Node v24.0.0`; the load before the run tells whether others were at work. */
export function machineSize(): string {
  const cores = cpus();
  const model = cores[0]?.model.trim() ?? 'unknown processor';
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cores.length} × ${model}, ${memory} GiB, Linux ${release()}, Node ${process.version}, load before ${loadavg()[0]!.toFixed(1)}`;
}

/** The kernel counts processor time in these (USER_HZ). */
const TICK_SECONDS = 1 / 100;

/**
 * CPU seconds of a process so far, all its threads and the children that it has waited for.
 * @throws the system's error when it is gone
 */
export function cpuSecondsOf(pid: number): number {
  const fields = statOf(pid);
  // utime, stime, cutime, cstime (proc_pid_stat(5), fields 14 to 17).
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) * TICK_SECONDS;
}

/** The same of a process and its children that run now. */
export function cpuSecondsOfFamily(pid: number): number {
  return [pid, ...childrenOf(pid)].reduce((sum, one) => sum + cpuOrZero(one), 0);
}

function cpuOrZero(pid: number): number {
  try {
    return cpuSecondsOf(pid);
  } catch {
    return 0;
  }
}

/** Resident memory, bytes. */
export function residentBytesOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  );
}

/** The fields of /proc/pid/stat from `state` on: the name before may hold spaces. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}
