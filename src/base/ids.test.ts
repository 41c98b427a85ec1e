import { describe, expect, it } from 'vitest';
import { isOpaqueId, opaqueId, systemRandom } from './ids.ts';

describe('opaque ids', () => {
  it('writes all 128 bits', () => {
    expect(opaqueId(() => Buffer.alloc(16))).toBe('0'.repeat(26));
    const ids = new Set(Array.from({ length: 128 }, (_, bit) => opaqueId(() => bytesWithBit(bit))));
    expect(ids.size).toBe(128);
  });

  it('knows its own and nothing that could leave a folder', () => {
    expect(isOpaqueId(opaqueId())).toBe(true);
    for (const text of ['', '../../../../etc/passwd12345', 'A'.repeat(26), `${'0'.repeat(25)}/`, '0'.repeat(27)]) {
      expect(isOpaqueId(text)).toBe(false);
    }
  });
});

describe('the random bytes of the system', () => {
  it('come once each, in the number asked for, and in memory of their own', () => {
    const sizes = Array.from({ length: 2000 }, (_, index) => 8 + (index % 90));
    const all = sizes.map((size) => systemRandom(size));
    expect(all.map(({ length }) => length)).toEqual(sizes);
    expect(new Set(all.map((bytes) => bytes.toString('hex', 0, 8))).size).toBe(sizes.length);
    const [first, second] = [systemRandom(16), systemRandom(16)];
    const before = second.toString('hex');
    first.fill(0);
    expect(second.toString('hex')).toBe(before);
  });
});

function bytesWithBit(bit: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes[bit >> 3] = 1 << (bit & 7);
  return bytes;
}
