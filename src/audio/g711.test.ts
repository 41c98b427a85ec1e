import { describe, expect, it } from 'vitest';
import { DECODE, ENCODE, SILENCE, decodeG711, encodeG711 } from './g711.ts';

describe('G.711', () => {
  it('decodes the values of the recommendation', () => {
    const mu = [0x00, 0x0f, 0x10, 0x7f, 0x80, 0x8f, 0xef, 0xff].map((code) => DECODE.mulaw[code]);
    expect(mu).toEqual([-32124, -16764, -15996, 0, 32124, 16764, 132, 0].map((v) => (v === 0 ? expect.closeTo(0) : v)));
    // A-law: +1 step, −1 step, largest and smallest (13-bit 1, 4032 scaled by 8).
    expect([0xd5, 0x55, 0xaa, 0x2a].map((code) => DECODE.alaw[code])).toEqual([8, -8, 32256, -32256]);
  });

  it.each(['mulaw', 'alaw'] as const)('gives every %s code back after a way through linear', (law) => {
    for (let code = 0; code < 256; code++) {
      const again = ENCODE[law][DECODE[law][code]! & 0xffff];
      // µ-law has two zeros; the negative one comes back as the positive one.
      expect(again).toBe(law === 'mulaw' && code === 0x7f ? 0xff : code);
    }
  });

  it.each(['mulaw', 'alaw'] as const)('codes %s monotonically and to the interval that holds the sample', (law) => {
    let last = -Infinity;
    for (let sample = -32768; sample <= 32767; sample++) {
      const value = DECODE[law][ENCODE[law][sample & 0xffff]!]!;
      expect(value >= last).toBe(true);
      last = value;
      const step = Math.max(8, 2 ** (Math.floor(Math.log2(Math.abs(value) + 132)) - 5));
      if (Math.abs(sample) <= 32000) expect(Math.abs(value - sample) <= 2 * step).toBe(true);
    }
  });

  it('has silence codes that decode to the smallest value', () => {
    expect(DECODE.mulaw[SILENCE.mulaw]).toBe(0);
    expect(DECODE.alaw[SILENCE.alaw]).toBe(8);
  });

  it('codes arrays', () => {
    const codes = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(encodeG711('alaw', decodeG711('alaw', codes))).toEqual(codes);
  });
});
