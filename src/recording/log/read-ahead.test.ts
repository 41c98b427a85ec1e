import { describe, expect, it } from 'vitest';
import type { LogFiles } from './files.ts';
import { MemoryFiles } from './memory-files.ts';
import { readingAhead } from './read-ahead.ts';

const PATH = '/spool/a.seg';

async function fileOf(bytes: Buffer) {
  const memory = new MemoryFiles();
  const append = await memory.create(PATH);
  await append.writev([bytes], 0);
  const reads: [position: number, length: number][] = [];
  const counted: LogFiles = {
    create: (path) => memory.create(path),
    createSynced: (path) => memory.createSynced(path),
    sync: (path) => memory.sync(path),
    syncFolder: (folder) => memory.syncFolder(folder),
    unlink: (path) => memory.unlink(path),
    list: (folder) => memory.list(folder),
    openRead: async (path) => {
      const file = await memory.openRead(path);
      return {
        size: () => file.size(),
        close: () => file.close(),
        read: (position, length) => {
          reads.push([position, length]);
          return file.read(position, length);
        },
      };
    },
  };
  return { append, reads, file: await readingAhead(counted).openRead(PATH) };
}

/** Bytes that tell where they stand. */
function pattern(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) & 0xff));
}

describe('reading ahead', () => {
  it('gives the same bytes as reading piece by piece, forwards, backwards and across the end', async () => {
    const bytes = pattern(900_000);
    const { file } = await fileOf(bytes);
    let seed = 1;
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    for (let turn = 0; turn < 500; turn++) {
      const position = next(bytes.length + 1000);
      const length = next(turn % 10 === 0 ? 600_000 : 9000);
      const got = await file.read(position, length);
      expect(got.equals(bytes.subarray(position, position + length)), `${length} bytes at ${position}`).toBe(true);
    }
  });

  it('asks the file a few times for many records one after the other', async () => {
    const { file, reads } = await fileOf(pattern(1_000_000));
    for (let at = 0; at < 1_000_000; at += 6500) {
      await file.read(at, 48);
      await file.read(at + 48, 6452);
    }
    expect(reads.length).toBeLessThan(12);
  });

  it('asks once for head and body of a record that lies alone, and little more than it', async () => {
    const { file, reads } = await fileOf(pattern(3_000_000));
    for (let at = 0; at < 3_000_000; at += 600_000) {
      await file.read(at, 48);
      await file.read(at + 48, 6452);
    }
    expect(reads).toHaveLength(5);
    expect(Math.max(...reads.map(([, length]) => length))).toBeLessThanOrEqual(16 * 1024);
  });

  it('sees what was written behind the end that it met', async () => {
    const bytes = pattern(20_000);
    const { append, file } = await fileOf(bytes.subarray(0, 10_000));
    expect(await file.read(9000, 2000)).toHaveLength(1000);
    await append.writev([bytes.subarray(10_000)], 10_000);
    expect((await file.read(9000, 2000)).equals(bytes.subarray(9000, 11_000))).toBe(true);
  });
});
