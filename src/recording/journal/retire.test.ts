import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { type Log, silentLog } from '../../base/log.ts';
import type { JournalEntry } from '../../link/journal.ts';
import type { LogFiles } from '../log/files.ts';
import { failure, MemoryFiles } from '../log/memory-files.ts';
import type { JournalIndex } from './file-index.ts';
import { encodeFrame } from './frame.ts';
import { readJournal } from './reader.ts';
import { retireFiles, retireJournal } from './retire.ts';
import { tailJournal } from './tail.ts';
import { JournalWriter } from './writer.ts';

const FOLDER = '/journal';

const dialog = (callId: string, n: number, sessionId = 's'): JournalEntry => {
  return { kind: 'dialog', callId, n, at: 0, mono: 0, sessionId, state: n };
};
const archived = (callId: string, n: number): JournalEntry => ({ kind: 'archived', callId, n, at: 0, mono: 0 });
/** So large that a file of it is worth a look. */
const large = (callId: string, n: number): JournalEntry => {
  return { kind: 'dialog', callId, n, at: 0, mono: 0, sessionId: `${n}`, state: 'x'.repeat(700_000) };
};
const shown = (entries: readonly JournalEntry[]): string[] =>
  entries.map((entry) => (entry.kind === 'node' ? 'node' : `${entry.callId}${entry.n}`));

interface Wish {
  readonly kept?: string;
  readonly done?: string;
  readonly isDamaged?: boolean;
  readonly log?: Log;
}

/** A journal of these files, and an empty one that is being written. */
async function journalOf(...contents: (readonly JournalEntry[])[]) {
  const files = new MemoryFiles();
  for (const entries of contents) {
    const writer = await JournalWriter.open({ folder: FOLDER, files, clock: new VirtualClock(), log: silentLog });
    for (const one of entries) await writer.append(one);
    await writer.close();
  }
  return { files, index: (await readJournal(FOLDER, files)).index };
}

/** Each letter is a call. */
function retire(files: LogFiles, index: JournalIndex, { kept = '', done = '', isDamaged = false, log }: Wish) {
  return retireFiles({
    folder: FOLDER,
    files,
    log: log ?? silentLog,
    index,
    present: '0000000099.jnl',
    standing: { isKept: (callId) => kept.includes(callId), isDone: (callId) => done.includes(callId) },
    isDamaged,
  });
}

const read = async (files: MemoryFiles): Promise<string[]> => shown((await readJournal(FOLDER, files)).entries);
const names = (files: MemoryFiles): string[] => files.paths.map((path) => path.slice(FOLDER.length + 1));

describe('a file of the journal', () => {
  it('goes when none of its calls is left', async () => {
    const { files, index } = await journalOf([dialog('a', 1), archived('a', 2)], [dialog('b', 1)]);
    expect(await retire(files, index, { kept: 'b' })).toEqual(['0000000001.jnl']);
    expect(await read(files)).toEqual(['b1']);
  });

  it('leaves what is still needed to another in its place, once that is on the disk', async () => {
    const { files, index } = await journalOf(
      [large('a', 1), large('a', 2), large('a', 3), dialog('b', 1)],
      [dialog('b', 2)],
    );
    const left: string[][] = [];
    files.before = async (call) => {
      if (call === 'unlink') left.push(await read(files.afterPowerCut()));
    };
    expect(await retire(files, index, { kept: 'b' })).toEqual(['0000000001.jnl', '0000000002.jnl']);
    expect(names(files)).toEqual(['0000000002-0000000001.jnl']);
    // Of the dialog only the last state: it stands in the second file.
    expect(await read(files)).toEqual(['b2']);
    for (const entries of left) expect(entries).toEqual(expect.arrayContaining(['b2']));
    expect(left).toHaveLength(2);
  });

  it('keeps what tells that a call is done while the audio log may hold records of it, or older entries of it are left', async () => {
    const contents = [
      [large('k', 1), large('k', 2), dialog('a', 1)],
      [archived('a', 2), archived('b', 1), large('c', 1), large('c', 2)],
    ];
    const { files, index } = await journalOf(...contents);
    await retire(files, index, { kept: 'k', done: 'b' });
    expect(await read(files)).toEqual(['k1', 'k2', 'a1', 'a2', 'b1']);
    // Both go, one after the other: what says that the call is done outlives what it is said of.
    await retire(files, index, {});
    expect(await read(files)).toEqual(['a2']);
    await retire(files, index, {});
    expect(await read(files)).toEqual([]);
  });

  it('stays while most of it is needed', async () => {
    const { files, index } = await journalOf([large('a', 1), large('a', 2), dialog('b', 1)]);
    expect(await retire(files, index, { kept: 'a' })).toEqual([]);
    expect(await read(files)).toEqual(['a1', 'a2', 'b1']);
  });

  it('becomes one with many other small ones', async () => {
    const { files, index } = await journalOf(...Array.from({ length: 8 }, (_, file) => [archived('a', file + 1)]));
    expect(await retire(files, index, { kept: 'a' })).toHaveLength(8);
    expect(names(files)).toHaveLength(1);
    expect(await read(files)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `a${n}`));
  });

  it('and what took the place of others go again, and the order stays', async () => {
    const { files, index } = await journalOf(
      [large('x', 1), large('x', 2), archived('a', 1)],
      [archived('a', 2), large('y', 1), large('y', 2)],
    );
    await retire(files, index, { kept: 'ay' });
    expect(await read(files)).toEqual(['a1', 'a2', 'y1', 'y2']);
    await retire(files, index, { kept: 'a' });
    expect(await read(files)).toEqual(['a1', 'a2']);
    const again = await readJournal(FOLDER, files);
    expect(again.damages).toEqual([]);
    expect(index.files).toEqual(again.index.files);
  });
});

