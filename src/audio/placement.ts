import { Anchor, envelope } from './anchor.ts';
import type { PacketTable } from './packets.ts';
import { quietestPlace, quietThreshold } from './quiet.ts';
import { steadied } from './reports.ts';
import type { Segment, Source } from './source.ts';
import type { Correction } from './types.ts';

/** From this misalignment on, a quiet place for a correction is looked for … */
const SEEK_US = 4000;
/** … and before this one it is made in any case, so that two sides that drift apart stay within 20 ms of each other. */
const FORCE_US = 9000;
/** At most so much is dropped from or put into sound at once. */
const MOST_US = 10_000;
/** However far off already, so many packets are considered for the quietest. */
const FEWEST_CHOICES = 50;
/** A silence from which a correction may be taken without touching sound. */
const GAP_US = 60_000;
/** Beyond this a silence takes up the whole misalignment at once. */
const FAR_US = 20_000;
/** A segment that would begin before the end of the last by no more than this is appended to it. */
const APPEND_US = 1_000_000;
/** Assumed length of a packet of which only its decoder knows it, and the longest that is believed from the timestamps. */
const FOREIGN_US = 20_000;
const FOREIGN_MOST_US = 120_000;

/** What is not copied as it is within one packet; output samples. */
export interface Edit {
  /** Samples left out at the front, as another packet already covers them. */
  readonly head: number;
  /** Where in the packet the correction is, counted from its front with the head. */
  readonly at: number;
  /** + silence inserted, − samples dropped, 0 = no correction. */
  readonly delta: number;
}

/** A correction at an absolute sample of the arrival clock. */
export interface PlacedCorrection {
  readonly sample: number;
  readonly samples: number;
  readonly place: Correction['place'];
}

/** Where the packets of a stream go: sample numbers count from the call's opening on the arrival clock. */
export interface Layout {
  readonly table: PacketTable;
  /** First output sample by table row; NaN = is not drawn. */
  readonly start: Float64Array;
  readonly edits: Map<number, Edit>;
}

/** What one source covers. */
export interface Placed {
  /** start, end, start, end …, rising, contiguous packets joined. */
  readonly covered: number[];
  readonly corrections: PlacedCorrection[];
  readonly driftPpm: number | null;
  /** Packets whose samples another one already covered, in part or wholly. */
  readonly overlapping: number;
}

/**
 * Lays out one source at `rate` samples per second. Jitter moves nothing: within a segment each packet stands where its
 * timestamp says, and only a drift of the segment's anchor is corrected.
 */
export class SourcePlacer {
  readonly #layout: Layout;
  readonly #source: Source;
  readonly #rate: number;
  readonly #quiet: number;
  readonly #covered: number[] = [];
  readonly #corrections: PlacedCorrection[] = [];
  #end: number;
  #overlapping = 0;
  #drift: { readonly packets: number; readonly ppm: number } | undefined;

  /** `after`: the sample before which this source must not begin if it only just would; −Infinity = none. */
  constructor(layout: Layout, source: Source, rate: number, after: number) {
    this.#layout = layout;
    this.#source = source;
    this.#rate = rate;
    this.#quiet = quietThreshold(layout.table, source.rows);
    this.#end = after;
  }

