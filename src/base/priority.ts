import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/**
 * Lets a process of ours run behind others when the processors are busy; at once after its start, before it has many threads.
 *
 * A process of a session of its own is weighed by its session where the kernel groups by sessions (`sched_autogroup_enabled`, the default of
 * most distributions), and its own nice value counts for nothing against other sessions: the group's must be set as well (sched(7)).
 *
 * Weight alone lets it keep the processor for its whole slice whenever it has got it, while a call that comes in waits. So it becomes SCHED_IDLE
 * where the system has `chrt` (util-linux): it gives way at once, and a processor that it has counts as free for others. By the group's
 * weight it still gets its share.
 * @param niceness 1 to 19
 */
export function runBehind(pid: number, niceness: number): void {
  try {
    setPriority(pid, niceness);
    writeFileSync(`/proc/${pid}/autogroup`, String(niceness));
  } catch {
    // It has ended, which its exit tells; or the kernel does not group by sessions.
  }
  const chrt = spawn('chrt', ['--all-tasks', '--idle', '--pid', '0', String(pid)], { stdio: 'ignore' });
  // Without it weight is all there is.
  chrt.on('error', () => undefined);
  chrt.unref();
}
