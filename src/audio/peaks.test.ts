import { describe, expect, it } from 'vitest';
import { decodePeaks, encodePeaks, PeakMeter, peakResolution, peaksFor } from './peaks.ts';
import { seededNumbers } from './seeded.ts';

function meter(pcm: Int16Array, piece: number): PeakMeter {
  const peaks = new PeakMeter({ law: null, rate: 8000, channels: 1, samples: pcm.length });
  for (let at = 0; at < pcm.length; at += piece) peaks.add([pcm.subarray(at, at + piece)]);
  return peaks;
}

describe('peaks', () => {
  const random = seededNumbers(1);
  const pcm = Int16Array.from({ length: 8123 }, () => Math.floor(random() * 65536) - 32768);

  it('are the lowest and highest sample of each stretch, however the pieces fall', () => {
    for (const piece of [1, 7, 80, 1000, 8123]) {
      const { msPerPeak, channels } = meter(pcm, piece).peaks();
      expect(msPerPeak).toBe(10);
      for (let i = 0; i < channels[0]!.length / 2; i++) {
        const part = pcm.subarray(80 * i, 80 * (i + 1));
        expect([channels[0]![2 * i], channels[0]![2 * i + 1]]).toEqual([
          Math.min(...part) >> 8,
          Math.max(...part) >> 8,
        ]);
      }
    }
  });

  it('are the same from G.711 codes', () => {
    const codes = Uint8Array.from({ length: 800 }, (_, i) => i);
    const peaks = new PeakMeter({ law: 'mulaw', rate: 8000, channels: 2, samples: 800 });
    peaks.add([codes, codes.map(() => 0xff)]);
    // Codes 0x00 to 0x4f are −32124 to −924, 0x50 to 0x9f are −876 over 0 to 32124.
    expect([...peaks.peaks().channels[0]!.subarray(0, 4)]).toEqual([-126, -4, -4, 125]);
    expect([...peaks.peaks().channels[1]!.subarray(0, 2)]).toEqual([0, 0]);
  });

  it('are refused before the end', () => {
    const peaks = new PeakMeter({ law: null, rate: 8000, channels: 1, samples: 10 });
    expect(() => peaks.peaks()).toThrow('written');
  });

  it('of an hour take at most 100 kB, and of a day no more', () => {
    for (const ms of [3_600_000, 86_400_000, 5 * 86_400_000])
      expect((ms / peakResolution(ms)) * 4).toBeLessThanOrEqual(100_000);
  });

  it('survive their compact form, and nothing else is taken for it', () => {
    const peaks = meter(pcm, 100).peaks();
    const bytes = encodePeaks(peaks);
    expect(decodePeaks(bytes)).toEqual(peaks);
    expect(decodePeaks(bytes.subarray(1))).toBeNull();
    expect(decodePeaks(bytes.subarray(0, -1))).toBeNull();
    expect(decodePeaks(new Uint8Array())).toBeNull();
  });

  it('can be drawn coarser without losing an extreme', () => {
    const peaks = meter(pcm, 100).peaks();
    const coarse = peaksFor(peaks, 10);
    expect(coarse.msPerPeak).toBe(100);
    expect(coarse.channels[0]!.length).toBe(22);
    for (let i = 0; i < 11; i++) {
      const part = pcm.subarray(800 * i, 800 * (i + 1));
      expect([coarse.channels[0]![2 * i], coarse.channels[0]![2 * i + 1]]).toEqual([
        Math.min(...part) >> 8,
        Math.max(...part) >> 8,
      ]);
    }
    expect(peaksFor(peaks, 5000)).toBe(peaks);
  });
});
