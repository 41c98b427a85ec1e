import { createHash } from 'node:crypto';
import { BitWriter } from './bits.ts';
import { crc16, crc8 } from './crc.ts';
import { writeSubframe } from './flac-subframe.ts';

/** Samples per channel in a block; the last block may be shorter. */
export const FLAC_BLOCK = 4096;
/** Well over an hour of two talkers; beyond it frames are encoded twice rather than held. */
const MOST_KEPT = 96e6;
const STREAMINFO_BYTES = 34;
export const SEEK_POINT_BYTES = 18;
/** Ms between seek points: what a reader at most decodes for nothing. */
const SEEK_MS = 4000;

export interface FlacForm {
  readonly sampleRate: number;
  /** 1 to 8. */
  readonly channels: number;
  /** Per channel. */
  readonly samples: number;
}

/** Facts of the finished stream that stand before its first frame, so they take a pass of their own. */
export interface FlacMeasure {
  /** Bytes of each frame. */
  readonly frames: Uint32Array;
  /** Of the samples, interleaved, 16 bits little-endian. */
  readonly md5: Buffer;
  /** The frames themselves, unless they are too many to hold. */
  readonly kept: readonly Uint8Array[] | null;
}

/** Encodes 16-bit samples as FLAC frames (RFC 9639), block by block, without loss. The same samples give the same bytes. */
export class FlacEncoder {
  readonly #form: FlacForm;
  readonly #bits = new BitWriter();
  #frame = 0;

  constructor(form: FlacForm) {
    this.#form = form;
  }

