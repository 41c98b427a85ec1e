import { describe, expect, it } from 'vitest';
import { EarshotError } from '../base/errors.ts';
import { encodeG711 } from './g711.ts';
import { seededNumbers } from './seeded.ts';
import { loadWav, speechSource, toneSource } from './speech.ts';
import { bytesInMemory, openAudio } from './stored.ts';
import { wavHeader } from './wav.ts';

const mean = (pcm: Int16Array): number => pcm.reduce((sum, sample) => sum + Math.abs(sample), 0) / pcm.length;

describe('speech-like sound', () => {
  it('is the same for the same seed however it is asked for, and another for another', () => {
    const whole = speechSource({ seed: 5, side: 0 }).next(16_000);
    const pieces = speechSource({ seed: 5, side: 0 });
    const joined = Int16Array.from(Array.from({ length: 100 }, () => [...pieces.next(160)]).flat());
    expect(joined).toEqual(whole);
    expect(speechSource({ seed: 6, side: 0 }).next(16_000)).not.toEqual(whole);
  });

  it('has two sides that take turns, neither clipped nor faint', () => {
    const sides = ([0, 1] as const).map((side) => speechSource({ seed: 2, side }).next(8000 * 60));
    const seconds = Array.from({ length: 60 }, (_, s) =>
      sides.map((pcm) => mean(pcm.subarray(8000 * s, 8000 * (s + 1)))),
    );
    for (const pcm of sides) {
      const peak = pcm.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      expect(peak).toBeGreaterThan(3000);
      expect(peak).toBeLessThan(30_000);
    }
    const talking = (level: number): boolean => level > 100;
    for (const side of [0, 1]) expect(seconds.filter((levels) => talking(levels[side]!)).length).toBeGreaterThan(12);
    // A second in which the turn changes has both; no others.
    expect(seconds.filter((levels) => levels.every(talking)).length).toBeLessThan(30);
  });

  it('has pauses that are quiet', () => {
    const pcm = speechSource({ seed: 3, side: 1 }).next(8000 * 60);
    const packets = Array.from({ length: 3000 }, (_, i) => mean(pcm.subarray(160 * i, 160 * (i + 1))));
    expect(packets.filter((level) => level < 20).length).toBeGreaterThan(600);
  });
});

describe('a WAV file to play into a call', () => {
  const tone = toneSource(440).next(16_000);

  it.each([null, 'mulaw', 'alaw'] as const)('is read as %s, stereo, at any rate', async (law) => {
    const stereo = Int16Array.from({ length: 32_000 }, (_, i) => (i % 2 === 0 ? tone[i >> 1]! : 0));
    const body = law === null ? new Uint8Array(stereo.buffer) : encodeG711(law, stereo);
    for (const sampleRate of [8000, 16_000, 44_100]) {
      const file = Buffer.concat([wavHeader({ law, sampleRate, channels: 2, samples: 16_000 }), body]);
      const [left, right] = await loadWav(bytesInMemory(file));
      expect([left!.length, right!.length]).toEqual(Array(2).fill(Math.floor((16_000 * 8000) / sampleRate)));
      expect(mean(left!)).toBeGreaterThan(4500);
      expect(mean(right!)).toBeLessThan(9);
    }
  });

  it('fails with a clear error, or reads what is there, whatever the bytes', async () => {
    const random = seededNumbers(9);
    const good = Buffer.concat([
      wavHeader({ law: 'mulaw', sampleRate: 8000, channels: 1, samples: 500 }),
      Buffer.alloc(500),
    ]);
    for (let i = 0; i < 500; i++) {
      const bad = Buffer.from(good.subarray(0, i % 4 === 0 ? Math.floor(random() * good.length) : good.length));
      for (let k = 0; k < 3 && bad.length > 0; k++)
        bad[Math.floor(random() * Math.min(64, bad.length))] = Math.floor(random() * 256);
      try {
        const audio = await openAudio(bytesInMemory(bad));
        expect((await audio.readPcm(0, 1000)).length).toBe(Math.min(1000, audio.samples) * audio.channels);
      } catch (error) {
        expect(error).toBeInstanceOf(EarshotError);
      }
    }
  });
});
