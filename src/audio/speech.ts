import { readAtRate, samplesAt } from './at-rate.ts';
import { seededNumbers } from './seeded.ts';
import type { RandomBytes } from './types.ts';
import { openWav } from './wav-read.ts';

/** Sound that goes on for as long as it is asked: 16-bit mono. */
export interface PcmSource {
  /** The next `count` samples. */
  next(count: number): Int16Array;
}

export interface SpeechOptions {
  /** The same seed gives the same conversation; both sides of a call use one seed. */
  readonly seed: number;
  /** Which side of the conversation: they take turns. */
  readonly side: 0 | 1;
  readonly sampleRate?: number;
}

/** Resonances of vowels in Hz, roughly those of a, e, i, o, u and a neutral one. */
const VOWELS: readonly (readonly [number, number, number])[] = [
  [730, 1090, 2440],
  [530, 1840, 2480],
  [270, 2290, 3010],
  [570, 840, 2410],
  [300, 870, 2240],
  [500, 1500, 2500],
];
const BANDWIDTHS = [80, 110, 160];
/** The room behind a voice: a few steps of 16 bits, so that pauses are quiet but alive. */
const ROOM_NOISE = 12;
const PEAK = 9000;

/**
 * Speech-like sound for test calls: voiced syllables with moving pitch and formants, hissing consonants, pauses between words,
 * and turns in which the other side speaks. It says nothing.
 */
export function speechSource(options: SpeechOptions): PcmSource {
  const voice = new Voice(options);
  return { next: (count) => voice.next(count) };
}

/** A pure tone of `amplitude` (0 to 32767). */
export function toneSource(frequency: number, amplitude = 8000, sampleRate = 8000): PcmSource {
  let at = 0;
  return {
    next: (count) =>
      Int16Array.from({ length: count }, () =>
        Math.round(amplitude * Math.sin((2 * Math.PI * frequency * at++) / sampleRate)),
      ),
  };
}

/**
 * The channels of a WAV file (PCM16, µ-law or A-law, any rate) as 16-bit samples at `sampleRate`.
 *
 * @throws EarshotError CODEC_UNSUPPORTED when the file is none of these.
 */
export async function loadWav(file: RandomBytes, sampleRate = 8000): Promise<Int16Array[]> {
  const audio = await openWav(file);
  const total = samplesAt(audio, sampleRate);
  const channels = Array.from({ length: audio.channels }, () => new Int16Array(total));
  for (let at = 0; at < total; at += sampleRate) {
    const pcm = await readAtRate(audio, sampleRate, at, sampleRate);
    for (let i = 0; i < pcm.length; i++) channels[i % audio.channels]![at + Math.floor(i / audio.channels)] = pcm[i]!;
  }
  return channels;
}

/** A two-pole resonance. */
class Formant {
  readonly #decay: number;
  readonly #rate: number;
  #turn = 0;
  #last = 0;
  #before = 0;

  constructor(bandwidth: number, rate: number) {
    this.#rate = rate;
    this.#decay = Math.exp((-Math.PI * bandwidth) / rate);
  }

  tune(frequency: number): void {
    this.#turn = 2 * this.#decay * Math.cos((2 * Math.PI * Math.min(frequency, 0.45 * this.#rate)) / this.#rate);
  }

  step(input: number): number {
    const output = (1 - this.#decay) * input + this.#turn * this.#last - this.#decay ** 2 * this.#before;
    this.#before = this.#last;
    this.#last = output;
    return output;
  }
}

/** What is being said now. */
interface Sound {
  readonly kind: 'vowel' | 'hiss' | 'pause';
  readonly samples: number;
  readonly loudness: number;
  readonly formants: readonly [number, number, number];
  /** Pitch at the begin and end, Hz. */
  readonly pitch: readonly [number, number];
}

class Voice {
  readonly #rate: number;
  readonly #side: number;
  readonly #turns: () => number;
  readonly #random: () => number;
  readonly #basePitch: number;
  readonly #formants: Formant[];
  #turnOf = 0;
  #turnLeft: number;
  #words: Sound[] = [];
  #sound: Sound | undefined;
  #at = 0;
  #phase = 0;

