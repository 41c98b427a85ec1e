import type { Clock, Timer } from '../base/clock.ts';
import { EarshotError, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { CONFIGURATION_ERROR, transition, type ChildEvent, type ChildState } from './child.ts';
import type { RunningProcess } from './process.ts';

/** How a role is started; what it is behind that, a program of ours or PostgreSQL, does not matter here. */
export interface Launcher {
  readonly role: string;
  /** The signal that asks it to end. */
  readonly stopSignal: NodeJS.Signals;
  /** Takes over one that runs, or starts one; resolves when it runs. */
  launch(): Promise<RunningProcess | null>;
  /** Makes ready the one that the next {@link launch} starts, in the place of another that stands by. False: it cannot be started. */
  standBy?(): Promise<boolean>;
  /** Ends the one that stands by. */
  dismiss?(): void;
}

export interface SupervisedOptions {
  readonly launcher: Launcher;
  readonly clock: Clock;
  readonly log: Log;
  /** A configuration error: everything has to stop with this exit code. */
  readonly onFailed: (exitCode: number) => void;
}

/** Told aloud from this many failures in a row on. */
const REPEATED = 3;

/** A spare is loaded when the one that runs has found its feet: loading would take the machine's time from it. */
const SPARE_AFTER_MS = 10_000;

/** Keeps one process running. */
export class Supervised {
  readonly #options: SupervisedOptions;
  #state: ChildState = { phase: 'idle' };
  #process: RunningProcess | null = null;
  #timer: Timer | null = null;
  #spareTimer: Timer | null = null;
  #isRenewing = false;
  #stopRequested: NodeJS.Signals | null = null;
  readonly #ended = Promise.withResolvers<void>();
  readonly #ready = Promise.withResolvers<void>();

  constructor(options: SupervisedOptions) {
    this.#options = options;
  }

  get state(): ChildState {
    return this.#state;
  }

  get pid(): number | null {
    return this.#process?.identity.pid ?? null;
  }

  /** Resolves when it runs for the first time. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  start(): void {
    this.#take({ type: 'start' });
    this.#launch();
  }

  /** Asks it to end; after the deadline it and all of its process group are killed. Resolves when it is gone. */
  async stop(deadlineMs: number): Promise<void> {
    this.#take({ type: 'stop' });
    this.#timer?.cancel();
    this.#spareTimer?.cancel();
    this.#options.launcher.dismiss?.();
    if (this.#state.phase !== 'stopping') return;
    this.#stopRequested = this.#options.launcher.stopSignal;
    this.#process?.signal(this.#stopRequested);
    const killer = this.#options.clock.after(deadlineMs, () => {
      this.#options.log.warn({ role: this.#role, deadlineMs }, 'did not end in time and is killed');
      this.#process?.kill();
    });
    await this.#ended.promise;
    killer.cancel();
  }

  /**
   * Asks it to make room for a new one of itself, which takes up its work: an upgrade. Where the new one can stand by, it is loaded first;
   * when it cannot be, the one that runs stays. Resolves when the old one is gone, or is known to stay.
   */
  async renew(): Promise<void> {
    if (this.#state.phase !== 'running' || this.#isRenewing) return;
    const { launcher, log } = this.#options;
    this.#spareTimer?.cancel();
    const old = this.#process;
    this.#isRenewing = true;
    const isReady = launcher.standBy === undefined || (await launcher.standBy());
    this.#isRenewing = false;
    // It was told to stop, or ended by itself and the new one is in its place already.
    if (this.#process !== old || this.#stopRequested !== null) return;
    if (!isReady) {
      log.error({ role: this.#role }, `the ${this.#role} that is installed now does not start; the old one goes on`);
      return;
    }
    old?.signal('SIGUSR2');
    await old?.exited;
  }

  /** Ends it without asking. */
  kill(): void {
    this.#options.launcher.dismiss?.();
    this.#process?.kill();
  }

  get #role(): string {
    return this.#options.launcher.role;
  }

  #take(event: ChildEvent): void {
    this.#state = transition(this.#state, event);
  }

  #launch(): void {
    this.#options.launcher.launch().then(
      (started) => (started === null ? this.#exited(null, 'it cannot be started') : this.#started(started)),
      (error: unknown) => this.#failedToLaunch(error),
    );
  }

  #started(running: RunningProcess): void {
    const { clock, log } = this.#options;
    this.#process = running;
    this.#take({ type: 'started', at: clock.mono() });
    log.info({ role: this.#role, pid: running.identity.pid, adopted: running.adopted }, 'process runs');
    this.#ready.resolve();
    this.#spareTimer = clock.after(SPARE_AFTER_MS, () => void this.#options.launcher.standBy?.());
    // Told to stop while it was starting.
    if (this.#stopRequested !== null) {
      this.#spareTimer.cancel();
      running.signal(this.#stopRequested);
    }
    void running.exited.then((code) => this.#exited(code, code === null ? 'by a signal' : `with exit code ${code}`));
  }

  #failedToLaunch(error: unknown): void {
    const lasting = error instanceof EarshotError && LASTING.has(error.code);
    this.#exited(lasting ? CONFIGURATION_ERROR : null, error instanceof EarshotError ? error.line : messageOf(error));
  }

  #exited(code: number | null, how: string): void {
    const { clock, log, onFailed } = this.#options;
    this.#process = null;
    this.#spareTimer?.cancel();
    this.#take({ type: 'exited', at: clock.mono(), code });
    const fields = { role: this.#role };
    if (this.#state.phase === 'waiting') return this.#wait(this.#state.failures, this.#state.delayMs, how);
    this.#options.launcher.dismiss?.();
    if (this.#state.phase === 'failed') {
      log.error(fields, `the ${this.#role} cannot run: ${how}`);
      onFailed(this.#state.exitCode);
    } else {
      log.info(fields, 'process ended');
    }
    this.#ended.resolve();
  }

  #wait(failures: number, delayMs: number, how: string): void {
    const { clock, log } = this.#options;
    const fields = { role: this.#role, failures, delayMs };
    if (failures >= REPEATED) {
      log.error(
        fields,
        `the ${this.#role} ended ${failures} times in a row (last: ${how}); next start in ${delayMs / 1000} s`,
      );
    } else {
      log.warn(fields, `the ${this.#role} ended (${how}) and is started again`);
    }
    this.#timer = clock.after(delayMs, () => {
      this.#take({ type: 'due' });
      this.#launch();
    });
  }
}

/** Errors that the next start would only repeat. */
const LASTING: ReadonlySet<string> = new Set([
  'CONFIG_INVALID',
  'CONFIG_UNREADABLE',
  'DATABASE_VERSION',
  'KEY_MISSING',
  'KEY_INVALID',
]);
