import { saturate } from './canvas.ts';

/** Interleaved channels added into one, held within 16 bits. */
export function mixToMono(pcm: Int16Array, channels: number): Int16Array {
  if (channels === 1) return pcm;
  const out = new Int16Array(Math.floor(pcm.length / channels));
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += pcm[i * channels + channel]!;
    out[i] = saturate(sum);
  }
  return out;
}

/** More than two interleaved channels as two: the first stays left, the others are added on the right. */
export function mixToStereo(pcm: Int16Array, channels: number): Int16Array {
  if (channels <= 2) return pcm;
  const frames = Math.floor(pcm.length / channels);
  const out = new Int16Array(2 * frames);
  for (let i = 0; i < frames; i++) {
    let rest = 0;
    for (let channel = 1; channel < channels; channel++) rest += pcm[i * channels + channel]!;
    out[2 * i] = pcm[i * channels]!;
    out[2 * i + 1] = saturate(rest);
  }
  return out;
}

/** One channel of interleaved samples. */
export function channelOf(pcm: Int16Array, channels: number, channel: number): Int16Array {
  const out = new Int16Array(Math.floor(pcm.length / channels));
  for (let i = 0; i < out.length; i++) out[i] = pcm[i * channels + channel]!;
  return out;
}
