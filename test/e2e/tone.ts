import { encodeG711 } from '../../src/audio/g711.ts';
import { decodeLaw, ffmpeg } from './program.ts';

const RATE = 8000;

/** A sine as µ-law; `period` samples long, so that each stretch of it is like every other. */
export function tone(period: number, seconds: number): Buffer {
  const wave = Int16Array.from({ length: RATE * seconds }, (_, at) =>
    Math.round(12_000 * Math.sin((2 * Math.PI * at) / period)),
  );
  return Buffer.from(encodeG711('mulaw', wave));
}

export interface Needle {
  readonly name: string;
  readonly bytes: Buffer;
  /** Bytes a sample. */
  readonly width: 1 | 2;
}

/** Shortest stretch that counts as a find, samples. */
const STRETCH = 40;

/**
 * What a file holds that lets a tone be heard, as G.711 and as linear samples of both byte orders. One needle is enough for all phases: it
 * is one period shorter than the stretch that counts.
 */
export async function needlesOf(name: string, mulaw: Buffer, period: number): Promise<Needle[]> {
  const length = STRETCH - period;
  const linear = await decodeLaw('mulaw', mulaw.subarray(0, 10 * STRETCH));
  const alaw = await ffmpeg(linear, '-f', 's16le', '-ar', '8000', '-ac', '1', '-i', 'pipe:0', '-f', 'alaw', 'pipe:1');
  const pcm = linear.subarray(0, length * 2);
  return [
    { name: `${name} as µ-law`, bytes: mulaw.subarray(0, length), width: 1 },
    { name: `${name} as A-law`, bytes: alaw.subarray(0, length), width: 1 },
    { name: `${name} as PCM`, bytes: pcm, width: 2 },
    { name: `${name} as PCM, high byte first`, bytes: Buffer.from(pcm).swap16(), width: 2 },
  ];
}
