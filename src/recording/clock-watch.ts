import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';

const EVERY_MS = 1000;
/** Less than this is the ordinary work of whoever keeps the clock right. */
const STEP_MS = 500;

/** Says so when the wall clock steps: durations do not depend on it, but times of day in recordings do. */
export class ClockWatch {
  readonly #clock: Clock;
  readonly #log: Log;
  #offset: number;
  #timer: Timer | undefined;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#offset = clock.now() - clock.mono();
  }

  start(): void {
    this.#timer = this.#clock.after(EVERY_MS, () => {
      this.look();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  look(): void {
    const offset = this.#clock.now() - this.#clock.mono();
    const ms = Math.round(offset - this.#offset);
    this.#offset = offset;
    if (Math.abs(ms) >= STEP_MS)
      this.#log.warn({ ms }, 'the wall clock stepped; durations go on by the monotonic clock');
  }
}
