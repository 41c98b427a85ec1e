import { readAtRate, samplesAt } from './at-rate.ts';
import { mixToStereo } from './mix.ts';
import { infoFrame } from './mp3-info.ts';
import type { StoredAudio } from './types.ts';

/** Rates at which frames of our bit rates have a whole number of bytes, so that the size is known before encoding. */
const RATES = [8000, 12_000, 16_000, 24_000, 32_000, 48_000];
/** Samples that the encoder puts before the first one. */
const ENCODER_DELAY = 576;
/** It pads the end by at least so much, for the overlap of its last frame. */
const LEAST_PADDING = 576;

/** An MP3 file that is encoded as it is read. */
export interface Mp3File {
  /** Exact, bytes. */
  readonly size: number;
  readonly mimeType: 'audio/mpeg';
  /** Encodes no faster than it is read; leaving the loop early ends the encoder. */
  bytes(): AsyncGenerator<Uint8Array>;
}

interface Mp3Form {
  readonly rate: number;
  readonly channels: 1 | 2;
  readonly bitsPerSecond: number;
  readonly samples: number;
  readonly frames: number;
  /** Samples behind the last true one. */
  readonly padding: number;
  readonly frameBytes: number;
}

/**
 * The recording as MP3 of constant bit rate (64 kbit/s stereo at 8 kHz), at its own rate where MP3 knows it, with an
 * information frame that tells players its exact length.
 */
export function mp3Stream(audio: StoredAudio): Mp3File {
  const form = formOf(audio);
  return { size: (form.frames + 1) * form.frameBytes, mimeType: 'audio/mpeg', bytes: () => encode(audio, form) };
}

function formOf(audio: StoredAudio): Mp3Form {
  const rate = RATES.find((one) => one >= audio.sampleRate) ?? 48_000;
  const channels = audio.channels === 1 ? 1 : 2;
  const bitsPerSecond = (rate >= 32_000 ? 64_000 : 32_000) * channels;
  const frameSamples = rate >= 32_000 ? 1152 : 576;
  const samples = Math.max(1, samplesAt(audio, rate));
  const short = frameSamples - ((samples + ENCODER_DELAY) % frameSamples);
  const padding = short < LEAST_PADDING ? short + frameSamples : short;
  const frames = (ENCODER_DELAY + samples + padding) / frameSamples;
  return {
    rate,
    channels,
    bitsPerSecond,
    samples,
    frames,
    padding,
    frameBytes: (frameSamples * bitsPerSecond) / rate / 8,
  };
}

async function* encode(audio: StoredAudio, form: Mp3Form): AsyncGenerator<Uint8Array> {
  const encoder = await startEncoder(form);
  let begun = false;
  const ready = function* (): Generator<Uint8Array> {
    for (const bytes of encoder.taken()) {
      // The information frame repeats the header of the others.
      if (!begun) {
        yield infoFrame(bytes, {
          frames: form.frames,
          frameBytes: form.frameBytes,
          channels: form.channels,
          delay: ENCODER_DELAY,
          padding: form.padding,
          kbps: form.bitsPerSecond / 1000,
        });
      }
      begun = true;
      yield bytes;
    }
  };
  try {
    for (let at = 0; at < form.samples; at += form.rate) {
      const pcm = await readAtRate(audio, form.rate, at, form.rate);
      const two = mixToStereo(pcm, audio.channels);
      await encoder.add(two.length === 0 ? new Int16Array(form.channels) : two, at);
      yield* ready();
    }
    await encoder.finish();
    yield* ready();
  } finally {
    await encoder.close();
  }
}

interface RunningEncoder {
  add(pcm: Int16Array, at: number): Promise<void>;
  finish(): Promise<void>;
  close(): Promise<void>;
  /** What has been encoded since it was last asked. */
  taken(): Uint8Array[];
}

/** Loaded when first used: the encoder is large, and runs in a thread of its own. */
async function startEncoder(form: Mp3Form): Promise<RunningEncoder> {
  const { AudioSample, AudioSampleSource, Mp3OutputFormat, Output, Quality, StreamTarget } = await import('mediabunny');
  await register();
  let chunks: Uint8Array[] = [];
  const writable = new WritableStream<{ data: Uint8Array }>({ write: ({ data }) => void chunks.push(data.slice()) });
  const output = new Output({ format: new Mp3OutputFormat({ xingHeader: false }), target: new StreamTarget(writable) });
  const source = new AudioSampleSource({
    codec: 'mp3',
    quality: new Quality({ bitrate: form.bitsPerSecond, bitrateMode: 'constant' }),
  });
  output.addAudioTrack(source);
  await output.start();
  let finished = false;
  return {
    async add(pcm, at) {
      const sample = new AudioSample({
        data: pcm,
        format: 's16',
        numberOfChannels: form.channels,
        sampleRate: form.rate,
        timestamp: at / form.rate,
      });
      await source.add(sample);
      sample.close();
    },
    async finish() {
      await output.finalize();
      finished = true;
    },
    close: async () => (finished ? undefined : output.cancel()),
    taken() {
      const taken = chunks;
      chunks = [];
      return taken;
    },
  };
}

let registered: Promise<void> | undefined;

function register(): Promise<void> {
  registered ??= import('@mediabunny/mp3-encoder').then(({ registerMp3Encoder }) => registerMp3Encoder());
  return registered;
}
