import type { Law } from './g711.ts';

/** Format tags of RFC 2361. */
export const WAVE_PCM = 1;
export const WAVE_ALAW = 6;
export const WAVE_MULAW = 7;

/** RIFF sizes have 32 bits; beyond that the file is an RF64 (EBU Tech 3306). */
const RIFF_MOST = 0xffff_ffff;

export interface WavForm {
  /** null = 16-bit PCM. */
  readonly law: Law | null;
  readonly sampleRate: number;
  readonly channels: number;
  /** Per channel. */
  readonly samples: number;
}

/** Bytes of the audio itself. */
export function wavDataBytes(form: WavForm): number {
  return form.samples * form.channels * (form.law === null ? 2 : 1);
}

/** Everything before the audio. The sizes are those of the finished file, so it can be written as a stream. */
export function wavHeader(form: WavForm): Uint8Array {
  const data = wavDataBytes(form);
  const body = data + (data % 2);
  const plain = build(form, data, null);
  const riff = plain.length - 8 + body;
  if (riff <= RIFF_MOST) {
    plain.writeUInt32LE(riff, 4);
    return plain;
  }
  // The ds64 chunk is 36 bytes long with its head.
  return build(form, data, riff + 36);
}

/** A pad byte follows an odd number of audio bytes. */
export function wavPadding(form: WavForm): number {
  return wavDataBytes(form) % 2;
}

/** Size of the whole file. */
export function wavBytes(form: WavForm): number {
  return wavHeader(form).length + wavDataBytes(form) + wavPadding(form);
}

function build(form: WavForm, data: number, riff64: number | null): Buffer {
  const width = form.law === null ? 2 : 1;
  const frame = width * form.channels;
  const chunks: Buffer[] = [riffHead(riff64 === null ? 'RIFF' : 'RF64')];
  if (riff64 !== null) chunks.push(sizes64(riff64, data, form.samples));
  const format = Buffer.alloc(form.law === null ? 16 : 18);
  format.writeUInt16LE(form.law === null ? WAVE_PCM : form.law === 'alaw' ? WAVE_ALAW : WAVE_MULAW, 0);
  format.writeUInt16LE(form.channels, 2);
  format.writeUInt32LE(form.sampleRate, 4);
  format.writeUInt32LE(form.sampleRate * frame, 8);
  format.writeUInt16LE(frame, 12);
  format.writeUInt16LE(8 * width, 14);
  chunks.push(chunkHead('fmt ', format.length), format);
  if (form.law !== null) {
    const fact = Buffer.alloc(4);
    fact.writeUInt32LE(Math.min(form.samples, RIFF_MOST));
    chunks.push(chunkHead('fact', 4), fact);
  }
  chunks.push(chunkHead('data', riff64 === null ? data : RIFF_MOST));
  return Buffer.concat(chunks);
}

function riffHead(id: 'RIFF' | 'RF64'): Buffer {
  const head = Buffer.alloc(12, 0xff);
  head.write(id, 0, 'latin1');
  head.write('WAVE', 8, 'latin1');
  return head;
}

function sizes64(riff: number, data: number, samples: number): Buffer {
  const chunk = Buffer.alloc(36);
  chunk.write('ds64', 0, 'latin1');
  chunk.writeUInt32LE(28, 4);
  chunk.writeBigUInt64LE(BigInt(riff), 8);
  chunk.writeBigUInt64LE(BigInt(data), 16);
  chunk.writeBigUInt64LE(BigInt(samples), 24);
  return chunk;
}

function chunkHead(id: string, size: number): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 0, 'latin1');
  head.writeUInt32LE(Math.min(size, RIFF_MOST), 4);
  return head;
}
