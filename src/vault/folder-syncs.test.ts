import { describe, expect, it } from 'vitest';
import { FolderSyncs } from './folder-syncs.ts';

function controlled() {
  const begun: { readonly path: string; readonly end: PromiseWithResolvers<void> }[] = [];
  const syncs = new FolderSyncs((path) => {
    const end = Promise.withResolvers<void>();
    begun.push({ path, end });
    return end.promise;
  });
  return { begun, syncs };
}

const turn = async (): Promise<void> => {
  for (let n = 0; n < 10; n++) await Promise.resolve();
};

describe('syncs of folders', () => {
  it('are shared by those who waited when they began, and by nobody who came later', async () => {
    const { begun, syncs } = controlled();
    const done: string[] = [];
    const ask = (who: string): void => void syncs.sync('/a').then(() => done.push(who));
    ask('first');
    ask('second');
    ask('third');
    await turn();
    expect(begun).toHaveLength(1);
    begun[0]!.end.resolve();
    await turn();
    expect(done).toEqual(['first']);
    expect(begun).toHaveLength(2);
    ask('fourth');
    begun[1]!.end.resolve();
    await turn();
    expect(done).toEqual(['first', 'second', 'third']);
    begun[2]!.end.resolve();
    await turn();
    expect(done.at(-1)).toBe('fourth');
    expect(begun).toHaveLength(3);
  });

  it('of different folders do not wait for each other', async () => {
    const { begun, syncs } = controlled();
    void syncs.sync('/a');
    void syncs.sync('/b');
    await turn();
    expect(begun.map(({ path }) => path)).toEqual(['/a', '/b']);
  });

  it('that fail tell those who shared them, and the next is tried all the same', async () => {
    const { begun, syncs } = controlled();
    const first = syncs.sync('/a');
    const second = syncs.sync('/a');
    begun[0]!.end.reject(new Error('disk'));
    await expect(first).rejects.toThrow('disk');
    await turn();
    begun[1]!.end.resolve();
    await second;
    const third = syncs.sync('/a');
    begun[2]!.end.resolve();
    await third;
  });
});
