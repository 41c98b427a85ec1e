import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillPage } from './opus-page.ts';

/** A packet of one frame of stereo speech that would like to be so long. */
const packet = (wanted: number, most: number): Uint8Array =>
  Uint8Array.of(0x0c, ...Array<number>(Math.min(wanted, most) - 1).fill(9));

describe('a page of packets', () => {
  it('is of its size whatever the packets take, and none is longer than a byte can tell', () => {
    const page = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(page, fc.constantFrom(30, 60, 100, 160), (wanted, each) => {
        const packets = fillPage(wanted.length, wanted.length * each, (frame, most) => packet(wanted[frame]!, most));
        expect(packets.length).toBe(wanted.length);
        expect(packets.reduce((sum, { length }) => sum + length, 0)).toBe(wanted.length * each);
        for (const { length } of packets) expect(length).toBeLessThanOrEqual(254);
      }),
    );
  });

  it('lets a frame have what others do not need, and leaves something to each', () => {
    const most: number[] = [];
    fillPage(50, 3000, (_, limit) => (most.push(limit), packet(400, limit)));
    expect(most[0]).toBe(72);
    expect(Math.min(...most)).toBeGreaterThan(20);
  });
});