  constructor({ seed, side, sampleRate = 8000 }: SpeechOptions) {
    this.#rate = sampleRate;
    this.#side = side;
    // Turns come from a sequence that both sides share.
    this.#turns = seededNumbers(seed);
    this.#random = seededNumbers(seed * 31 + side + 1);
    this.#basePitch = side === 0 ? 190 + 30 * this.#random() : 105 + 25 * this.#random();
    this.#formants = BANDWIDTHS.map((bandwidth) => new Formant(bandwidth, sampleRate));
    this.#turnLeft = this.#turnLength();
  }

  next(count: number): Int16Array {
    const out = new Int16Array(count);
    for (let i = 0; i < count; i++) {
      if (this.#turnLeft-- === 0) {
        this.#turnOf = 1 - this.#turnOf;
        this.#turnLeft = this.#turnLength();
        this.#words = [];
      }
      if (this.#sound === undefined || this.#at === this.#sound.samples) this.#begin();
      const value = this.#step(this.#sound!) + (this.#random() - 0.5) * 2 * ROOM_NOISE;
      out[i] = Math.max(-32768, Math.min(32767, Math.round(value)));
    }
    return out;
  }

  #turnLength(): number {
    return Math.round(this.#rate * (1.5 + 4 * this.#turns()));
  }

  #begin(): void {
    this.#at = 0;
    if (this.#turnOf !== this.#side) {
      this.#sound = this.#pause(0.05);
      return;
    }
    if (this.#words.length === 0) this.#words = this.#word();
    this.#sound = this.#words.shift()!;
    this.#formants.forEach((formant, i) => formant.tune(this.#sound!.formants[i]!));
  }

  #pause(seconds: number): Sound {
    return {
      kind: 'pause',
      samples: Math.round(seconds * this.#rate),
      loudness: 0,
      formants: VOWELS[5]!,
      pitch: [100, 100],
    };
  }

  /** One to four syllables and the pause behind them. */
  #word(): Sound[] {
    const random = this.#random;
    const sounds: Sound[] = [];
    for (let syllables = 1 + Math.floor(4 * random()); syllables > 0; syllables--) {
      if (random() < 0.6) {
        const samples = Math.round(this.#rate * (0.03 + 0.06 * random()));
        sounds.push({
          kind: 'hiss',
          samples,
          loudness: 0.05 + 0.1 * random(),
          formants: [2500, 3100, 3400],
          pitch: [100, 100],
        });
      }
      const pitch = this.#basePitch * (0.9 + 0.25 * random());
      sounds.push({
        kind: 'vowel',
        samples: Math.round(this.#rate * (0.09 + 0.13 * random())),
        loudness: 0.4 + 0.6 * random(),
        formants: VOWELS[Math.floor(VOWELS.length * random())]!,
        pitch: [pitch, pitch * (0.85 + 0.2 * random())],
      });
    }
    sounds.push(this.#pause(random() < 0.2 ? 0.3 + 0.4 * random() : 0.04 + 0.08 * random()));
    return sounds;
  }

  #step(sound: Sound): number {
    const share = this.#at++ / sound.samples;
    const [from, to] = sound.pitch;
    this.#phase += (from + (to - from) * share) / this.#rate;
    if (this.#phase >= 1) this.#phase -= 1;
    // A falling ramp has the harmonics of a voice; its mean is taken out.
    const voiced = sound.kind === 'vowel' ? 1 - 2 * this.#phase : sound.kind === 'hiss' ? 2 * this.#random() - 1 : 0;
    const envelope = Math.sin(Math.PI * share) ** 0.6 * sound.loudness;
    const excitation = voiced * envelope;
    const [f1, f2, f3] = this.#formants.map((formant) => formant.step(excitation)) as [number, number, number];
    return PEAK * (f1 + 0.6 * f2 + 0.3 * f3);
  }
}
