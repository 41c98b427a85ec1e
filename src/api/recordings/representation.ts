import { encodeG711 } from '../../audio/g711.ts';
import { wavBytes, wavHeader } from '../../audio/wav.ts';
import type { RandomBytes, StoredAudio } from '../../audio/types.ts';
import { EarshotError } from '../../base/errors.ts';
import type { AudioSource, OpenedAudio } from '../context.ts';
import type { AudioFormat } from './schema.ts';

/** A recording's audio in one format: bytes that can be asked for from any place on. */
export interface Representation {
  readonly contentType: string;
  readonly extension: string;
  /** Null: not known before it is made; then only the whole can be read. */
  readonly size: number | null;
  read(from: number, to: number): AsyncIterable<Uint8Array>;
}

/** Read at once; two age chunks of original, a second of stereo PCM. */
const BYTES_A_READ = 128 * 1024;
const FRAMES_A_READ = 16 * 1024;

/** @throws EarshotError CODEC_UNSUPPORTED when the samples do not fit the format */
export function representationOf(source: AudioSource, opened: OpenedAudio, format: AudioFormat): Representation {
  const { audio, bytes } = opened;
  switch (format) {
    case 'wav':
      return pcmWav(audio);
    case 'original':
      return original(bytes, audio.container);
    case 'ul':
      return mulaw(audio);
    case 'mp3':
      return { contentType: 'audio/mpeg', extension: 'mp3', size: null, read: () => source.encodeMp3(audio) };
  }
}

function original(bytes: RandomBytes, container: StoredAudio['container']): Representation {
  return {
    contentType: `audio/${container}`,
    extension: container,
    size: bytes.size,
    async *read(from, to) {
      for (let at = from; at < to;) {
        const piece = await bytes.read(at, Math.min(BYTES_A_READ, to - at));
        if (piece.length === 0) return;
        yield piece;
        at += piece.length;
      }
    },
  };
}

function pcmWav(audio: StoredAudio): Representation {
  const frameBytes = 2 * audio.channels;
  const form = { law: null, sampleRate: audio.sampleRate, channels: audio.channels, samples: audio.samples };
  const header = wavHeader(form);
  return {
    contentType: 'audio/wav',
    extension: 'wav',
    size: wavBytes(form),
    async *read(from, to) {
      if (from < header.length) yield header.subarray(from, Math.min(to, header.length));
      const [first, end] = [Math.max(0, from - header.length), to - header.length];
      for (let at = first; at < end;) {
        const frame = Math.floor(at / frameBytes);
        const wanted = Math.min(FRAMES_A_READ, Math.ceil(end / frameBytes) - frame);
        const pcm = pcmBytes(await audio.readPcm(frame, wanted));
        const piece = pcm.subarray(at - frame * frameBytes, Math.min(pcm.length, end - frame * frameBytes));
        if (piece.length === 0) return;
        yield piece;
        at += piece.length;
      }
    },
  };
}

/** All machines that we run on are little-endian, as WAV is. */
function pcmBytes(samples: Int16Array): Buffer {
  return Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
}

const MULAW_RATE = 8000;

function mulaw(audio: StoredAudio): Representation {
  const step = audio.sampleRate / MULAW_RATE;
  if (!Number.isInteger(step)) {
    throw new EarshotError('CODEC_UNSUPPORTED', `audio of ${audio.sampleRate} Hz cannot be given as .ul.`, {
      key: 'format',
      remedy: 'Take wav or mp3.',
    });
  }
  return {
    contentType: 'audio/basic',
    extension: 'ul',
    size: Math.ceil(audio.samples / step),
    async *read(from, to) {
      for (let at = from; at < to;) {
        const wanted = Math.min(FRAMES_A_READ, to - at);
        const samples = mixDown(await audio.readPcm(at * step, wanted * step), audio.channels, step);
        if (samples.length === 0) return;
        yield encodeG711('mulaw', samples);
        at += samples.length;
      }
    },
  };
}

/**
 * One channel of 8 kHz: all channels added up, as on a telephone line, and the mean of `step` frames where the rate is a multiple of
 * 8 kHz. One channel of µ-law at 8 kHz stays what it was, bit for bit.
 */
function mixDown(samples: Int16Array, channels: number, step: number): Int16Array {
  const width = channels * step;
  const mixed = new Int16Array(Math.ceil(samples.length / width));
  for (let i = 0; i < mixed.length; i++) {
    const group = samples.subarray(i * width, (i + 1) * width);
    let sum = 0;
    for (const sample of group) sum += sample;
    const frames = group.length / channels;
    mixed[i] = Math.max(-32_768, Math.min(32_767, Math.round(sum / frames)));
  }
  return mixed;
}
