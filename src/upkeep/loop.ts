import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';

/** Runs a task now and then again `ms` after each end, never twice at once. A failing task is logged and comes again. */
export class Loop {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #name: string;
  readonly #ms: number;
  readonly #task: () => Promise<void>;
  #timer: Timer | null = null;
  #running: Promise<void> | null = null;
  #stopped = false;

  constructor(
    clock: Clock,
    log: Log,
    loop: { readonly name: string; readonly ms: number; readonly task: () => Promise<void> },
  ) {
    this.#clock = clock;
    this.#log = log;
    this.#name = loop.name;
    this.#ms = loop.ms;
    this.#task = loop.task;
  }

  /** Runs it now; while it runs, returns the run there is. */
  run(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#timer?.cancel();
    this.#running ??= this.#once();
    return this.#running;
  }

  /** Waits for what runs; nothing runs afterwards. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  async #once(): Promise<void> {
    try {
      await this.#task();
    } catch (error) {
      this.#log.warn({ task: this.#name, reason: messageOf(error) }, 'upkeep failed, it is tried again');
    }
    this.#running = null;
    if (!this.#stopped) this.#timer = this.#clock.after(this.#ms, () => void this.run());
  }
}
