import { readAtRate, samplesAt } from './at-rate.ts';
import { encodeG711 } from './g711.ts';
import { mixToMono } from './mix.ts';
import type { StoredAudio } from './types.ts';
import { wavBytes, wavHeader, type WavForm } from './wav.ts';

/** A file that is made as it is read. */
export interface VirtualFile {
  /** Bytes of the whole file. */
  readonly size: number;
  readonly mimeType: string;
  /** Bytes `from` up to, not including, `to`; reads only the audio that they hold. */
  bytes(from?: number, to?: number): AsyncIterable<Uint8Array>;
}

/** Samples per channel to a piece. */
const PIECE = 16_384;

/** The recording, or a stretch of it (samples), as a WAV file of 16-bit PCM: every browser plays it. */
export function wavPcmBytes(audio: StoredAudio, fromSample = 0, toSample = audio.samples): VirtualFile {
  const first = Math.max(0, Math.min(fromSample, audio.samples));
  const samples = Math.max(0, Math.min(toSample, audio.samples) - first);
  const form: WavForm = { law: null, sampleRate: audio.sampleRate, channels: audio.channels, samples };
  const header = wavHeader(form);
  const frame = 2 * audio.channels;
  return {
    size: wavBytes(form),
    mimeType: 'audio/wav',
    async *bytes(from = 0, to = Infinity) {
      if (from < header.length) yield header.subarray(from, Math.min(to, header.length));
      const read = async (at: number, count: number): Promise<Uint8Array> =>
        littleEndian(await audio.readPcm(first + at, count));
      yield* framed({ samples, frame, read }, from - header.length, to - header.length);
    },
  };
}

/** All channels mixed, as raw µ-law of 8 kHz without a header (`.ul`), as switches take it for announcements. */
export function mulawBytes(audio: StoredAudio): VirtualFile {
  const samples = samplesAt(audio, 8000);
  return {
    size: samples,
    mimeType: 'audio/basic',
    bytes(from = 0, to = Infinity) {
      const read = async (at: number, count: number): Promise<Uint8Array> =>
        encodeG711('mulaw', mixToMono(await readAtRate(audio, 8000, at, count), audio.channels));
      return framed({ samples, frame: 1, read }, from, to);
    },
  };
}

/** Cuts a range of bytes out of frames of `frame` bytes. */
async function* framed(
  body: { samples: number; frame: number; read: (at: number, count: number) => Promise<Uint8Array> },
  from: number,
  to: number,
): AsyncGenerator<Uint8Array> {
  const start = Math.max(0, from);
  const end = Math.min(to, body.samples * body.frame);
  for (let at = Math.floor(start / body.frame); at * body.frame < end; at += PIECE) {
    const count = Math.min(PIECE, Math.ceil(end / body.frame) - at);
    const bytes = await body.read(at, count);
    const origin = at * body.frame;
    yield bytes.subarray(Math.max(0, start - origin), Math.min(bytes.length, end - origin));
  }
}

function littleEndian(pcm: Int16Array): Uint8Array {
  const bytes = Buffer.allocUnsafe(2 * pcm.length);
  for (let i = 0; i < pcm.length; i++) bytes.writeInt16LE(pcm[i]!, 2 * i);
  return bytes;
}
