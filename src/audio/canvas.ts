import { BytePool } from '../base/byte-pool.ts';
import { DECODE, ENCODE, SILENCE, type Law } from './g711.ts';

/** Samples of one channel in the form of the file: G.711 codes or linear. */
export type Plane = Uint8Array | Int16Array;

const FIRST_CAPACITY = 65_536;
/** Planes of G.711 and what is taken from them, of some calls at once. */
export const codeBytes = new BytePool(FIRST_CAPACITY, 24);

/** Adds two samples and holds them within 16 bits. */
export function saturate(sum: number): number {
  return sum > 32767 ? 32767 : sum < -32768 ? -32768 : sum;
}

/**
 * A moving window of the recording that packets are drawn on in any order, silent where nothing was drawn. Positions are
 * absolute samples; what lies before the window or outside the recording is ignored.
 */
export class Canvas {
  readonly #law: Law | null;
  readonly #silence: number;
  readonly #end: number;
  readonly #planes: Plane[];
  /** For channels that mix: which samples are drawn already. */
  readonly #drawn: (Uint8Array | null)[];
  /** Room for what is taken, by channel. */
  readonly #whole: Plane[];
  #capacity: number;
  #base: number;

  constructor(
    form: { law: Law | null; from: number; samples: number; mixes: readonly boolean[] },
    capacity = FIRST_CAPACITY,
  ) {
    this.#law = form.law;
    this.#silence = form.law === null ? 0 : SILENCE[form.law];
    this.#base = form.from;
    this.#end = form.from + form.samples;
    this.#capacity = capacity;
    this.#planes = form.mixes.map(() => this.#blank(capacity));
    this.#drawn = form.mixes.map((mixes) => (mixes ? new Uint8Array(capacity) : null));
    this.#whole = form.mixes.map(() => (form.law === null ? new Int16Array(0) : codeBytes.take()));
  }

  /** Gives its memory back: neither the canvas nor what was taken from it is good any more. */
  close(): void {
    for (const plane of [...this.#planes.splice(0), ...this.#whole.splice(0)]) {
      if (plane instanceof Uint8Array) codeBytes.give(plane);
    }
  }

  /** First sample that was not taken yet. */
  get base(): number {
    return this.#base;
  }

  /** Draws `samples[from, to)` with its first one at `position`. */
  draw(channel: number, position: number, samples: Plane, from: number, to: number): void {
    const skip = Math.max(0, this.#base - position);
    const count = Math.min(to - from, this.#end - position) - skip;
    if (count <= 0) return;
    let at = position + skip;
    if (at + count - this.#base > this.#capacity) this.#grow(at + count - this.#base);
    const plane = this.#planes[channel]!;
    for (let source = from + skip, left = count; left > 0;) {
      const slot = at % this.#capacity;
      const offset = slot < 0 ? slot + this.#capacity : slot;
      const run = Math.min(left, this.#capacity - offset);
      this.#drawRun(channel, plane, offset, samples, source, run);
      source += run;
      at += run;
      left -= run;
    }
  }

  /** Silences [from, to), as far as it lies in the window's next `count` samples. */
  erase(from: number, to: number, count: number): void {
    const end = Math.min(to, this.#base + count);
    for (let at = Math.max(from, this.#base); at < end; at++) {
      for (const plane of this.#planes) plane[this.#slot(at)] = this.#silence;
    }
  }

  /** Moves the window on by `count` samples and returns them, by channel; they are good until the next ones are taken. */
  take(count: number): Plane[] {
    if (count > this.#capacity) this.#grow(count);
    const first = this.#slot(this.#base);
    const head = Math.min(count, this.#capacity - first);
    const taken = this.#planes.map((plane, channel) => {
      const out = this.#room(channel, count);
      out.set(plane.subarray(first, first + head));
      out.set(plane.subarray(0, count - head), head);
      plane.fill(this.#silence, first, first + head).fill(this.#silence, 0, count - head);
      return out;
    });
    for (const drawn of this.#drawn) drawn?.fill(0, first, first + head).fill(0, 0, count - head);
    this.#base += count;
    return taken;
  }

  #drawRun(channel: number, plane: Plane, offset: number, samples: Plane, from: number, count: number): void {
    const drawn = this.#drawn[channel];
    if (drawn === null || drawn === undefined) {
      // A packet lies in the memory of its record, and copying from there needs no view of its own.
      if (samples instanceof Buffer) samples.copy(plane as Uint8Array, offset, from, from + count);
      else plane.set(samples.subarray(from, from + count), offset);
      return;
    }
    for (let i = 0; i < count; i++) {
      const at = offset + i;
      const sample = samples[from + i]!;
      plane[at] = drawn[at] === 0 ? sample : this.#mixed(plane[at]!, sample);
      drawn[at] = 1;
    }
  }

  #mixed(one: number, other: number): number {
    if (this.#law === null) return saturate(one + other);
    const decode = DECODE[this.#law];
    return ENCODE[this.#law][saturate(decode[one]! + decode[other]!) & 0xffff]!;
  }

  #room(channel: number, count: number): Plane {
    if (this.#whole[channel]!.length < count) {
      this.#whole[channel] = this.#law === null ? new Int16Array(count) : new Uint8Array(count);
    }
    return this.#whole[channel]!.subarray(0, count);
  }

  #slot(position: number): number {
    const slot = position % this.#capacity;
    return slot < 0 ? slot + this.#capacity : slot;
  }

  #blank(size: number): Plane {
    if (this.#law === null) return new Int16Array(size);
    const plane = size === FIRST_CAPACITY ? codeBytes.take() : new Uint8Array(size);
    return plane.fill(this.#silence);
  }

  /** Room for `needed` samples from the base on; what was drawn keeps its position. */
  #grow(needed: number): void {
    const old = this.#capacity;
    const first = this.#slot(this.#base);
    this.#capacity = 2 ** Math.ceil(Math.log2(needed));
    const to = this.#slot(this.#base);
    const moved = <T extends Plane>(from: T, fresh: T): T => {
      for (let i = 0; i < old; i++) fresh[(to + i) % this.#capacity] = from[(first + i) % old]!;
      return fresh;
    };
    for (let channel = 0; channel < this.#planes.length; channel++) {
      this.#planes[channel] = moved(this.#planes[channel]!, this.#blank(this.#capacity));
      const drawn = this.#drawn[channel];
      if (drawn !== null && drawn !== undefined) this.#drawn[channel] = moved(drawn, new Uint8Array(this.#capacity));
    }
  }
}
