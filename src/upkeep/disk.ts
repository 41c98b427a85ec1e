import { statfs } from 'node:fs/promises';

export interface DiskSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** What an ordinary user may still write, in bytes. */
export async function diskSpace(path: string): Promise<DiskSpace> {
  const { bavail, blocks, bsize } = await statfs(path);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}

export interface DiskAlarm {
  readonly code: 'disk-low' | 'disk-full';
  readonly text: string;
}

const HOUR_MS = 3_600_000;
/** Warned this long before the disk is full at the pace of the last hours. */
const WARN_AHEAD_HOURS = 72;
const KEPT_SAMPLES = 24 * 6;
const LEAST_SPAN_MS = HOUR_MS;

/**
 * Tells from samples of free space whether to warn (K5): early, from the pace at which the disk fills, and in any case below a twentieth of it
 * or three times the least that must be free.
 */
export class DiskWatch {
  readonly #leastBytes: number;
  readonly #samples: { readonly at: number; readonly freeBytes: number }[] = [];
  #space: DiskSpace | null = null;

  /** `leastBytes`: below this, new calls are refused. */
  constructor(leastBytes: number) {
    this.#leastBytes = leastBytes;
  }

  get space(): DiskSpace | null {
    return this.#space;
  }

  /** @param at monotonic ms; a sample every ten minutes or so gives a pace over a day */
  take(at: number, space: DiskSpace): void {
    this.#space = space;
    this.#samples.push({ at, freeBytes: space.freeBytes });
    if (this.#samples.length > KEPT_SAMPLES) this.#samples.shift();
  }

  /** Hours until only the least is free, at the pace of the samples; null = it does not fill, or too early to tell. */
  get hoursLeft(): number | null {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < LEAST_SPAN_MS) return null;
    const perHour = ((first.freeBytes - last.freeBytes) / (last.at - first.at)) * HOUR_MS;
    return perHour <= 0 ? null : Math.max(0, (last.freeBytes - this.#leastBytes) / perHour);
  }

  get alarms(): DiskAlarm[] {
    if (this.#space === null) return [];
    const { freeBytes, totalBytes } = this.#space;
    const free = `${(freeBytes / 1e9).toFixed(1)} GB are free`;
    if (freeBytes < this.#leastBytes) {
      return [
        {
          code: 'disk-full',
          text: `The disk is full: ${free}, new calls are refused. Free space or shorten the retention.`,
        },
      ];
    }
    const hours = this.hoursLeft;
    if (hours !== null && hours < WARN_AHEAD_HOURS) {
      const text = `The disk fills: ${free}, enough for about ${Math.floor(hours)} hours at the present pace.`;
      return [{ code: 'disk-low', text }];
    }
    if (freeBytes >= Math.max(totalBytes / 20, 3 * this.#leastBytes)) return [];
    return [{ code: 'disk-low', text: `The disk is nearly full: ${free}.` }];
  }
}