  /** One frame of up to {@link FLAC_BLOCK} samples by channel; only the last may be shorter. */
  frame(planes: readonly Int16Array[]): Uint8Array {
    const bits = this.#bits;
    bits.clear();
    const length = planes[0]!.length;
    bits.write(0xfff8, 16);
    bits.write(length === FLAC_BLOCK ? 12 : 7, 4);
    bits.write(RATE_CODES[this.#form.sampleRate] ?? 0, 4);
    bits.write(planes.length - 1, 4);
    bits.write(4 << 1, 4);
    for (const byte of codedNumber(this.#frame++)) bits.write(byte, 8);
    if (length !== FLAC_BLOCK) bits.write(length - 1, 16);
    bits.write(crc8(bits.bytes()), 8);
    for (const plane of planes) writeSubframe(bits, plane);
    bits.align();
    bits.write(crc16(bits.bytes()), 16);
    return bits.bytes().slice();
  }
}

/** Codes of RFC 9639 section 9.1.2; other rates stand in STREAMINFO alone. */
const RATE_CODES: Readonly<Record<number, number>> = {
  8000: 4,
  16000: 5,
  22050: 6,
  24000: 7,
  32000: 8,
  44100: 9,
  48000: 10,
  96000: 11,
};

/** A frame's number in the extended UTF-8 form of RFC 9639 section 9.1.5. */
function codedNumber(number: number): number[] {
  if (number < 0x80) return [number];
  let count = 2;
  while (number >= 2 ** (5 * count + 1)) count++;
  const bytes = [((0xff00 >> count) & 0xff) | (number >>> (6 * (count - 1)))];
  for (let i = count - 2; i >= 0; i--) bytes.push(0x80 | ((number >>> (6 * i)) & 0x3f));
  return bytes;
}

/** Cuts pieces of any size into blocks. */
export async function* flacBlocks(
  pieces: AsyncIterable<readonly Int16Array[]>,
  form: FlacForm,
): AsyncGenerator<Int16Array[]> {
  const block = Array.from({ length: form.channels }, () => new Int16Array(FLAC_BLOCK));
  let filled = 0;
  for await (const planes of pieces) {
    const count = planes[0]?.length ?? 0;
    for (let from = 0; from < count;) {
      const run = Math.min(count - from, FLAC_BLOCK - filled);
      planes.forEach((plane, i) => block[i]!.set(plane.subarray(from, from + run), filled));
      from += run;
      filled += run;
      if (filled < FLAC_BLOCK) continue;
      yield block;
      filled = 0;
    }
  }
  if (filled > 0) yield block.map((plane) => plane.subarray(0, filled));
}

/** The pass before the writing: frame sizes and the MD5 of the samples. */
export async function measureFlac(pieces: AsyncIterable<readonly Int16Array[]>, form: FlacForm): Promise<FlacMeasure> {
  const encoder = new FlacEncoder(form);
  const md5 = createHash('md5');
  const frames = new Uint32Array(Math.ceil(form.samples / FLAC_BLOCK));
  let kept: Uint8Array[] | null = [];
  let count = 0;
  let size = 0;
  for await (const block of flacBlocks(pieces, form)) {
    const frame = encoder.frame(block);
    frames[count++] = frame.length;
    size += frame.length;
    if (size > MOST_KEPT) kept = null;
    kept?.push(frame);
    md5.update(littleEndian(block));
  }
  return { frames, md5: md5.digest(), kept };
}

function littleEndian(block: readonly Int16Array[]): Uint8Array {
  const channels = block.length;
  const length = block[0]!.length;
  const out = new Uint8Array(2 * length * channels);
  for (let channel = 0; channel < channels; channel++) {
    const plane = block[channel]!;
    for (let i = 0, at = 2 * channel; i < length; i++, at += 2 * channels) {
      out[at] = plane[i]!;
      out[at + 1] = plane[i]! >> 8;
    }
  }
  return out;
}

/** Everything before the first frame: the marker, STREAMINFO and, when there are samples, a SEEKTABLE. */
export function flacHeader(form: FlacForm, measure: FlacMeasure): Uint8Array {
  const info = streamInfo(form, measure);
  const points = seekTable(form, measure.frames);
  const parts = [Buffer.from('fLaC', 'latin1'), blockHead(0, points.length === 0, info.length), info];
  if (points.length > 0) parts.push(blockHead(3, true, points.length), points);
  return Buffer.concat(parts);
}

function blockHead(type: number, last: boolean, length: number): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE((((last ? 0x80 : 0) | type) * 2 ** 24 + length) >>> 0);
  return head;
}

function streamInfo(form: FlacForm, measure: FlacMeasure): Buffer {
  const info = Buffer.alloc(STREAMINFO_BYTES);
  info.writeUInt16BE(FLAC_BLOCK, 0);
  info.writeUInt16BE(FLAC_BLOCK, 2);
  let least = 0xffffff;
  let most = 0;
  for (const size of measure.frames) {
    least = Math.min(least, size);
    most = Math.max(most, size);
  }
  info.writeUIntBE(measure.frames.length === 0 ? 0 : least, 4, 3);
  info.writeUIntBE(most, 7, 3);
  // 20 bits rate, 3 bits channels − 1, 5 bits depth − 1, 36 bits samples.
  const packed =
    (BigInt(form.sampleRate) << 44n) | (BigInt(form.channels - 1) << 41n) | (15n << 36n) | BigInt(form.samples);
  info.writeBigUInt64BE(packed, 10);
  measure.md5.copy(info, 18);
  return info;
}

function seekTable(form: FlacForm, frames: Uint32Array): Buffer {
  const every = Math.max(1, Math.round((form.sampleRate * SEEK_MS) / 1000 / FLAC_BLOCK));
  const table = Buffer.alloc(Math.ceil(frames.length / every) * SEEK_POINT_BYTES);
  let offset = 0;
  for (let frame = 0, at = 0; frame < frames.length; frame++) {
    if (frame % every === 0) {
      table.writeBigUInt64BE(BigInt(frame * FLAC_BLOCK), at);
      table.writeBigUInt64BE(BigInt(offset), at + 8);
      table.writeUInt16BE(Math.min(FLAC_BLOCK, form.samples - frame * FLAC_BLOCK), at + 16);
      at += SEEK_POINT_BYTES;
    }
    offset += frames[frame]!;
  }
  return table;
}
