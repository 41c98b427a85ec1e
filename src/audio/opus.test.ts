import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { channelOf } from './mix.ts';
import { opusStream } from './opus.ts';
import { resample } from './resample.ts';
import { speechSource } from './speech.ts';
import { ffmpegFile, gather, strength, tones } from './testing.ts';
import type { StoredAudio } from './types.ts';

const DECODED_RATE = 48_000;

/** Two people who talk, each on a channel, and again from the beginning after `talkSeconds`. */
function talk(samples: number, sampleRate = 8000, talkSeconds = 6): StoredAudio {
  const sides = [0, 1].map((side) => {
    const speech = speechSource({ seed: 3, side: side as 0 | 1 }).next(8000 * talkSeconds);
    const place = { first: 0, count: sampleRate * talkSeconds, origin: 0 };
    return sampleRate === 8000 ? speech : resample(speech, { from: 8000, to: sampleRate }, place);
  });
  return {
    ...tones(1, sampleRate),
    samples,
    readPcm: (from, count) => {
      const until = Math.max(from, Math.min(from + count, samples));
      return Promise.resolve(
        Int16Array.from({ length: 2 * (until - from) }, (_, i) => {
          const side = sides[i % 2]!;
          return side[(from + (i >> 1)) % side.length]!;
        }),
      );
    },
  };
}

/** Rising with frequency: the encoder takes away what is too deep for speech, and shifts the deepest that it leaves. */
function bright(pcm: Int16Array): Int16Array {
  return pcm.map((sample, i) => (sample - (pcm[i - 6] ?? 0)) / 2);
}

/** What of `first` is in `second` at a lag, from −1 to 1. */
function likeness(first: Int16Array, second: Int16Array, lag = 0): number {
  let both = 0;
  let one = 0;
  let other = 0;
  for (let i = 100; i < first.length - 100; i++) {
    both += first[i]! * second[i + lag]!;
    one += first[i]! ** 2;
    other += second[i + lag]! ** 2;
  }
  return both / Math.sqrt(one * other);
}

function bestLag(first: Int16Array, second: Int16Array): { likeness: number; lag: number } {
  const all = Array.from({ length: 61 }, (_, i) => ({ lag: i - 30, likeness: likeness(first, second, i - 30) }));
  return all.reduce((best, one) => (one.likeness > best.likeness ? one : best));
}

function decibels(first: Int16Array, second: Int16Array): number {
  const energy = (pcm: Int16Array) => pcm.reduce((sum, sample) => sum + sample ** 2, 0);
  return 10 * Math.log10(energy(second) / energy(first));
}

/**
 * What the reference reader says of the file (it warns of each page and packet that is not as it must be), and how many samples
 * the reference decoder gives of it.
 */
