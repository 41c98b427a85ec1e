import { EarshotError } from '../base/errors.ts';
import { DECODE, type Law } from './g711.ts';
import type { RandomBytes, StoredAudio } from './types.ts';
import { WAVE_ALAW, WAVE_MULAW, WAVE_PCM } from './wav.ts';

/** More chunks than this before the audio are no recording. */
const MOST_CHUNKS = 64;
/** The extensible form of the format chunk; the true tag stands in its sub-format. */
const WAVE_EXTENSIBLE = 0xfffe;

/** A WAV or RF64 file's form and where its audio lies. */
export interface WavLayout {
  /** null = 16-bit PCM. */
  readonly law: Law | null;
  readonly channels: number;
  readonly sampleRate: number;
  /** Per channel; what is really there, whatever the header claims. */
  readonly samples: number;
  readonly dataOffset: number;
}

/** Reads the chunks up to the audio. @throws EarshotError CODEC_UNSUPPORTED when it is no WAV of PCM16, µ-law or A-law. */
export async function readWavLayout(random: RandomBytes): Promise<WavLayout> {
  const riff = Buffer.from(await random.read(0, 12)).toString('latin1');
  if (!/^(RIFF|RF64)[^]{4}WAVE$/.test(riff)) throw unsupported('it is no WAV file');
  let format: Buffer | undefined;
  let data64: number | undefined;
  for (let at = 12, chunks = 0; chunks < MOST_CHUNKS && at + 8 <= random.size; chunks++) {
    const head = Buffer.from(await random.read(at, 8));
    const id = head.toString('latin1', 0, 4);
    const size = head.readUInt32LE(4);
    if (id === 'data') {
      if (format === undefined) break;
      return layoutOf(format, at + 8, Math.min(data64 ?? size, random.size - at - 8));
    }
    if (id === 'fmt ' || id === 'ds64') {
      const body = Buffer.from(await random.read(at + 8, Math.min(size, 64)));
      if (id === 'fmt ') format = body;
      else if (body.length >= 16) data64 = Number(body.readBigUInt64LE(8));
    }
    at += 8 + size + (size % 2);
  }
  throw unsupported('it has no audio');
}

function layoutOf(format: Buffer, dataOffset: number, dataBytes: number): WavLayout {
  if (format.length < 16) throw unsupported('its format is cut off');
  const tag = format.readUInt16LE(0);
  const trueTag = tag === WAVE_EXTENSIBLE && format.length >= 26 ? format.readUInt16LE(24) : tag;
  const channels = format.readUInt16LE(2);
  const sampleRate = format.readUInt32LE(4);
  const bits = format.readUInt16LE(14);
  const laws: Readonly<Record<number, Law | null>> = { [WAVE_PCM]: null, [WAVE_ALAW]: 'alaw', [WAVE_MULAW]: 'mulaw' };
  const law = laws[trueTag];
  if (law === undefined || bits !== (law === null ? 16 : 8)) {
    throw unsupported(`its samples (format ${trueTag}, ${bits} bits) are neither 16-bit PCM nor G.711`);
  }
  if (channels < 1 || channels > 8 || sampleRate < 1000 || sampleRate > 384_000) {
    throw unsupported(`${channels} channels at ${sampleRate} Hz are out of range`);
  }
  return { law, channels, sampleRate, samples: Math.floor(dataBytes / ((bits / 8) * channels)), dataOffset };
}

/** Opens a WAV file for reading anywhere. @throws EarshotError CODEC_UNSUPPORTED as {@link readWavLayout}. */
export async function openWav(random: RandomBytes): Promise<StoredAudio> {
  const layout = await readWavLayout(random);
  const { law, channels, sampleRate, samples, dataOffset } = layout;
  const frame = channels * (law === null ? 2 : 1);
  return {
    container: 'wav',
    codec: law === null ? 'L16' : law === 'alaw' ? 'PCMA' : 'PCMU',
    channels,
    sampleRate,
    samples,
    async readPcm(from, count) {
      const wanted = Math.max(0, Math.min(count, samples - from));
      const bytes = await random.read(dataOffset + from * frame, wanted * frame);
      return toPcm(law, bytes);
    },
  };
}

function toPcm(law: Law | null, bytes: Uint8Array): Int16Array {
  if (law === null) {
    const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    const out = new Int16Array(bytes.length >> 1);
    for (let i = 0; i < out.length; i++) out[i] = view.readInt16LE(2 * i);
    return out;
  }
  const table = DECODE[law];
  const out = new Int16Array(bytes.length);
  for (let i = 0; i < out.length; i++) out[i] = table[bytes[i]!]!;
  return out;
}

function unsupported(what: string): EarshotError {
  return new EarshotError('CODEC_UNSUPPORTED', `this file cannot be read as audio: ${what}`);
}