  place(): Placed {
    for (const segment of this.#source.segments) {
      const anchor = this.#anchor(segment);
      this.#placeSegment(segment, anchor);
      const ppm = anchor.driftPpm();
      const packets = segment.to - segment.from;
      if (ppm !== null && packets > (this.#drift?.packets ?? 0)) this.#drift = { packets, ppm };
    }
    return {
      covered: this.#covered,
      corrections: this.#corrections,
      driftPpm: this.#drift?.ppm ?? null,
      overlapping: this.#overlapping,
    };
  }

  #anchor(segment: Segment): Anchor {
    const { timeUs, delayUs } = this.#source;
    const points = envelope(timeUs, delayUs, segment.from, segment.to);
    return new Anchor(steadied(points, this.#layout.table, this.#source, segment));
  }

  #placeSegment(segment: Segment, anchor: Anchor): void {
    const { timeUs } = this.#source;
    const origin = timeUs[segment.from]!;
    let base = this.#samples(origin + anchor.offsetUs(origin));
    if (base < this.#end && this.#end - base <= this.#samples(APPEND_US)) base = this.#end;
    let planned = -1;
    let quiet = false;
    for (let i = segment.from; i < segment.to; i++) {
      const time = timeUs[i]!;
      let position = base + this.#samples(time - origin);
      const fault = (this.#rate * (origin + anchor.offsetUs(time))) / 1e6 - base;
      const step = this.#gapStep(position, Math.round(fault));
      base += step;
      position += step;
      if (planned < i && Math.abs(fault - step) >= this.#samples(SEEK_US)) {
        const place = this.#choose(segment, anchor, i, base);
        planned = place.at;
        quiet = place.quiet;
      }
      const due = planned === i && Math.abs(fault - step) >= this.#samples(SEEK_US);
      const correction = due ? this.#bounded(Math.round(fault - step)) : 0;
      base += this.#put(i, position, correction, quiet ? 'quiet' : 'forced');
    }
  }

  /** Where the next correction goes, seen from packet `from` with the present base. */
  #choose(segment: Segment, anchor: Anchor, from: number, base: number): { at: number; quiet: boolean } {
    const { timeUs, rows } = this.#source;
    const origin = timeUs[segment.from]!;
    const force = this.#samples(FORCE_US);
    let to = from;
    while (to < segment.to) {
      const fault = (this.#rate * (origin + anchor.offsetUs(timeUs[to]!))) / 1e6 - base;
      if (Math.abs(fault) >= force && to - from >= FEWEST_CHOICES) break;
      to++;
    }
    return quietestPlace(this.#layout.table, rows, from, to, this.#quiet);
  }

  /** Takes a misalignment (samples, + = too early) out of the silence before `position`. */
  #gapStep(position: number, fault: number): number {
    const gap = position - this.#end;
    if (gap < this.#samples(GAP_US) || gap === Infinity || Math.abs(fault) < this.#samples(SEEK_US)) return 0;
    const whole = Math.abs(fault) > this.#samples(FAR_US);
    const step = Math.max(-gap, whole ? fault : this.#bounded(fault));
    this.#corrections.push({ sample: this.#end, samples: step, place: 'gap' });
    return step;
  }

  /** Puts packet `i` down; returns by how much all later ones move. */
  #put(i: number, position: number, wanted: number, place: Correction['place']): number {
    const { table, start, edits } = this.#layout;
    const row = this.#source.rows[i]!;
    const drawn = table.samples[row]!;
    const length = drawn > 0 ? this.#samples((drawn * 1e6) / table.codecOf(row)!.rate) : this.#foreignLength(i);
    const head = Math.min(length, Math.max(0, this.#end - position));
    if (head > 0) this.#overlapping++;
    const room = length - head;
    if (room === 0) return 0;
    const delta = Math.max(wanted, -room);
    const at = head + ((delta < 0 ? room + delta : room) >> 1);
    if (drawn > 0) {
      start[row] = position + head;
      if (head > 0 || delta !== 0) edits.set(row, { head, at, delta });
    }
    if (delta !== 0) this.#corrections.push({ sample: position + at, samples: delta, place });
    this.#cover(position + head, position + length + delta);
    return delta;
  }

  #cover(from: number, to: number): void {
    if (this.#covered.at(-1) === from) this.#covered[this.#covered.length - 1] = to;
    else this.#covered.push(from, to);
    this.#end = to;
  }

  #foreignLength(i: number): number {
    const { timeUs } = this.#source;
    const step = i + 1 < timeUs.length ? timeUs[i + 1]! - timeUs[i]! : FOREIGN_US;
    return this.#samples(step > 0 && step <= FOREIGN_MOST_US ? step : FOREIGN_US);
  }

  #bounded(samples: number): number {
    const most = Math.floor((this.#rate * MOST_US) / 1e6);
    return Math.max(-most, Math.min(most, samples));
  }

  #samples(us: number): number {
    return Math.round((us * this.#rate) / 1e6);
  }
}
