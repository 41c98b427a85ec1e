import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { runBehind } from './priority.ts';

const SCHED_IDLE = '5';

let child: ChildProcess;

afterEach(() => void child.kill('SIGKILL'));

/** Nice value and scheduling policy: fields 19 and 41 of /proc/pid/stat (proc(5)). */
function scheduling(pid: number): { nice: string; policy: string } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { nice: fields[16]!, policy: fields[38]! };
}

function hasChrt(): boolean {
  try {
    execFileSync('chrt', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(process.platform !== 'linux')('a process that runs behind', () => {
  it('has its nice value, and gives way at once where there is chrt', async () => {
    child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60_000)'], { detached: true, stdio: 'ignore' });
    const pid = child.pid!;
    runBehind(pid, 7);
    expect(scheduling(pid).nice).toBe('7');
    if (!hasChrt()) return;
    while (scheduling(pid).policy !== SCHED_IDLE) await delay(5);
  });

  it('may have ended', () => {
    child = spawn('true');
    expect(() => runBehind(2 ** 22 + 1, 7)).not.toThrow();
  });
});
