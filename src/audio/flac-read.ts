import { EarshotError } from '../base/errors.ts';
import { BitReader } from './bits.ts';
import { crc16 } from './crc.ts';
import { predict } from './flac-subframe.ts';
import { FLAC_BLOCK, SEEK_POINT_BYTES } from './flac.ts';
import type { RandomBytes, StoredAudio } from './types.ts';

/** A block of silence takes no less than ten bytes. */
const MOST_SAMPLES_PER_BYTE = FLAC_BLOCK / 10;

/** Where decoding can begin. */
interface SeekPoint {
  readonly sample: number;
  /** From the first byte of the file. */
  readonly offset: number;
}

interface FlacInfo {
  readonly sampleRate: number;
  readonly channels: number;
  readonly samples: number;
  readonly points: readonly SeekPoint[];
}

/**
 * Opens a FLAC file of {@link render}: 16 bits, independent channels, no linear prediction.
 *
 * @throws EarshotError CODEC_UNSUPPORTED for any other FLAC file, SEAL_CORRUPT when it is damaged.
 */
export async function openFlac(random: RandomBytes): Promise<StoredAudio> {
  const info = await readInfo(random);
  const reader = new FlacReader(random, info);
  return {
    container: 'flac',
    codec: 'FLAC',
    channels: info.channels,
    sampleRate: info.sampleRate,
    samples: info.samples,
    readPcm: (from, count) => reader.readPcm(from, count),
  };
}

async function readInfo(random: RandomBytes): Promise<FlacInfo> {
  let offset = 4;
  let info: Omit<FlacInfo, 'points'> | undefined;
  const points: SeekPoint[] = [];
  for (let last = false; !last;) {
    const head = Buffer.from(await random.read(offset, 4));
    if (head.length < 4) throw damaged('its header ends early');
    last = (head[0]! & 0x80) !== 0;
    const length = head.readUIntBE(1, 3);
    const type = head[0]! & 0x7f;
    const body = type === 0 || type === 3 ? Buffer.from(await random.read(offset + 4, length)) : Buffer.alloc(0);
    if (type === 0) info = streamInfo(body);
    if (type === 3) points.push(...seekPoints(body));
    offset += 4 + length;
  }
  if (info === undefined) throw damaged('it has no STREAMINFO');
  const all = points[0]?.sample === 0 ? points : [{ sample: 0, offset: 0 }];
  return { ...info, points: all.map((point) => ({ ...point, offset: point.offset + offset })) };
}

function streamInfo(body: Buffer): Omit<FlacInfo, 'points'> {
  if (body.length < 34) throw damaged('its STREAMINFO is short');
  const packed = body.readBigUInt64BE(10);
  if (Number((packed >> 36n) & 31n) !== 15) throw unsupported('samples of other than 16 bits');
  return {
    sampleRate: Number(packed >> 44n),
    channels: Number((packed >> 41n) & 7n) + 1,
    samples: Number(packed & 0xf_ffff_ffffn),
  };
}

function seekPoints(body: Buffer): SeekPoint[] {
  const points: SeekPoint[] = [];
  for (let at = 0; at + SEEK_POINT_BYTES <= body.length; at += SEEK_POINT_BYTES) {
    const sample = body.readBigUInt64BE(at);
    // All ones: a placeholder.
    if (sample !== 0xffff_ffff_ffff_ffffn)
      points.push({ sample: Number(sample), offset: Number(body.readBigUInt64BE(at + 8)) });
  }
  return points;
}

/** Decodes from seek point to seek point and keeps the latest stretch, so that reading on costs each frame once. */
class FlacReader {
  readonly #random: RandomBytes;
  readonly #info: FlacInfo;
  #stretch: { readonly index: number; readonly pcm: Promise<Int16Array> } | undefined;

  constructor(random: RandomBytes, info: FlacInfo) {
    this.#random = random;
    this.#info = info;
  }

  async readPcm(from: number, count: number): Promise<Int16Array> {
    const { channels, points, samples } = this.#info;
    const end = Math.min(from + count, samples);
    const out = new Int16Array(Math.max(0, end - from) * channels);
    for (let at = from; at < end;) {
      const index = lastAtOrBefore(points, at);
      const pcm = await this.#decoded(index);
      const first = points[index]!.sample;
      const until = Math.min(end, points[index + 1]?.sample ?? samples);
      if ((until - first) * channels > pcm.length) throw damaged(`it ends early, before sample ${until}`);
      out.set(pcm.subarray((at - first) * channels, (until - first) * channels), (at - from) * channels);
      at = until;
    }
    return out;
  }

