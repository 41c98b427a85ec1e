import { statfs } from 'node:fs/promises';
import type { Clock, Timer } from '../base/clock.ts';
import { EarshotError, messageOf } from '../base/errors.ts';

const EVERY_MS = 1000;
const MEGABYTE = 1024 * 1024;

export type FreeBytes = (path: string) => Promise<number>;

const systemFree: FreeBytes = async (path) => {
  const figures = await statfs(path);
  return figures.bavail * figures.bsize;
};

/** Watches the spool's disk, so that new calls are refused while there is still room for the running ones (K5). */
export class DiskGauge {
  readonly #path: string;
  readonly #minFreeBytes: number;
  readonly #clock: Clock;
  readonly #free: FreeBytes;
  #timer: Timer | undefined;
  #refusal: EarshotError | null = null;
  freeBytes = 0;

  constructor(path: string, minFreeMegabytes: number, clock: Clock, free: FreeBytes = systemFree) {
    this.#path = path;
    this.#minFreeBytes = minFreeMegabytes * MEGABYTE;
    this.#clock = clock;
    this.#free = free;
  }

  /** Why no new call may be taken, or null. */
  get refusal(): EarshotError | null {
    return this.#refusal;
  }

  async look(): Promise<void> {
    try {
      this.freeBytes = await this.#free(this.#path);
      const short = this.freeBytes < this.#minFreeBytes;
      this.#refusal = short ? tooFull(this.freeBytes, this.#minFreeBytes) : null;
    } catch (error) {
      this.#refusal = new EarshotError('DISK_FULL', `the spool folder cannot be looked at: ${messageOf(error)}.`, {
        key: 'EARSHOT_DATA',
      });
    }
  }

  start(): void {
    this.#timer = this.#clock.after(EVERY_MS, () => void this.look().finally(() => this.start()));
  }

  stop(): void {
    this.#timer?.cancel();
  }
}

function tooFull(free: number, least: number): EarshotError {
  const text = `${Math.floor(free / MEGABYTE)} MB are free, below the ${Math.floor(least / MEGABYTE)} MB that running calls need.`;
  return new EarshotError('DISK_FULL', text, {
    key: 'limits.free',
    remedy: 'Free space on the disk of the data folder, or give it a larger one.',
  });
}
