import type { Plane } from './canvas.ts';
import { DECODE, type Law } from './g711.ts';
import { channelOf } from './mix.ts';
import type { StoredAudio } from './types.ts';

/** Lowest and highest sample of each stretch of time, for drawing. */
export interface Peaks {
  readonly msPerPeak: number;
  /** For each channel min, max, min, max … as the upper 8 bits of a 16-bit sample. */
  readonly channels: readonly Int8Array[];
}

/** Fine enough for a screen's width at some zoom, and at most 100 kB for two channels. */
const MOST_PEAKS = 24_000;
/** Samples that are read at once. */
const PIECE = 16_384;
const STEPS_MS = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000];

/** The resolution for a recording of this length. */
export function peakResolution(durationMs: number): number {
  return STEPS_MS.find((step) => durationMs / step <= MOST_PEAKS) ?? Math.ceil(durationMs / MOST_PEAKS / 1000) * 1000;
}

/** Collects peaks while samples pass by in order. */
export class PeakMeter {
  readonly #msPerPeak: number;
  readonly #rate: number;
  /** Upper 8 bits of each code's sample; null = the samples are linear. */
  readonly #upper: Int8Array | null;
  readonly #out: Int8Array[];
  readonly #samples: number;
  #seen = 0;

  /** `law`: the form of the samples, null = linear; `samples`: how many will come, per channel. */
  constructor(form: { law: Law | null; rate: number; channels: number; samples: number }) {
    this.#msPerPeak = peakResolution((form.samples * 1000) / form.rate);
    this.#rate = form.rate;
    this.#upper = form.law === null ? null : Int8Array.from(DECODE[form.law], (value) => value >> 8);
    this.#samples = form.samples;
    const count = Math.ceil((form.samples * 1000) / form.rate / this.#msPerPeak);
    this.#out = Array.from({ length: form.channels }, () => new Int8Array(2 * count));
  }

  add(planes: readonly Plane[]): void {
    const count = planes[0]?.length ?? 0;
    planes.forEach((plane, channel) => this.#addPlane(plane, this.#out[channel]!));
    this.#seen += count;
  }

  /** @throws Error before all samples have come. */
  peaks(): Peaks {
    if (this.#seen < this.#samples) throw new Error('peaks are known when the recording has been written');
    return { msPerPeak: this.#msPerPeak, channels: this.#out };
  }

  #addPlane(plane: Plane, out: Int8Array): void {
    const perPeak = (this.#rate * this.#msPerPeak) / 1000;
    for (let i = 0; i < plane.length;) {
      const peak = Math.floor((this.#seen + i) / perPeak);
      const end = Math.min(plane.length, Math.ceil((peak + 1) * perPeak) - this.#seen);
      // A peak that an earlier piece began goes on from there; a new one from its first sample.
      const fresh = this.#seen + i === Math.ceil(peak * perPeak);
      const low = fresh ? 127 : out[2 * peak]!;
      const high = fresh ? -128 : out[2 * peak + 1]!;
      if (this.#upper === null) extremes(plane, i, end, low << 8, high << 8, out, 2 * peak);
      else codedExtremes(plane, this.#upper, i, end, low, high, out, 2 * peak);
      i = end;
    }
  }
}

/** Widens the pair at `at` by linear samples. */
function extremes(
  plane: Plane,
  from: number,
  to: number,
  least: number,
  most: number,
  out: Int8Array,
  at: number,
): void {
  let low = least;
  let high = most;
  for (let i = from; i < to; i++) {
    const value = plane[i]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  out[at] = low >> 8;
  out[at + 1] = high >> 8;
}

/** The same for G.711 codes. */
function codedExtremes(
  plane: Plane,
  upper: Int8Array,
  from: number,
  to: number,
  least: number,
  most: number,
  out: Int8Array,
  at: number,
): void {
  let low = least;
  let high = most;
  for (let i = from; i < to; i++) {
    const value = upper[plane[i]!]!;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  out[at] = low;
  out[at + 1] = high;
}

const MAGIC = 'EPK1';
const HEAD = 16;

/** Compact form: `EPK1`, channels, ms per peak, peaks (each uint32 LE), then the channels one after the other. */
export function encodePeaks(peaks: Peaks): Uint8Array {
  const length = peaks.channels[0]?.length ?? 0;
  const bytes = Buffer.alloc(HEAD + length * peaks.channels.length);
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt32LE(peaks.channels.length, 4);
  bytes.writeUInt32LE(peaks.msPerPeak, 8);
  bytes.writeUInt32LE(length / 2, 12);
  peaks.channels.forEach((channel, i) =>
    bytes.set(new Uint8Array(channel.buffer, channel.byteOffset, length), HEAD + i * length),
  );
  return bytes;
}

/** Undoes {@link encodePeaks}; null when the bytes are not peaks. */
export function decodePeaks(bytes: Uint8Array): Peaks | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.length < HEAD || view.toString('latin1', 0, 4) !== MAGIC) return null;
  const channels = view.readUInt32LE(4);
  const length = 2 * view.readUInt32LE(12);
  if (view.length !== HEAD + channels * length || channels > 64) return null;
  return {
    msPerPeak: view.readUInt32LE(8),
    channels: Array.from({ length: channels }, (_, i) =>
      Int8Array.from(new Int8Array(view.buffer, view.byteOffset + HEAD + i * length, length)),
    ),
  };
}

/** Coarser peaks for a drawing `width` points wide; the same ones when they are no finer than that. */
export function peaksFor(peaks: Peaks, width: number): Peaks {
  const count = (peaks.channels[0]?.length ?? 0) / 2;
  const factor = Math.floor(count / Math.max(1, Math.floor(width)));
  if (factor <= 1) return peaks;
  return {
    msPerPeak: peaks.msPerPeak * factor,
    channels: peaks.channels.map((channel) => coarser(channel, factor)),
  };
}

function coarser(channel: Int8Array, factor: number): Int8Array {
  const out = new Int8Array(2 * Math.ceil(channel.length / 2 / factor));
  for (let i = 0; i < out.length / 2; i++) {
    let low = 127;
    let high = -128;
    for (let j = i * factor; j < Math.min((i + 1) * factor, channel.length / 2); j++) {
      low = Math.min(low, channel[2 * j]!);
      high = Math.max(high, channel[2 * j + 1]!);
    }
    out[2 * i] = low;
    out[2 * i + 1] = high;
  }
  return out;
}

/** Peaks of a stored recording, for one that was archived without them; reads it all. */
export async function measurePeaks(audio: StoredAudio): Promise<Peaks> {
  const { channels, samples, sampleRate } = audio;
  const meter = new PeakMeter({ law: null, rate: sampleRate, channels, samples });
  for (let at = 0; at < samples; at += PIECE) {
    const pcm = await audio.readPcm(at, PIECE);
    meter.add(Array.from({ length: channels }, (_, channel) => channelOf(pcm, channels, channel)));
  }
  return meter.peaks();
}
