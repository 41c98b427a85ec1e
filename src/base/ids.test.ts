import { describe, expect, it } from 'vitest';
import { isOpaqueId, opaqueId } from './ids.ts';

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

function bytesWithBit(bit: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes[bit >> 3] = 1 << (bit & 7);
  return bytes;
}
