import { saturate, type Canvas, type Plane } from './canvas.ts';
import type { PayloadCodec } from './codecs.ts';
import { DECODE, ENCODE, type Law } from './g711.ts';
import type { Edit } from './placement.ts';
import type { Side, Target } from './plan.ts';

/** Turns payloads into samples of the file's form and draws them on the canvas. */
export class Painter {
  readonly #canvas: Canvas;
  readonly #law: Law | null;
  readonly #rate: number;

  constructor(canvas: Canvas, form: { law: Law | null; rate: number }) {
    this.#canvas = canvas;
    this.#law = form.law;
    this.#rate = form.rate;
  }

  /** Draws a packet at `start` in each of its channels, its edit applied. */
  paint(
    codec: PayloadCodec,
    payload: Uint8Array,
    start: number,
    edit: Edit | undefined,
    targets: readonly Target[],
  ): void {
    for (const { channel, side } of targets) {
      const samples = this.#samples(codec, payload, side);
      if (edit === undefined) {
        this.#canvas.draw(channel, start, samples, 0, samples.length);
        continue;
      }
      const { head, at, delta } = edit;
      const resume = at + Math.max(0, -delta);
      this.#canvas.draw(channel, start, samples, head, at);
      this.#canvas.draw(channel, start + (resume - head) + delta, samples, resume, samples.length);
    }
  }

  #samples(codec: PayloadCodec, payload: Uint8Array, side: Side): Plane {
    // The plain case: the bytes of the packet are the bytes of the file.
    if (this.#law !== null) return codec.channels === 1 ? payload : pickCodes(this.#law, payload, side);
    const linear = pick(decode(codec, payload), codec.channels, side);
    return codec.rate === this.#rate ? linear : raiseRate(linear, codec.rate, this.#rate);
  }
}

function pickCodes(law: Law, codes: Uint8Array, side: Side): Uint8Array {
  const out = new Uint8Array(codes.length >> 1);
  const values = DECODE[law];
  const back = ENCODE[law];
  for (let i = 0; i < out.length; i++) {
    if (side !== 'both') out[i] = codes[2 * i + side]!;
    else out[i] = back[saturate(values[codes[2 * i]!]! + values[codes[2 * i + 1]!]!) & 0xffff]!;
  }
  return out;
}

function decode(codec: PayloadCodec, payload: Uint8Array): Int16Array {
  if (codec.coding === 'l16') {
    const out = new Int16Array(payload.length >> 1);
    for (let i = 0; i < out.length; i++) out[i] = (payload[2 * i]! << 8) | payload[2 * i + 1]!;
    return out;
  }
  const table = DECODE[codec.coding === 'alaw' ? 'alaw' : 'mulaw'];
  const out = new Int16Array(payload.length);
  for (let i = 0; i < out.length; i++) out[i] = table[payload[i]!]!;
  return out;
}

function pick(samples: Int16Array, channels: number, side: Side): Int16Array {
  if (channels === 1) return samples;
  const out = new Int16Array(samples.length >> 1);
  for (let i = 0; i < out.length; i++) {
    out[i] = side === 'both' ? saturate(samples[2 * i]! + samples[2 * i + 1]!) : samples[2 * i + side]!;
  }
  return out;
}

/** Raises the rate by straight lines between the samples; at multiples, every original sample stays in place and exact. */
export function raiseRate(samples: Int16Array, from: number, to: number): Int16Array {
  const out = new Int16Array(Math.round((samples.length * to) / from));
  const last = samples.length - 1;
  for (let i = 0; i < out.length; i++) {
    const at = (i * from) / to;
    const index = Math.min(last, Math.floor(at));
    const here = samples[index]!;
    const next = samples[Math.min(last, index + 1)]!;
    out[i] = Math.round(here + (next - here) * (at - index));
  }
  return out;
}
