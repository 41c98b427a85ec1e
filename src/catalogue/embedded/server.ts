import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, realpathSync } from 'node:fs';
import { systemClock, type Clock } from '../../base/clock.ts';
import { EarshotError, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { runBehind } from '../../base/priority.ts';
import { copyBinaries, installedBinaries, mendLinks, type Binaries } from './binaries.ts';
import { checkVersion, initialise, serverEnvironment } from './initialise.ts';
import {
  embeddedTarget,
  ensurePassword,
  ensurePrivateFolder,
  ensureRunFolder,
  layoutOf,
  type Layout,
} from './layout.ts';
import { serverArguments } from './parameters.ts';
import { isAlive, orphans, removeStaleLocks, runningPostmaster } from './postmaster.ts';
import { administratorPassword, ensureDatabase, waitReady } from './ready.ts';
import { candidates, noRunner, ownerOf, probe, type Runner } from './runner.ts';
import type { SocketTarget } from '../target.ts';

export interface EmbeddedOptions {
  /** The node's data folder; exists and is writable. */
  readonly dataDir: string;
  readonly log: Log;
  readonly clock?: Clock;
  /** Priority of the server's processes (nice value); default 10. */
  readonly niceness?: number;
  /** Another place of the binaries, for tests. */
  readonly binaries?: Binaries;
}

/** A running embedded server; it outlives this process unless it is stopped. */
export interface EmbeddedServer {
  readonly pid: number;
  /** True when it was found running. */
  readonly adopted: boolean;
  readonly runner: Runner['name'] | 'unknown';
  readonly target: SocketTarget;
  /** Resolves when the process is gone, however it went (looked at four times a second). */
  readonly exited: Promise<void>;
  isAlive(): boolean;
  /**
   * Fast shutdown: sessions are ended, transactions rolled back, a checkpoint written. After the deadline it is killed; nothing that was
   * committed is lost by that, the next start only takes longer.
   */
  stop(deadlineMs?: number): Promise<void>;
}

const READY_MS = 120_000;

/**
 * Starts the embedded PostgreSQL of a data folder, or takes over the one that runs there already; makes it at first start. Resolves when
 * queries are answered.
 * @throws EarshotError DATABASE_VERSION, DATABASE_START, DATA_UNWRITABLE, DISK_FULL, KEY_MISSING
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const dataDir = realpathSync(options.dataDir);
  const clock = options.clock ?? systemClock({ hold: true });
  const layout = layoutOf(dataDir);
  checkVersion(layout);
  const running = runningPostmaster(layout.data);
  if (running !== null) {
    const server = handle(running.pid, true, 'unknown', embeddedTarget(dataDir), clock);
    if (await takeOver(server, layout, clock)) {
      options.log.info({ pid: server.pid }, 'took over the running PostgreSQL');
      return server;
    }
  }
  return startFresh(dataDir, layout, clock, options);
}

/** False when it was just being stopped, by a supervisor that did not see the end of it. */
async function takeOver(server: EmbeddedServer, layout: Layout, clock: Clock): Promise<boolean> {
  try {
    await waitReady(server, layout, clock, READY_MS);
    await ensureDatabase(server.target);
    return true;
  } catch (error) {
    if (server.isAlive()) throw error;
    return false;
  }
}

async function startFresh(
  dataDir: string,
  layout: Layout,
  clock: Clock,
  options: EmbeddedOptions,
): Promise<EmbeddedServer> {
  const password = ensurePassword(layout);
  ensureRunFolder(layout);
  const { runner, binaries } = chooseRunner(dataDir, layout, options.binaries ?? installedBinaries());
  if (ownerOf(layout.data) === null) {
    options.log.info({ folder: layout.data, runner: runner.name }, 'making the database');
    await initialise(layout, binaries, runner, administratorPassword(password));
  }
  killOrphans(layout, options.log);
  removeStaleLocks(layout.data, layout.socket);
  const pid = launch(layout, binaries, runner, options.niceness ?? 10);
  const server = handle(pid, false, runner.name, embeddedTarget(dataDir), clock);
  try {
    await waitReady(server, layout, clock, READY_MS);
    await ensureDatabase(server.target);
  } catch (error) {
    await server.stop();
    throw error;
  }
  options.log.info({ pid, runner: runner.name }, 'PostgreSQL is ready');
  return server;
}

/** The first way that works, with binaries that its user can run: copied ones where the installed ones are out of its reach. */
function chooseRunner(dataDir: string, layout: Layout, installed: Binaries): { runner: Runner; binaries: Binaries } {
  const owner = ownerOf(layout.data);
  const reasons: string[] = [];
  const mended = mendLinks(installed);
  for (const runner of candidates(process.getuid?.() ?? 0, process.getgid?.() ?? 0, owner)) {
    ensurePrivateFolder(layout.socket, runner.uid, runner.gid);
    const folder = owner === null ? layout.fresh : layout.data;
    if (owner === null) ensurePrivateFolder(folder, runner.uid, runner.gid);
    const attempt = (binaries: Binaries): string | null =>
      probe(runner, [folder, layout.socket], binaries.initdb, binaries.postgres);
    const why = mended ? attempt(installed) : 'library links are missing';
    if (why === null) return { runner, binaries: installed };
    if (/no way into|Operation not permitted|ENOENT/.test(why)) {
      reasons.push(`${runner.name}: ${why}`);
      continue;
    }
    mkdirSync(layout.binaries, { recursive: true, mode: 0o711 });
    const copied = copyBinaries(installed, layout.binaries);
    const stillWhy = attempt(copied);
    if (stillWhy === null) return { runner, binaries: copied };
    reasons.push(`${runner.name}: ${stillWhy}`);
  }
  throw noRunner(dataDir, reasons);
}

function killOrphans(layout: Layout, log: Log): void {
  for (const pid of orphans(layout.data)) {
    log.warn({ pid }, 'ending a process of a PostgreSQL that was killed');
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone by itself.
    }
  }
}

