/** Time as a dependency: wall clock, monotonic clock and timers of one source, so that tests can turn them by hand. */
export interface Clock {
  /** Wall time, milliseconds since 1970 (may step). */
  now(): number;
  /**
   * Monotonic time, milliseconds with fractions. Never steps. The system's is CLOCK_MONOTONIC: the same for all threads and
   * processes of one boot, so a restarted process goes on counting where the old one stopped.
   */
  mono(): number;
  /** Runs `task` once after `ms`; the handle cancels it (idempotent). */
  after(ms: number, task: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

/** The machine's own clock. Its timers do not keep the process alive unless `hold` is set. */
export function systemClock(options: { hold?: boolean } = {}): Clock {
  return {
    now: () => Date.now(),
    mono: () => Number(process.hrtime.bigint()) / 1e6,
    after(ms, task) {
      const handle = setTimeout(task, ms);
      if (options.hold !== true) handle.unref();
      return { cancel: () => clearTimeout(handle) };
    },
  };
}

interface Pending {
  at: number;
  order: number;
  task: () => void;
}

/** A clock for tests: stands still until it is told to go on. Timers fire in order of their time, then of their making. */
export class VirtualClock implements Clock {
  #mono = 0;
  #wall: number;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor(wall: number = Date.UTC(2026, 0, 1)) {
    this.#wall = wall;
  }

  now(): number {
    return this.#wall + this.#mono;
  }

  mono(): number {
    return this.#mono;
  }

  after(ms: number, task: () => void): Timer {
    const pending: Pending = { at: this.#mono + Math.max(0, ms), order: this.#order++, task };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }

  /** How many timers wait. A test of clean-up asserts zero. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Steps the wall clock alone, as an administrator or NTP would. */
  step(ms: number): void {
    this.#wall += ms;
  }

  /** Lets `ms` pass; every timer that falls due in between fires at its own time. */
  advance(ms: number): void {
    const end = this.#mono + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      this.#pending.delete(next);
      this.#mono = Math.max(this.#mono, next.at);
      next.task();
    }
    this.#mono = end;
  }

  #next(end: number): Pending | undefined {
    let best: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.at > end) continue;
      if (best === undefined || pending.at < best.at || (pending.at === best.at && pending.order < best.order)) {
        best = pending;
      }
    }
    return best;
  }
}
