import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { gather, streamOf } from '../seal/access.ts';
import type { Store } from './store.ts';

async function* parts(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function keys(store: Store, prefix: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of store.list(prefix)) found.push(key);
  return found.toSorted();
}

/** What every store must do. `make` gives an empty one each time. */
export function storeContract(name: string, make: () => Promise<Store>): void {
  describe(`${name} as a store`, () => {
    writingContract(make);
    readingContract(make);
  });
}

function writingContract(make: () => Promise<Store>): void {
  it('gives back what was put, whole and in pieces, with size and hash', async () => {
    const store = await make();
    const written = await store.put('objects/2026/01/02/a.wav.age', parts('hello ', '', 'world'));
    expect(written).toEqual({ bytes: 11, sha256: createHash('sha256').update('hello world').digest('hex') });
    expect((await store.get('objects/2026/01/02/a.wav.age')).toString()).toBe('hello world');
    const access = await store.open('objects/2026/01/02/a.wav.age');
    expect(access.size).toBe(11);
    expect(Buffer.from(await access.read(6, 100)).toString()).toBe('world');
    expect((await access.read(11, 5)).length).toBe(0);
    expect((await gather(streamOf(access, 4), 100)).toString()).toBe('hello world');
    await access.close();
    await access.close();
  });

  it('replaces by put, and keeps the old when the new one fails', async () => {
    const store = await make();
    await store.put('a', parts('one'));
    await store.put('a', parts('two'));
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('thr');
      throw new Error('source broke');
    };
    await expect(store.put('a', failing())).rejects.toThrow('source broke');
    await expect(store.put('b', failing())).rejects.toThrow('source broke');
    expect((await store.get('a')).toString()).toBe('two');
    expect(await keys(store, '')).toEqual(['a']);
  });

  it('lets just one of many create a key', async () => {
    const store = await make();
    const won = await Promise.all(
      Array.from({ length: 20 }, (_, n) => store.createIfAbsent('manifests/x.json', Buffer.from(`maker ${n}`))),
    );
    expect(won.filter(Boolean)).toHaveLength(1);
    expect((await store.get('manifests/x.json')).toString()).toBe(`maker ${won.indexOf(true)}`);
    expect(await store.createIfAbsent('manifests/x.json', Buffer.from('late'))).toBe(false);
  });
}

function readingContract(make: () => Promise<Store>): void {
  it('deletes once, and says what is not there', async () => {
    const store = await make();
    await store.put('d/e', parts('x'));
    expect(await store.exists('d/e')).toBe(true);
    expect(await store.exists('d')).toBe(false);
    expect(await store.delete('d/e')).toBe(true);
    expect(await store.delete('d/e')).toBe(false);
    expect(await store.delete('never/was')).toBe(false);
    expect(await store.exists('d/e')).toBe(false);
    await expect(store.open('d/e')).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
    await expect(store.get('d/e')).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
    await expect(store.get('d/e/f')).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
  });

  it('lists by any prefix with size and time', async () => {
    const store = await make();
    for (const key of ['objects/1/a', 'objects/1/b', 'objects/12/a', 'manifests/1'])
      await store.put(key, parts('12345'));
    expect(await keys(store, '')).toEqual(['manifests/1', 'objects/1/a', 'objects/1/b', 'objects/12/a']);
    expect(await keys(store, 'objects/1')).toEqual(['objects/1/a', 'objects/1/b', 'objects/12/a']);
    expect(await keys(store, 'objects/1/')).toEqual(['objects/1/a', 'objects/1/b']);
    expect(await keys(store, 'none/')).toEqual([]);
    for await (const item of store.list('manifests/')) {
      expect(item).toMatchObject({ size: 5 });
      expect(Math.abs(item.modifiedAt - Date.now())).toBeLessThan(60_000);
    }
  });

  it('refuses to read more than the limit at once', async () => {
    const store = await make();
    await store.put('big', parts('123456'));
    await expect(store.get('big', 5)).rejects.toThrow(RangeError);
    expect((await store.get('big', 6)).length).toBe(6);
  });

  it.each([
    '',
    '/a',
    'a/',
    'a//b',
    '../a',
    'a/../b',
    'a/.b',
    '.incoming/x',
    'a\\b',
    'a b',
    'a\0',
    'ä',
    'x'.repeat(513),
  ])('refuses the key %j', async (key) => {
    const store = await make();
    await expect(store.put(key, parts('x'))).rejects.toThrow(RangeError);
    await expect(store.createIfAbsent(key, Buffer.of(1))).rejects.toThrow(RangeError);
    await expect(store.open(key)).rejects.toThrow(RangeError);
    await expect(store.delete(key)).rejects.toThrow(RangeError);
    await expect(store.exists(key)).rejects.toThrow(RangeError);
  });
}
