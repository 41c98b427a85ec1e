import { systemClock, type Clock } from '../base/clock.ts';
import type { Config } from '../base/config.ts';
import type { Log } from '../base/log.ts';
import { prepareDataFolder, type DataFolder } from './folder.ts';
import { postgresLauncher, programLauncher, spareLauncher } from './launchers.ts';
import { lockDataFolder } from './lock.ts';
import type { ChildSpec } from './process.ts';
import { Supervised, type Launcher } from './supervised.ts';

export interface SuperviseOptions {
  readonly log: Log;
  /** The program and arguments of a role: by default this Node with `src/main.ts --role <role>`. */
  readonly command: (role: 'recorder' | 'service') => readonly string[];
  readonly clock?: Clock;
  /** What has to exist before anything is started (secrets …); runs under the lock. */
  readonly prepare?: (folder: DataFolder) => Promise<void>;
  /** Stops everything when aborted, like SIGTERM. */
  readonly abort?: AbortSignal;
  /** How long each may take to end before it is killed, ms. */
  readonly deadlines?: Partial<Deadlines>;
}

export interface Deadlines {
  readonly service: number;
  readonly postgres: number;
  /** The recorder drains: it takes no new calls and brings what it holds to disk. */
  readonly recorder: number;
}

const DEADLINES: Deadlines = { service: 20_000, postgres: 30_000, recorder: 30_000 };

/** The service and the database give way to the recorder. */
const BEHIND_THE_RECORDER = 10;

/** Longer than a new recorder needs to take calls up. */
const SERVICE_AFTER_MS = 2000;

/**
 * Runs recorder, service and embedded PostgreSQL and keeps them running until SIGTERM or SIGINT, or until one of them says (exit code 78)
 * that its configuration is wrong, before it was ever healthy.
 * @returns the exit code for this process
 * @throws EarshotError DATA_LOCKED, DATA_UNWRITABLE, DISK_FULL, before anything is started
 */
export async function superviseAll(config: Config, options: SuperviseOptions): Promise<number> {
  const folder = prepareDataFolder(config.dataDir);
  const lock = lockDataFolder(folder.run, folder.path);
  try {
    await options.prepare?.(folder);
    return await run(config, folder, options);
  } finally {
    lock.release();
  }
}

interface Children {
  readonly recorder: Supervised | null;
  readonly postgres: Supervised | null;
  readonly service: Supervised | null;
}

async function run(config: Config, folder: DataFolder, options: SuperviseOptions): Promise<number> {
  const clock = options.clock ?? systemClock({ hold: true });
  const ending = Promise.withResolvers<number>();
  const children = makeChildren(config, folder, clock, options, (code) => ending.resolve(code));
  const forget = onStopSignals(options, () => ending.resolve(0), children);
  const forgetRenewal = onRenewSignal(options, clock, children);
  try {
    children.recorder?.start();
    children.postgres?.start();
    void Promise.resolve(children.postgres?.ready).then(() => startUnlessEnding(children.service, ending.promise));
    const code = await ending.promise;
    await stopAll(children, { ...DEADLINES, ...options.deadlines });
    return code;
  } finally {
    forget();
    forgetRenewal();
  }
}

/** The service waits for the first readiness of the database only; later it bears its restarts. */
async function startUnlessEnding(service: Supervised | null, ending: Promise<number>): Promise<void> {
  const over = await Promise.race([ending.then(() => true), Promise.resolve(false)]);
  if (!over && service?.state.phase === 'idle') service.start();
}

function makeChildren(
  config: Config,
  folder: DataFolder,
  clock: Clock,
  options: SuperviseOptions,
  onFailed: (exitCode: number) => void,
): Children {
  const { log } = options;
  const supervised = (launcher: Launcher): Supervised => new Supervised({ launcher, clock, log, onFailed });
  const needsService = config.role !== 'recorder';
  return {
    recorder:
      config.role === 'service'
        ? null
        : supervised(spareLauncher(specOf('recorder', 0, folder, options), folder.run, clock, log)),
    postgres:
      needsService && config.databaseUrl === null ? supervised(postgresLauncher(folder.path, clock, log)) : null,
    service: needsService
      ? supervised(programLauncher(specOf('service', BEHIND_THE_RECORDER, folder, options), folder.run, clock, log))
      : null,
  };
}

function specOf(
  role: 'recorder' | 'service',
  niceness: number,
  folder: DataFolder,
  options: SuperviseOptions,
): ChildSpec {
  return {
    role,
    command: options.command(role),
    cwd: process.cwd(),
    niceness,
    env: {
      ...process.env,
      EARSHOT_DATA: folder.path,
      // A stalled fdatasync holds a thread of libuv's pool; with the default four a slow disk would stop everything.
      UV_THREADPOOL_SIZE: '16',
      NODE_COMPILE_CACHE: folder.compileCache,
    },
  };
}

/** SIGUSR2 puts the program that is installed now in the place of the one that runs, without cutting a call. */
function onRenewSignal({ log }: SuperviseOptions, clock: Clock, children: Children): () => void {
  const onSignal = (): void => {
    log.info({}, 'recorder and service are renewed; running calls go on');
    // One after the other: while the new recorder takes the calls up, the machine and its disk are its own.
    void Promise.resolve(children.recorder?.renew()).then(() =>
      clock.after(children.recorder === null ? 0 : SERVICE_AFTER_MS, () => void children.service?.renew()),
    );
  };
  process.on('SIGUSR2', onSignal);
  return () => process.off('SIGUSR2', onSignal);
}

/** The first signal stops in order, a second one at once. */
function onStopSignals(options: SuperviseOptions, stop: () => void, children: Children): () => void {
  let asked = false;
  const onSignal = (): void => {
    if (asked) for (const child of Object.values(children) as (Supervised | null)[]) child?.kill();
    asked = true;
    stop();
  };
  const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  for (const name of signals) process.on(name, onSignal);
  options.abort?.addEventListener('abort', onSignal);
  return () => {
    for (const name of signals) process.off(name, onSignal);
    options.abort?.removeEventListener('abort', onSignal);
  };
}

/** The recorder drains while the service and then the database, which the service uses to its end, are stopped. */
async function stopAll(children: Children, deadlines: Deadlines): Promise<void> {
  const recorder = children.recorder?.stop(deadlines.recorder);
  await children.service?.stop(deadlines.service);
  await children.postgres?.stop(deadlines.postgres);
  await recorder;
}
