import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import type { Clock } from '../base/clock.ts';
import { runBehind } from '../base/priority.ts';
import { identify, stillRuns, type ProcessIdentity } from './identity.ts';

/** What a child is started with. */
export interface ChildSpec {
  readonly role: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Nice value; 0 = as we are. */
  readonly niceness: number;
}

/** A process under supervision, our own child or one that an earlier supervisor left. */
export interface RunningProcess {
  readonly identity: ProcessIdentity;
  readonly adopted: boolean;
  /** Resolves with its exit code; null = a signal, or not known (adopted). */
  readonly exited: Promise<number | null>;
  signal(name: NodeJS.Signals): void;
  /** The whole process group at once. */
  kill(): void;
}

/**
 * Starts a process in a session and group of its own: a kill, hang-up or Ctrl-C for the supervisor does not reach it. Returns null when
 * there is no such program.
 */
export function startProcess(spec: ChildSpec): RunningProcess | null {
  return spawnChild(spec, 'inherit')?.running ?? null;
}

/** The same, with the child itself and what it inherits. */
export function spawnChild(
  spec: ChildSpec,
  stdio: StdioOptions,
): { readonly child: ChildProcess; readonly running: RunningProcess } | null {
  const [file = '', ...args] = spec.command;
  const child = spawn(file, args, { env: spec.env, cwd: spec.cwd, detached: true, stdio });
  const exited = Promise.withResolvers<number | null>();
  let gone = false;
  child.on('exit', (code) => {
    gone = true;
    exited.resolve(code);
  });
  child.on('error', () => exited.resolve(null));
  const identity = child.pid === undefined ? null : identify(child.pid, { zombie: true });
  if (identity === null) return null;
  if (spec.niceness !== 0) runBehind(identity.pid, spec.niceness);
  return { child, running: { identity, adopted: false, exited: exited.promise, ...signals(identity, () => !gone) } };
}

const LOOK_MS = 200;

/** Takes over a process that is not our child: nothing tells us of its end, so it is looked at five times a second. */
export function adoptProcess(identity: ProcessIdentity, clock: Clock): RunningProcess {
  const exited = Promise.withResolvers<number | null>();
  const look = (): void => {
    if (stillRuns(identity)) clock.after(LOOK_MS, look);
    else exited.resolve(null);
  };
  clock.after(LOOK_MS, look);
  return { identity, adopted: true, exited: exited.promise, ...signals(identity, () => stillRuns(identity)) };
}

function signals(identity: ProcessIdentity, isOurs: () => boolean): Pick<RunningProcess, 'signal' | 'kill'> {
  const send = (pid: number, name: NodeJS.Signals): void => {
    if (!isOurs()) return;
    try {
      process.kill(pid, name);
    } catch {
      // It ended in this very moment.
    }
  };
  return {
    signal: (name) => send(identity.pid, name),
    kill: () => send(-identity.pid, 'SIGKILL'),
  };
}
