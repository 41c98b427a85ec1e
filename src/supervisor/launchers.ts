import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import { EarshotError } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { startEmbedded, type EmbeddedServer } from '../catalogue/embedded/server.ts';
import { findLeftBehind, identify, stillRuns, writePidFile } from './identity.ts';
import { adoptProcess, startProcess, type ChildSpec, type RunningProcess } from './process.ts';
import { Spare } from './spare.ts';
import type { Launcher } from './supervised.ts';

const REPLACE_MS = 20_000;

/** Starts a program of ours, or takes over the one that an earlier supervisor left. */
export function programLauncher(spec: ChildSpec, runFolder: string, clock: Clock, log: Log): Launcher {
  const pidFile = join(runFolder, `${spec.role}.pid`);
  return {
    role: spec.role,
    stopSignal: 'SIGTERM',
    async launch() {
      const left = findLeftBehind(pidFile, spec.role, spec.command);
      if (left?.sameCommand === true) return adoptProcess(left.identity, clock);
      if (left !== null) await replace(adoptProcess(left.identity, clock), clock, log);
      const started = startProcess(spec);
      if (started !== null) writePidFile(pidFile, { ...started.identity, role: spec.role, command: spec.command });
      return started;
    },
  };
}

/** The same for a program that can stand by: the next one has loaded before the one that runs goes. */
export function spareLauncher(spec: ChildSpec, runFolder: string, clock: Clock, log: Log): Launcher {
  const plain = programLauncher(spec, runFolder, clock, log);
  let spare: Spare | null = null;
  return {
    ...plain,
    async launch() {
      const next = spare?.ready ?? null;
      if (next === null) {
        spare?.discard();
        return plain.launch();
      }
      // Written down first: from its turn on it would outlive us.
      writePidFile(join(runFolder, `${spec.role}.pid`), { ...next.identity, role: spec.role, command: spec.command });
      spare?.takeOver();
      spare = null;
      return next;
    },
    async standBy() {
      spare?.discard();
      spare = Spare.start(spec);
      return (await spare?.loaded) ?? false;
    },
    dismiss() {
      spare?.discard();
      spare = null;
    },
  };
}

/** Another version of the program holds the ports: it has to go first. */
async function replace(old: RunningProcess, clock: Clock, log: Log): Promise<void> {
  log.warn({ pid: old.identity.pid }, 'ending a process of another version');
  old.signal('SIGTERM');
  const killer = clock.after(REPLACE_MS, () => old.kill());
  await old.exited;
  killer.cancel();
}

/** Starts the embedded PostgreSQL, or takes over the running one. */
export function postgresLauncher(dataDir: string, clock: Clock, log: Log): Launcher {
  return {
    role: 'postgres',
    // Fast shutdown: sessions are ended, a checkpoint is written.
    stopSignal: 'SIGINT',
    async launch() {
      return asRunning(await startEmbedded({ dataDir, log, clock }));
    },
  };
}

function asRunning(server: EmbeddedServer): RunningProcess {
  const identity = identify(server.pid);
  if (identity === null) throw new EarshotError('DATABASE_START', 'PostgreSQL ended right after its start.');
  const send = (pid: number, name: NodeJS.Signals): void => {
    if (!stillRuns(identity)) return;
    try {
      process.kill(pid, name);
    } catch {
      // It ended in this very moment.
    }
  };
  return {
    identity,
    adopted: server.adopted,
    exited: server.exited.then(() => null),
    signal: (name) => send(server.pid, name),
    kill: () => send(-server.pid, 'SIGKILL'),
  };
}