describe('a disk that fails while files are let go', () => {
  it.each(['create', 'writev', 'datasync', 'syncFolder'] as const)(
    'costs no entry when %s fails, and the next attempt succeeds',
    async (failing) => {
      const { files, index } = await journalOf([large('a', 1), large('a', 2), archived('b', 1)], [archived('b', 2)]);
      files.before = (call) => {
        if (call === failing || call === 'unlink') throw failure('EIO');
      };
      await expect(retire(files, index, { kept: 'b' })).rejects.toThrow('EIO');
      expect(await read(files.afterPowerCut())).toEqual(['a1', 'a2', 'b1', 'b2']);
      files.before = () => undefined;
      await retire(files, index, { kept: 'b' });
      expect((await read(files)).slice(-2)).toEqual(['b1', 'b2']);
    },
  );

  it('may die between any two steps: every entry that is needed is read, in order', async () => {
    const { files, index } = await journalOf([large('a', 1), large('a', 2), archived('b', 1)], [archived('b', 2)]);
    const states: MemoryFiles[] = [];
    files.before = () => void states.push(files.afterPowerCut(), files.afterKill());
    await retire(files, index, { kept: 'b' });
    states.push(files.afterPowerCut(), files.afterKill());
    expect(states.length).toBeGreaterThan(10);
    for (const state of states) expect((await read(state)).filter((one) => one.startsWith('b'))).toEqual(['b1', 'b2']);
  });

  it('leaves a file alone of which a needed part is not as it was written, and says so once', async () => {
    const { files, index } = await journalOf([large('a', 1), large('a', 2), archived('b', 1), archived('b', 2)]);
    const bytes = files.get(`${FOLDER}/0000000001.jnl`);
    bytes[bytes.length - 5]! ^= 1;
    files.put(`${FOLDER}/0000000001.jnl`, bytes);
    const said: string[] = [];
    const log: Log = { ...silentLog, error: (_: unknown, text: string) => void said.push(text) };
    expect(await retire(files, index, { kept: 'b', log })).toEqual([]);
    expect(await retire(files, index, { kept: 'b', log })).toEqual([]);
    expect(said).toHaveLength(1);
    expect(names(files)).toEqual(['0000000001.jnl']);
  });
});

describe('what a recorder left that ended while files went', () => {
  const contents = [
    [large('x', 1), large('x', 2), dialog('a', 1), archived('c', 1)],
    [dialog('a', 2), archived('c', 2), archived('d', 1)],
    [archived('d', 2), dialog('a', 3), dialog('a', 4), archived('c', 3), large('y', 1)],
  ];

  /** The files as they were before each trip to the disk, as a kill leaves them. */
  async function statesOf(): Promise<MemoryFiles[]> {
    const { files, index } = await journalOf(...contents);
    const states: MemoryFiles[] = [];
    files.before = () => void states.push(files.afterKill());
    await retire(files, index, { kept: 'ac', done: 'd' });
    return [...states, files.afterKill()];
  }

  it('is no damage, and who follows the journal from its beginning is told all of it in order', async () => {
    for (const files of await statesOf()) {
      expect((await readJournal(FOLDER, files)).damages).toEqual([]);
      const told: JournalEntry[] = [];
      const tail = tailJournal({ folder: FOLDER, clock: new VirtualClock(), log: silentLog, files }, (entry) => {
        told.push(entry);
      });
      await tail.catchUp();
      tail.stop();
      expect(shown(told).filter((one) => one.startsWith('c'))).toEqual(['c1', 'c2', 'c3']);
      expect(
        shown(told)
          .filter((one) => one.startsWith('a'))
          .at(-1),
      ).toBe('a4');
    }
  });

  it('may be copied again: nothing is trusted because it stands in a copy that was begun, and the latest dialog stays', async () => {
    for (const files of await statesOf()) {
      const { index } = await readJournal(FOLDER, files);
      await retire(files, index, { kept: 'ac', done: 'd' });
      const left = await read(files.afterPowerCut());
      expect(left.filter((one) => one.startsWith('c'))).toEqual(['c1', 'c2', 'c3']);
      expect(left.filter((one) => one.startsWith('a')).at(-1)).toBe('a4');
      expect(left).toContain('d2');
    }
  });

  it('is no reason to let a file go whose entries stand only in a copy besides that never came to the disk', async () => {
    const { files, index } = await journalOf([large('x', 1), large('x', 2), dialog('c', 1)], [archived('c', 2)]);
    const states: MemoryFiles[] = [];
    files.before = (call) => void (call === 'datasync' && states.push(files.afterKill()));
    await retire(files, index, { kept: 'c' });
    const killed = states[0]!;
    const found = await readJournal(FOLDER, killed);
    expect(await retire(killed, found.index, { kept: 'cx' })).toEqual([]);
    expect(await read(killed.afterPowerCut())).toContain('c2');
  });

  it('and where a file cannot be removed those before it stay with it', async () => {
    const { files, index } = await journalOf(...contents);
    files.before = (call, path) => {
      if (call === 'unlink' && path.endsWith('0000000002.jnl')) throw failure('EIO');
    };
    expect(await retire(files, index, { kept: 'ac', done: 'd' })).toEqual(['0000000003.jnl']);
    files.before = () => undefined;
    expect(await retire(files, index, { kept: 'ac', done: 'd' })).toHaveLength(3);
    expect((await read(files)).toSorted()).toEqual(['a4', 'c1', 'c2', 'c3', 'd1', 'd2']);
  });
});