/** Starts the server in a process group and session of its own: what befalls ours does not reach it. */
function launch(layout: Layout, binaries: Binaries, runner: Runner, niceness: number): number {
  const { file, args, ...identity } = runner.wrap(binaries.postgres, serverArguments(layout.data, layout.socket));
  const out = openSync(layout.startLog, 'w', 0o600);
  try {
    const child = spawn(file, args, {
      ...identity,
      cwd: '/',
      env: serverEnvironment(),
      detached: true,
      stdio: ['ignore', out, out],
    });
    child.on('error', () => undefined);
    child.unref();
    if (child.pid === undefined) {
      throw new EarshotError('DATABASE_START', `cannot start ${file}.`, {
        remedy: 'Install util-linux, or set DATABASE_URL.',
      });
    }
    runBehind(child.pid, niceness);
    return child.pid;
  } finally {
    closeSync(out);
  }
}

function handle(
  pid: number,
  adopted: boolean,
  runner: EmbeddedServer['runner'],
  target: SocketTarget,
  clock: Clock,
): EmbeddedServer {
  const exited = Promise.withResolvers<void>();
  const watch = (): void => {
    if (isAlive(pid)) clock.after(250, watch);
    else exited.resolve();
  };
  clock.after(250, watch);
  return {
    pid,
    adopted,
    runner,
    target,
    exited: exited.promise,
    isAlive: () => isAlive(pid),
    stop: (deadlineMs = 30_000) => stop(pid, exited.promise, clock, deadlineMs),
  };
}

async function stop(pid: number, exited: Promise<void>, clock: Clock, deadlineMs: number): Promise<void> {
  if (!isAlive(pid)) return;
  signal(pid, 'SIGINT');
  const timer = clock.after(deadlineMs, () => signal(-pid, 'SIGKILL'));
  await exited;
  timer.cancel();
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if (!messageOf(error).includes('ESRCH')) throw error;
  }
}
