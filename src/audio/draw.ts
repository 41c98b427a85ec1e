import { saturate, type Canvas } from './canvas.ts';
import type { PayloadCodec } from './codecs.ts';
import { DECODE, ENCODE, type Law } from './g711.ts';
import type { Edit } from './placement.ts';
import type { Side, Target } from './plan.ts';
import type { CapturedRtp } from './types.ts';

/** Samples of the largest packet, at six times its rate. */
const FIRST_SCRATCH = 4096;

/** Turns payloads into samples of the file's form and draws them on the canvas. Allocates nothing for a packet. */
export class Painter {
  readonly #canvas: Canvas;
  readonly #law: Law | null;
  readonly #rate: number;
  #codes = new Uint8Array(FIRST_SCRATCH);
  #decoded = new Int16Array(FIRST_SCRATCH);
  #linear = new Int16Array(FIRST_SCRATCH);

  constructor(canvas: Canvas, form: { law: Law | null; rate: number }) {
    this.#canvas = canvas;
    this.#law = form.law;
    this.#rate = form.rate;
  }

  /** Draws a packet at `start` in each of its channels, its edit applied. */
  paint(
    codec: PayloadCodec,
    packet: CapturedRtp,
    start: number,
    edit: Edit | undefined,
    targets: readonly Target[],
  ): void {
    for (const { channel, side } of targets) {
      if (this.#law !== null && codec.channels === 1) {
        // The plain case: the bytes of the packet are the bytes of the file.
        this.#put(channel, start, edit, packet.bytes, packet.from, packet.to);
        continue;
      }
      const payload = packet.bytes.subarray(packet.from, packet.to);
      if (this.#law === null) {
        const count = this.#toLinear(codec, payload, side);
        this.#put(channel, start, edit, this.#linear, 0, count);
      } else {
        const count = this.#pickCodes(this.#law, payload, side);
        this.#put(channel, start, edit, this.#codes, 0, count);
      }
    }
  }

  #put(
    channel: number,
    start: number,
    edit: Edit | undefined,
    samples: Uint8Array | Int16Array,
    from: number,
    to: number,
  ): void {
    if (edit === undefined) {
      this.#canvas.draw(channel, start, samples, from, to);
      return;
    }
    const { head, at, delta } = edit;
    const resume = at + Math.max(0, -delta);
    this.#canvas.draw(channel, start, samples, from + head, from + at);
    this.#canvas.draw(channel, start + (resume - head) + delta, samples, from + resume, to);
  }

  #pickCodes(law: Law, payload: Uint8Array, side: Side): number {
    const count = payload.length >> 1;
    if (this.#codes.length < count) this.#codes = new Uint8Array(count);
    const values = DECODE[law];
    const back = ENCODE[law];
    for (let i = 0; i < count; i++) {
      const left = payload[2 * i]!;
      const right = payload[2 * i + 1]!;
      if (side === 'both') this.#codes[i] = back[saturate(values[left]! + values[right]!) & 0xffff]!;
      else this.#codes[i] = side === 0 ? left : right;
    }
    return count;
  }

  /** Fills the linear scratch; returns how many samples it holds. */
  #toLinear(codec: PayloadCodec, payload: Uint8Array, side: Side): number {
    const most = payload.length * Math.max(1, Math.ceil(this.#rate / codec.rate));
    if (this.#linear.length < most) {
      this.#linear = new Int16Array(most);
      this.#decoded = new Int16Array(most);
    }
    const plain = codec.rate === this.#rate;
    const into = plain ? this.#linear : this.#decoded;
    const count = foldChannels(into, decode(codec, payload, into), codec.channels, side);
    return plain ? count : raiseRate(into, count, { from: codec.rate, to: this.#rate }, this.#linear);
  }
}

function decode(codec: PayloadCodec, payload: Uint8Array, into: Int16Array): number {
  if (codec.coding === 'l16') {
    const count = payload.length >> 1;
    for (let i = 0; i < count; i++) into[i] = (payload[2 * i]! << 8) | payload[2 * i + 1]!;
    return count;
  }
  const table = codec.coding === 'alaw' ? DECODE.alaw : DECODE.mulaw;
  for (let i = 0; i < payload.length; i++) into[i] = table[payload[i]!]!;
  return payload.length;
}

/** Leaves one side, or the sum of both, in place. */
function foldChannels(samples: Int16Array, count: number, channels: number, side: Side): number {
  if (channels === 1) return count;
  const frames = count >> 1;
  for (let i = 0; i < frames; i++) {
    const left = samples[2 * i]!;
    const right = samples[2 * i + 1]!;
    samples[i] = side === 'both' ? saturate(left + right) : side === 0 ? left : right;
  }
  return frames;
}

/** Raises the rate by straight lines between the samples; at multiples, every original sample stays in place and exact. */
function raiseRate(samples: Int16Array, count: number, rates: { from: number; to: number }, out: Int16Array): number {
  const raised = Math.round((count * rates.to) / rates.from);
  for (let i = 0; i < raised; i++) {
    const at = (i * rates.from) / rates.to;
    const index = Math.min(count - 1, Math.floor(at));
    const here = samples[index]!;
    const next = samples[Math.min(count - 1, index + 1)]!;
    out[i] = Math.round(here + (next - here) * (at - index));
  }
  return raised;
}