function opusTools(file: Uint8Array): { said: string; samples: number } {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-talk-'));
  const run = (tool: string, ...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync(tool, args, { cwd: folder });
    expect(status).toBe(0);
    return stdout.toString() + stderr.toString();
  };
  try {
    writeFileSync(join(folder, 'talk.opus'), file);
    const said = run('opusinfo', 'talk.opus') + run('opusdec', '--quiet', 'talk.opus', 'talk.wav');
    return { said, samples: (statSync(join(folder, 'talk.wav')).size - 44) / 4 };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('Opus made as it is read', () => {
  it.each([8000, 16_000, 48_000])(
    'of speech at %d Hz is what was said, where and by whom it was said',
    async (rate) => {
      const audio = talk(Math.round(5.47 * rate), rate);
      const file = opusStream(audio);
      const whole = await gather(file.bytes());
      expect(whole.length).toBe(file.size);
      const pcm = ffmpegFile(whole);
      const perSample = DECODED_RATE / rate;
      expect(pcm.length).toBe(2 * audio.samples * perSample);
      const said = await audio.readPcm(0, audio.samples);
      const place = { first: 0, count: audio.samples * perSample, origin: 0 };
      const rates = { from: rate, to: DECODED_RATE };
      const sides = [0, 1].map((side) => bright(resample(channelOf(said, 2, side), rates, place)));
      const heard = [0, 1].map((side) => bright(channelOf(pcm, 2, side)));
      for (const side of [0, 1]) {
        const { likeness: best, lag } = bestLag(sides[side]!, heard[side]!);
        expect(best).toBeGreaterThan(0.9);
        // A sample of 8 kHz is six of these.
        expect(Math.abs(lag)).toBeLessThanOrEqual(6);
        expect(Math.abs(decibels(sides[side]!, heard[side]!))).toBeLessThan(1);
        // Of the other one there is no more than there was.
        const before = likeness(sides[1 - side]!, sides[side]!);
        expect(Math.abs(likeness(sides[1 - side]!, heard[side]!) - before)).toBeLessThan(0.03);
      }
    },
  );

  it.each([
    [8000, [400], 8000, 98_000],
    [11_025, [400, 700], 12_000, 310_000],
    [44_100, [400, 700], 48_000, 490_000],
    [8000, [400, 700], 8000, 188_000],
    // Nothing in the second channel; the third comes beside it.
    [8000, [400, 0, 700], 8000, 188_000],
  ])('of %d Hz with tones %j has each on its side', async (rate, frequencies, own, bytesAMinute) => {
    const audio = tones(3.7, rate, frequencies);
    const file = opusStream(audio);
    const whole = await gather(file.bytes());
    expect(whole.length).toBe(file.size);
    expect((file.size * 60) / 3.7).toBeLessThan(bytesAMinute);
    const channels = Math.min(2, frequencies.length);
    const pcm = ffmpegFile(whole);
    expect(pcm.length / channels).toBe((Math.floor(3.7 * own) * DECODED_RATE) / own);
    // Tones that last are not what this is made for; a side is known by them all the same.
    frequencies.filter(Boolean).forEach((frequency, side) => {
      expect(strength(pcm, channels, side, frequency, DECODED_RATE)).toBeGreaterThan(4000);
      if (channels === 2) expect(strength(pcm, 2, 1 - side, frequency, DECODED_RATE)).toBeLessThan(1000);
    });
  });

  it.each([0, 1, 107, 108, 109, 152, 160, 161, 7892, 7893, 8000, 8108, 100_003])(
    'of %d samples has the size and length it says, and nothing for a strict reader to warn of',
    async (samples) => {
      const file = opusStream(talk(samples));
      const whole = await gather(file.bytes());
      expect(whole.length).toBe(file.size);
      const { said, samples: decoded } = opusTools(whole);
      expect(decoded).toBe(samples);
      expect(said).not.toMatch(/warn|error|corrupt/i);
      expect(said).toContain('Channels: 2');
    },
  );

  it('does not drift in ten minutes', async () => {
    const audio = talk(8000 * 600 + 1);
    const whole = await gather(opusStream(audio).bytes());
    expect(whole.length / 10).toBeLessThan(190_000);
    const pcm = ffmpegFile(whole);
    expect(pcm.length).toBe(2 * 6 * audio.samples);
    // The same was said at the end, a whole number of repetitions later.
    const [start, end] = [1, 595].map((second) =>
      channelOf(pcm.subarray(96_000 * second, 96_000 * (second + 4)), 2, 0),
    );
    expect(likeness(start!, end!)).toBeGreaterThan(0.95);
    expect(likeness(start!, end!, 6)).toBeLessThan(likeness(start!, end!));
  });

  it('of silence is silence', async () => {
    const silent: StoredAudio = {
      ...tones(3),
      readPcm: (from, count) => Promise.resolve(new Int16Array(2 * Math.max(0, Math.min(count, 24_000 - from)))),
    };
    const pcm = ffmpegFile(await gather(opusStream(silent).bytes()));
    expect(pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)).toBeLessThanOrEqual(2);
  });

  it('is the same bytes each time, also while others are made in the same thread', async () => {
    const make = (samples: number) => gather(opusStream(talk(samples)).bytes());
    const alone = await make(20_000);
    const [first, other, second] = await Promise.all([make(20_000), make(31_000), make(20_000)]);
    expect(first.equals(alone)).toBe(true);
    expect(second.equals(alone)).toBe(true);
    expect(other.equals(alone)).toBe(false);
  });

  it('reads no further ahead than it is read, and stops when the reader leaves', async () => {
    let asked = 0;
    const audio = talk(8000 * 600);
    const watched: StoredAudio = {
      ...audio,
      readPcm: (from, count) => ((asked = from + count), audio.readPcm(from, count)),
    };
    let pages = 0;
    for await (const _ of opusStream(watched).bytes()) if (++pages === 4) break;
    expect(asked).toBe(16_000);
  });

  it('ends with the error of what it reads, and others go on', async () => {
    const broken: StoredAudio = { ...talk(16_000), readPcm: () => Promise.reject(new Error('torn')) };
    const whole = gather(opusStream(talk(16_000)).bytes());
    await expect(gather(opusStream(broken).bytes())).rejects.toThrow('torn');
    expect((await whole).length).toBe(opusStream(talk(16_000)).size);
  });
});
