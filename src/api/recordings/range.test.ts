import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reducePeaks } from './peaks.ts';
import { parseRange } from './range.ts';

describe('a range', () => {
  it('of any text lies within the bytes, or is none, or the whole (RFC 9110 §14.2)', () => {
    const part = fc.oneof(fc.constant(''), fc.nat(200).map(String), fc.string({ maxLength: 4 }));
    const header = fc.oneof(
      fc.string(),
      fc.tuple(part, part).map(([a, b]) => `bytes=${a}-${b}`),
    );
    fc.assert(
      fc.property(header, fc.nat(150), (text, size) => {
        const range = parseRange(text, size);
        if (typeof range === 'string') return;
        expect(range.from).toBeGreaterThanOrEqual(0);
        expect(range.to).toBeGreaterThan(range.from);
        expect(range.to).toBeLessThanOrEqual(size);
      }),
      { numRuns: 2000 },
    );
  });

  it('of nothing is none', () => {
    expect(parseRange('bytes=0-', 0)).toBe('none');
    expect(parseRange('bytes=-1', 0)).toBe('none');
    expect(parseRange(undefined, 0)).toBe('whole');
  });
});

describe('peaks drawn together', () => {
  it('keep the lowest and highest of each stretch, so that no click is lost', () => {
    const channel = new Int8Array(2 * 1000);
    channel[2 * 777 + 1] = 100;
    channel[2 * 333] = -90;
    const [values = []] = reducePeaks({ msPerPeak: 10, channels: [channel] }, 16);
    expect(values).toHaveLength(32);
    expect(Math.max(...values)).toBe(100 / 128);
    expect(Math.min(...values)).toBe(-90 / 128);
    expect(values.indexOf(100 / 128)).toBe(2 * Math.floor((777 * 16) / 1000) + 1);
  });
});