  #decoded(index: number): Promise<Int16Array> {
    if (this.#stretch?.index !== index) this.#stretch = { index, pcm: this.#decode(index) };
    return this.#stretch.pcm;
  }

  async #decode(index: number): Promise<Int16Array> {
    const { channels, points, samples } = this.#info;
    const { sample, offset } = points[index]!;
    const next = points[index + 1];
    const bytes = await this.#random.read(offset, (next?.offset ?? this.#random.size) - offset);
    const count = (next?.sample ?? samples) - sample;
    if (count < 0 || count > bytes.length * MOST_SAMPLES_PER_BYTE) throw damaged('its seek table is wrong');
    const pcm = new Int16Array(count * channels);
    try {
      for (let at = 0, done = 0; at < bytes.length && done < pcm.length;) {
        const frame = decodeFrame(bytes, at, channels, pcm.subarray(done));
        at = frame.end;
        done += frame.samples * channels;
      }
    } catch (error) {
      if (error instanceof RangeError) throw damaged('a frame is cut off');
      throw error;
    }
    return pcm;
  }
}

function lastAtOrBefore(points: readonly SeekPoint[], sample: number): number {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (points[middle]!.sample <= sample) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** One frame into `out`, interleaved. @throws RangeError when it is cut off. */
function decodeFrame(
  bytes: Uint8Array,
  at: number,
  channels: number,
  out: Int16Array,
): { end: number; samples: number } {
  const bits = new BitReader(bytes, at);
  if (bits.read(16) !== 0xfff8) throw damaged('a frame has no sync code');
  const blockCode = bits.read(4);
  bits.read(4);
  if (bits.read(4) !== channels - 1) throw unsupported('dependent channels');
  bits.read(4);
  // The frame's number: as many bytes as its first one has leading ones.
  const leadingOnes = Math.clz32(~(bits.read(8) << 24));
  for (let i = 1; i < leadingOnes; i++) bits.read(8);
  if (blockCode !== 12 && blockCode !== 7) throw unsupported('other block sizes');
  const samples = blockCode === 12 ? FLAC_BLOCK : bits.read(16) + 1;
  bits.read(8);
  if (samples * channels > out.length) throw damaged('a frame is longer than the file says');
  const values = new Int32Array(samples);
  for (let channel = 0; channel < channels; channel++) {
    readSubframe(bits, values);
    for (let i = 0; i < samples; i++) out[i * channels + channel] = values[i]!;
  }
  bits.align();
  const end = bits.position >> 3;
  if (bits.read(16) !== crc16(bytes.subarray(at, end))) throw damaged('a frame fails its check sum');
  return { end: end + 2, samples };
}

function readSubframe(bits: BitReader, values: Int32Array): void {
  const head = bits.read(8);
  const type = (head >> 1) & 0x3f;
  const wasted = (head & 1) === 1 ? bits.unary() + 1 : 0;
  const depth = 16 - wasted;
  if (depth < 1) throw damaged('a frame claims no bits');
  if (type === 0) values.fill(bits.signed(depth));
  else if (type === 1) for (let i = 0; i < values.length; i++) values[i] = bits.signed(depth);
  else if (type >= 8 && type <= 12) readFixed(bits, values, type - 8, depth);
  else throw unsupported('linear prediction');
  if (wasted > 0) for (let i = 0; i < values.length; i++) values[i]! <<= wasted;
}

function readFixed(bits: BitReader, values: Int32Array, order: number, depth: number): void {
  if (order > values.length) throw damaged('a frame is shorter than its prediction');
  for (let i = 0; i < order; i++) values[i] = bits.signed(depth);
  if (bits.read(2) !== 0) throw unsupported('long Rice parameters');
  const partitionOrder = bits.read(4);
  const size = values.length >> partitionOrder;
  for (let part = 0; part < 1 << partitionOrder; part++) {
    const parameter = bits.read(4);
    if (parameter === 15) throw unsupported('escaped partitions');
    for (let i = Math.max(order, part * size); i < (part + 1) * size; i++) {
      const code = bits.unary() * 2 ** parameter + bits.read(parameter);
      values[i] = predict(values, i, order) + ((code & 1) === 1 ? -(code + 1) / 2 : code / 2);
    }
  }
}

function damaged(what: string): EarshotError {
  return new EarshotError('SEAL_CORRUPT', `the FLAC recording is damaged: ${what}`);
}

function unsupported(what: string): EarshotError {
  return new EarshotError('CODEC_UNSUPPORTED', `this FLAC file was not written by Earshot: it has ${what}`);
}
