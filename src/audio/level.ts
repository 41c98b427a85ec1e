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

/** How loud a payload is, from its mean magnitude. Tells quiet stretches from speech; not a measure for people. */
export function loudness(codec: PayloadCodec, payload: Uint8Array): number {
  if (codec.coding === 'l16') return loudnessL16(payload);
  if (codec.coding !== 'mulaw' && codec.coding !== 'alaw') return 0;
  const table = MAGNITUDE[codec.coding];
  const length = payload.length;
  if (length === 0) return 0;
  let sum = 0;
  for (let i = 0; i < length; i++) sum += table[payload[i]!]!;
  return loudnessOf(sum / length);
}

function loudnessL16(payload: Uint8Array): number {
  const samples = payload.length >> 1;
  if (samples === 0) return 0;
  let sum = 0;
  for (let i = 0; i < samples; i++) sum += Math.abs((((payload[2 * i]! << 8) | payload[2 * i + 1]!) << 16) >> 16);
  return loudnessOf(sum / samples);
}
