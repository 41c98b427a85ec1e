import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessMemory {
  /** Resident memory, MB. */
  readonly resident: number;
  readonly files: number;
}

/** What the kernel says of a process. */
export function memoryOf(pid: number): ProcessMemory {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
  return { resident: (pages * 4096) / 2 ** 20, files: readdirSync(`/proc/${pid}/fd`).length };
}

/** Of a process and all that it started, MB; what they share counts in parts. */
export function memoryOfFamily(pid: number): number {
  const share = Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1'))?.[1] ?? 0) / 1024;
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').split(' ').filter(Boolean);
  return children.reduce((sum, child) => {
    try {
      return sum + memoryOfFamily(Number(child));
    } catch {
      // It has ended meanwhile.
      return sum;
    }
  }, share);
}
