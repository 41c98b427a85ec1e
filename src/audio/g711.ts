/**
 * ITU-T G.711: µ-law and A-law against 16-bit linear samples. µ-law's 14 bits are scaled by 4, A-law's 13 bits by 8, so both
 * fill 16 bits and every code decodes to the middle of its interval.
 */
export type Law = 'mulaw' | 'alaw';

/** The code of silence: µ-law +0 and the smallest positive A-law step. */
export const SILENCE: Readonly<Record<Law, number>> = { mulaw: 0xff, alaw: 0xd5 };

const MULAW_BIAS = 132;
const MULAW_CLIP = 32635;

function mulawToLinear(code: number): number {
  const bits = ~code & 0xff;
  const segment = (bits >> 4) & 7;
  const magnitude = ((((bits & 15) << 3) + MULAW_BIAS) << segment) - MULAW_BIAS;
  return (bits & 0x80) !== 0 ? -magnitude : magnitude;
}

function alawToLinear(code: number): number {
  const bits = code ^ 0x55;
  const segment = (bits >> 4) & 7;
  const step = ((bits & 15) << 4) + 8;
  const magnitude = segment === 0 ? step : (step + 256) << (segment - 1);
  return (bits & 0x80) !== 0 ? magnitude : -magnitude;
}

function linearToMulaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), MULAW_CLIP) + MULAW_BIAS;
  const segment = 24 - Math.clz32(magnitude);
  const bits = sign | (segment << 4) | ((magnitude >> (segment + 3)) & 15);
  return ~bits & 0xff;
}

/** Negative samples are taken in ones' complement, so that both signs have intervals of the same width (G.711 table 1). */
function linearToAlaw(sample: number): number {
  const sign = sample < 0 ? 0 : 0x80;
  const magnitude = sample < 0 ? -sample - 1 : sample;
  const segment = Math.max(0, 24 - Math.clz32(magnitude));
  const step = magnitude >> (segment === 0 ? 4 : segment + 3);
  return (sign | (segment << 4) | (step & 15)) ^ 0x55;
}

function decodeTable(decode: (code: number) => number): Int16Array {
  return Int16Array.from({ length: 256 }, (_, code) => decode(code));
}

/** Indexed by `sample & 0xffff`. */
function encodeTable(encode: (sample: number) => number): Uint8Array {
  return Uint8Array.from({ length: 65536 }, (_, index) => encode((index << 16) >> 16));
}

/** 16-bit sample of each code. */
export const DECODE: Readonly<Record<Law, Int16Array>> = {
  mulaw: decodeTable(mulawToLinear),
  alaw: decodeTable(alawToLinear),
};

/** Code of each 16-bit sample, indexed by `sample & 0xffff`. */
export const ENCODE: Readonly<Record<Law, Uint8Array>> = {
  mulaw: encodeTable(linearToMulaw),
  alaw: encodeTable(linearToAlaw),
};

/** Decodes codes into `into` (a new array when absent). */
export function decodeG711(law: Law, codes: Uint8Array, into: Int16Array = new Int16Array(codes.length)): Int16Array {
  const table = DECODE[law];
  for (let i = 0; i < codes.length; i++) into[i] = table[codes[i]!]!;
  return into;
}

/** Encodes 16-bit samples. */
export function encodeG711(
  law: Law,
  samples: Int16Array,
  into: Uint8Array = new Uint8Array(samples.length),
): Uint8Array {
  const table = ENCODE[law];
  for (let i = 0; i < samples.length; i++) into[i] = table[samples[i]! & 0xffff]!;
  return into;
}
