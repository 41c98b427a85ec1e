/** A window holds at least so much time and so many packets: enough for one that met no queue on its way. */
const WINDOW_US = 5_000_000;
const WINDOW_PACKETS = 25;
/** Windows on either side whose median a window takes, so that one in a stall moves nothing. */
const REACH = 2;

/** One point of the lower envelope: the least delay around a time of the sender. */
export interface AnchorPoint {
  readonly timeUs: number;
  readonly delayUs: number;
}

/**
 * Where the sender's clock stands against the recorder's: the lower envelope of the packets' delays, as jitter only ever adds.
 * Between its points the offset is interpolated, so that it follows a drift.
 */
export class Anchor {
  readonly #points: readonly AnchorPoint[];
  #at = 0;

  constructor(points: readonly AnchorPoint[]) {
    this.#points = points.map((point, i) => ({ timeUs: point.timeUs, delayUs: medianAround(points, i) }));
  }

  /** The offset at a time of the sender, µs. Cheap when asked near the last one. */
  offsetUs(timeUs: number): number {
    const points = this.#points;
    if (points.length === 0) return 0;
    while (this.#at > 0 && points[this.#at]!.timeUs > timeUs) this.#at--;
    while (this.#at + 1 < points.length && points[this.#at + 1]!.timeUs <= timeUs) this.#at++;
    const here = points[this.#at]!;
    const next = points[this.#at + 1];
    if (next === undefined || timeUs <= here.timeUs) return here.delayUs;
    return here.delayUs + ((next.delayUs - here.delayUs) * (timeUs - here.timeUs)) / (next.timeUs - here.timeUs);
  }

  /** Drift of the sender's clock in parts per million, + = fast, by least squares; null below a minute. */
  driftPpm(): number | null {
    const points = this.#points;
    if (points.length < 3 || points.at(-1)!.timeUs - points[0]!.timeUs < 60e6) return null;
    return -fitLine(points).slope * 1e6;
  }
}

/** A straight line through points. */
export interface Line {
  /** Per µs. */
  readonly slope: number;
  at(timeUs: number): number;
}

/** The line of least squares through at least one point. */
export function fitLine(points: readonly AnchorPoint[]): Line {
  const meanTime = points.reduce((sum, point) => sum + point.timeUs, 0) / points.length;
  const meanDelay = points.reduce((sum, point) => sum + point.delayUs, 0) / points.length;
  let across = 0;
  let along = 0;
  for (const { timeUs, delayUs } of points) {
    across += (timeUs - meanTime) * (delayUs - meanDelay);
    along += (timeUs - meanTime) ** 2;
  }
  const slope = along === 0 ? 0 : across / along;
  return { slope, at: (timeUs) => meanDelay + slope * (timeUs - meanTime) };
}

/** The least delay of each window of the packets `from` to `to`. */
export function envelope(timeUs: Float64Array, delayUs: Float64Array, from: number, to: number): AnchorPoint[] {
  const points: AnchorPoint[] = [];
  let start = from;
  let least = from;
  for (let i = from; i < to; i++) {
    if (timeUs[i]! - timeUs[start]! >= WINDOW_US && i - start >= WINDOW_PACKETS) {
      add(points, timeUs[least]!, delayUs[least]!);
      start = least = i;
    }
    if (delayUs[i]! < delayUs[least]!) least = i;
  }
  // A last window that is too short to be trusted only counts when it is the only one, or lowers the one before.
  const last = points.at(-1);
  if (start < to && (last === undefined || to - start >= WINDOW_PACKETS || delayUs[least]! < last.delayUs)) {
    add(points, timeUs[least]!, delayUs[least]!);
  }
  return points;
}

/** Timestamps may go back a little within a segment; the envelope's do not. */
function add(points: AnchorPoint[], timeUs: number, delayUs: number): void {
  if (points.length === 0 || timeUs > points.at(-1)!.timeUs) points.push({ timeUs, delayUs });
}

function medianAround(points: readonly AnchorPoint[], at: number): number {
  const reach = Math.min(REACH, at, points.length - 1 - at) || Math.min(1, points.length - 1);
  const near = points.slice(Math.max(0, at - reach), at + reach + 1).map((point) => point.delayUs);
  near.sort((a, b) => a - b);
  const middle = near.length >> 1;
  return near.length % 2 === 1 ? near[middle]! : (near[middle - 1]! + near[middle]!) / 2;
}
