import { channelOf } from './mix.ts';
import { reach, resample } from './resample.ts';
import type { StoredAudio } from './types.ts';

/** Samples per channel that a recording has at another rate. */
export function samplesAt(audio: StoredAudio, rate: number): number {
  return Math.floor((audio.samples * rate) / audio.sampleRate);
}

/**
 * Interleaved samples `first` to `first + count` of a recording at another rate. Any stretch can be asked for alone, and
 * stretches fit together.
 */
export async function readAtRate(audio: StoredAudio, rate: number, first: number, count: number): Promise<Int16Array> {
  const wanted = Math.max(0, Math.min(count, samplesAt(audio, rate) - first));
  if (rate === audio.sampleRate || wanted === 0) return audio.readPcm(first, wanted);
  const rates = { from: audio.sampleRate, to: rate };
  const margin = reach(rates.from, rates.to);
  const start = Math.max(0, Math.floor((first * rates.from) / rates.to) - margin);
  const end = Math.ceil(((first + wanted) * rates.from) / rates.to) + margin;
  const pcm = await audio.readPcm(start, end - start);
  const out = new Int16Array(wanted * audio.channels);
  for (let channel = 0; channel < audio.channels; channel++) {
    const one = channelOf(pcm, audio.channels, channel);
    const raised = resample(one, rates, { first, count: wanted, origin: -start });
    for (let i = 0; i < wanted; i++) out[i * audio.channels + channel] = raised[i]!;
  }
  return out;
}
