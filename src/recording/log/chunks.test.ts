import { describe, expect, it } from 'vitest';
import { type Chunk, ChunkPool } from './chunks.ts';

const MEGABYTE = 1024 * 1024;

/** A record in the pool, filled with its number. */
function put(
  pool: ChunkPool,
  bytes: number,
  fill: number,
): { chunk: Chunk; start: number; bytes: number; fill: number } {
  const chunk = pool.take(bytes);
  const start = chunk.used - bytes;
  chunk.bytes.fill(fill, start, chunk.used);
  return { chunk, start, bytes, fill };
}

describe('memory of waiting records', () => {
  it('is never given to another record before it is released, and then it is', () => {
    const pool = new ChunkPool();
    const waiting: ReturnType<typeof put>[] = [];
    const chunks = new Set<Chunk>();
    for (let round = 0; round < 2000; round++) {
      const record = put(pool, 1 + ((round * 7919) % 60_000), round % 251);
      chunks.add(record.chunk);
      waiting.push(record);
      while (waiting.length > 80) pool.release(waiting.shift()!.chunk);
      for (const { chunk, start, bytes, fill } of [waiting[0]!, waiting[waiting.length >> 1]!, record]) {
        expect(chunk.bytes.subarray(start, start + bytes).equals(Buffer.alloc(bytes, fill))).toBe(true);
      }
    }
    expect(chunks.size, '60 MB went through the room that 80 records take').toBeLessThan(8);
  });

  it('has room for a record that is larger than others, once', () => {
    const pool = new ChunkPool();
    const large = put(pool, 16 * MEGABYTE, 1);
    put(pool, 10, 2);
    pool.release(large.chunk);
    expect(put(pool, MEGABYTE, 3).chunk.bytes).toHaveLength(MEGABYTE);
    expect(put(pool, MEGABYTE, 4).chunk.bytes).toHaveLength(MEGABYTE);
  });

  it('is not used again when a failed file may still read it', () => {
    const pool = new ChunkPool();
    const spoilt = put(pool, MEGABYTE, 1);
    spoilt.chunk.isSpoilt = true;
    put(pool, MEGABYTE, 2);
    pool.release(spoilt.chunk);
    for (let round = 0; round < 5; round++) expect(put(pool, MEGABYTE, 3).chunk).not.toBe(spoilt.chunk);
  });
});
