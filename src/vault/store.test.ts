import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { FileStore } from './file-store.ts';
import { MemoryStore } from './memory-store.ts';
import { storeContract } from './store-contract.ts';

const folders: string[] = [];
async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'store-test-'));
  folders.push(path);
  return path;
}
afterAll(async () => {
  for (const path of folders) await rm(path, { recursive: true });
});

storeContract('MemoryStore', async () => new MemoryStore());
storeContract('FileStore', async () => FileStore.open(join(await folder(), 'vault')));

describe('FileStore', () => {
  it('lets nobody else read and leaves nothing half-written', async () => {
    const root = await folder();
    const store = await FileStore.open(root);
    await store.createIfAbsent('m/x', Buffer.from('1'));
    await store.createIfAbsent('m/x', Buffer.from('2'));
    expect((await stat(join(root, 'm/x'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, 'm'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(root, '.incoming'))).toEqual([]);
  });

  it('sweeps what a crash left, but not what is being written', async () => {
    const root = await folder();
    const store = await FileStore.open(root);
    await writeFile(join(root, '.incoming/old'), 'x');
    await utimes(join(root, '.incoming/old'), 1, 1);
    await writeFile(join(root, '.incoming/young'), 'x');
    expect(await store.sweepIncoming(Date.now() - 3_600_000)).toBe(1);
    expect(await readdir(join(root, '.incoming'))).toEqual(['young']);
  });
});
