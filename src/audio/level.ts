import { DECODE } from './g711.ts';
import type { PayloadCodec } from './codecs.ts';

const MAGNITUDE = {
  mulaw: Uint16Array.from(DECODE.mulaw, Math.abs),
  alaw: Uint16Array.from(DECODE.alaw, Math.abs),
};

/** Steps of {@link loudness} in an octave (6 dB). */
export const STEPS_PER_OCTAVE = 16;

/** The {@link loudness} of a mean magnitude, 16 steps an octave; 0 = digital silence, 240 = full scale. */
export function loudnessOf(meanMagnitude: number): number {
  return Math.round(STEPS_PER_OCTAVE * Math.log2(1 + meanMagnitude));
}

/** How loud the payload in [from, to) is, from its mean magnitude. Tells quiet stretches from speech; not a measure for people. */
export function loudness(codec: PayloadCodec, bytes: Uint8Array, from: number, to: number): number {
  if (to <= from) return 0;
  if (codec.coding === 'l16') return loudnessL16(bytes, from, to);
  if (codec.coding !== 'mulaw' && codec.coding !== 'alaw') return 0;
  const table = MAGNITUDE[codec.coding];
  let sum = 0;
  for (let i = from; i < to; i++) sum += table[bytes[i]!]!;
  return loudnessOf(sum / (to - from));
}

function loudnessL16(bytes: Uint8Array, from: number, to: number): number {
  const samples = (to - from) >> 1;
  if (samples === 0) return 0;
  let sum = 0;
  for (let i = 0, at = from; i < samples; i++, at += 2)
    sum += Math.abs((((bytes[at]! << 8) | bytes[at + 1]!) << 16) >> 16);
  return loudnessOf(sum / samples);
}
