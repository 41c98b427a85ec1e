import { describe, expect, it } from 'vitest';
import { BytePool } from './byte-pool.ts';

describe('a pool of memory', () => {
  it('gives out what came back, and never a piece twice', () => {
    const pool = new BytePool(1024, 2);
    const [one, other] = [pool.take(), pool.takeBuffer()];
    expect([one.length, other.length]).toEqual([1024, 1024]);
    expect(one.buffer).not.toBe(other.buffer);
    pool.give(one);
    expect(pool.takeBuffer().buffer).toBe(one.buffer);
    expect(pool.take().buffer).not.toBe(one.buffer);
  });

  it('keeps no more than it was told, no parts, and nothing of another size', () => {
    const pool = new BytePool(1024, 1);
    const [one, other] = [pool.take(), pool.take()];
    pool.give(one.subarray(0, 512));
    pool.give(new Uint8Array(512));
    pool.give(new Uint8Array(2048).subarray(0, 1024));
    pool.give(one);
    pool.give(other);
    expect(pool.take().buffer).toBe(one.buffer);
    expect(pool.take().buffer).not.toBe(other.buffer);
  });
});