describe('a call that is done before the journal says so', () => {
  it('stays until that is on the disk', async () => {
    const files = new MemoryFiles();
    const clock = new VirtualClock();
    const journal = await JournalWriter.open({ folder: FOLDER, files, clock, log: silentLog, fileBytes: 1 });
    for (const entry of [dialog('a', 1), dialog('b', 1)]) await journal.append(entry);
    const left: MemoryFiles[] = [];
    files.before = (call) => void (call === 'unlink' && left.push(files.afterPowerCut()));
    journal.appendLazy(archived('a', 2));
    const parts = { folder: FOLDER, files, log: silentLog, journal, isDamaged: false };
    const standing = { unarchived: () => new Set('b'), isUnarchived: (id: string) => id === 'b', isDone: () => true };
    expect(await retireJournal({ ...parts, ...standing })).toEqual(['0000000001.jnl']);
    expect(await read(left[0]!)).toContain('a2');
  });

  it('and one that is archived meanwhile stays whole until the next time', async () => {
    const files = new MemoryFiles();
    const clock = new VirtualClock();
    const journal = await JournalWriter.open({ folder: FOLDER, files, clock, log: silentLog, fileBytes: 1 });
    for (const entry of [dialog('a', 1), dialog('b', 1)]) await journal.append(entry);
    const unarchived = new Set('ab');
    const parts = { folder: FOLDER, files, log: silentLog, journal, isDamaged: false, isDone: () => false };
    const isUnarchived = (callId: string): boolean => unarchived.has(callId);
    const retired = retireJournal({ ...parts, unarchived: () => new Set(unarchived), isUnarchived });
    unarchived.delete('a');
    journal.appendLazy(archived('a', 2));
    expect(await retired).toEqual([]);
  });
});

describe('a file that cannot be read', () => {
  it('stays, and does not keep the others from going', async () => {
    const { files, index } = await journalOf([dialog('a', 1), dialog('b', 1)], [dialog('c', 1), large('c', 2)], []);
    for (let more = 0; more < 7; more++) index.addFile(`000000001${more}.jnl`, 10);
    for (let more = 0; more < 7; more++) files.put(`${FOLDER}/000000001${more}.jnl`, Buffer.alloc(10));
    const broken: LogFiles = {
      create: (path) => files.create(path),
      createSynced: (path) => files.createSynced(path),
      openRead: (path) => (path.endsWith('01.jnl') ? Promise.reject(failure('EIO')) : files.openRead(path)),
      sync: (path) => files.sync(path),
      syncFolder: (folder) => files.syncFolder(folder),
      unlink: (path) => files.unlink(path),
      list: (folder) => files.list(folder),
    };
    await retire(broken, index, { kept: 'a' });
    expect(names(files)).toContain('0000000001.jnl');
    await retire(broken, index, { kept: 'a' });
    expect(names(files)).toEqual(['0000000001.jnl']);
  });
});

describe('a damaged journal', () => {
  it('is written anew without the damage, in the order of the numbers', async () => {
    const files = new MemoryFiles();
    const frames = [archived('a', 2), archived('a', 1), archived('b', 1)].map(encodeFrame);
    files.put(`${FOLDER}/0000000001.jnl`, Buffer.concat([frames[0]!, Buffer.from('rubbish'), frames[1]!, frames[2]!]));
    const found = await readJournal(FOLDER, files);
    expect(found.damages).not.toEqual([]);
    await retire(files, found.index, { kept: 'ab', isDamaged: true });
    const after = await readJournal(FOLDER, files);
    expect(after.damages).toEqual([]);
    expect(shown(after.entries)).toEqual(['a1', 'b1', 'a2']);
  });
});
