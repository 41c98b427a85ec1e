import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import type { JournalEntry } from '../../link/journal.ts';
import type { LogFiles } from '../log/files.ts';
import { failure, MemoryFiles } from '../log/memory-files.ts';
import { decodeFrames, encodeFrame } from './frame.ts';
import { readJournal } from './reader.ts';
import { retireFiles } from './retire.ts';
import { tailJournal, type JournalTail } from './tail.ts';
import { JournalWriter, type JournalWriterOptions } from './writer.ts';

const FOLDER = '/journal';

function entry(callId: string, n: number): JournalEntry {
  return { kind: 'archived', callId, n, at: 1000 + n, mono: n };
}

function opened(files: MemoryFiles, clock = new VirtualClock(), more: Partial<JournalWriterOptions> = {}) {
  return JournalWriter.open({ folder: FOLDER, files, clock, log: silentLog, ...more });
}

/** Lets everything that waits for promises only go on. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve();
}

/** Turns the clock until the promise is settled. */
async function passing<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  const state = { isDone: false };
  const done = promise.finally(() => (state.isDone = true));
  done.catch(() => undefined);
  for (let step = 0; step < 200 && !state.isDone; step++) {
    await settled();
    clock.advance(50);
  }
  return done;
}

/** Lets all files that are over go; those of these calls are kept. */
function retired(files: MemoryFiles, journal: JournalWriter, kept: readonly string[]): Promise<string[]> {
  return retireFiles({
    folder: FOLDER,
    files,
    log: silentLog,
    index: journal.index,
    present: journal.position.file,
    standing: { isKept: (callId) => kept.includes(callId), isDone: () => false },
    isDamaged: false,
  });
}

describe('journal writer', () => {
  it('brings to the disk what a killed recorder wrote and did not sync: it counts from now on', async () => {
    const files = new MemoryFiles();
    const journal = await opened(files);
    await journal.append(entry('a', 1));
    files.before = (call) => {
      if (call === 'datasync') throw failure('EIO');
    };
    void journal.append(entry('a', 2)).catch(() => undefined);
    await settled();
    const killed = files.afterKill();
    expect((await readJournal(FOLDER, killed)).entries).toHaveLength(2);
    await opened(killed);
    expect((await readJournal(FOLDER, killed.afterPowerCut())).entries).toHaveLength(2);
  });

  it('resolves an append only when a power cut would not lose it', async () => {
    const files = new MemoryFiles();
    const journal = await opened(files);
    for (let n = 1; n <= 5; n++) {
      await journal.append(entry('a', n));
      expect((await readJournal(FOLDER, files.afterPowerCut())).entries).toHaveLength(n);
    }
  });

  it('commits what comes together with one fdatasync, and what comes meanwhile with the next', async () => {
    const files = new MemoryFiles();
    const journal = await opened(files);
    let syncs = 0;
    files.before = (call) => void (syncs += call === 'datasync' ? 1 : 0);
    await Promise.all(Array.from({ length: 100 }, (_, index) => journal.append(entry(`call-${index}`, 1))));
    expect(syncs).toBe(1);
  });

  it('has the next file ready before it is needed, and takes it away when nobody needs it', async () => {
    const files = new MemoryFiles();
    const journal = await opened(files, undefined, { fileBytes: 400 });
    const calls: string[] = [];
    for (let n = 1; journal.position.offset < 200; n++) await journal.append(entry('a', n));
    await settled();
    expect(files.paths).toHaveLength(2);
    files.before = (call) => void calls.push(call);
    const { file: first } = journal.position;
    for (let n = 50; journal.position.file === first; n++) await journal.append(entry('a', n));
    expect(new Set(calls)).toEqual(new Set(['writev', 'datasync']));
    // The one that has begun is as durable as the one before it.
    const { entries } = await readJournal(FOLDER, files.afterPowerCut());
    expect(entries).toEqual((await readJournal(FOLDER, files)).entries);
    for (let n = 90; journal.position.offset < 200; n++) await journal.append(entry('a', n));
    await settled();
    expect(files.paths).toHaveLength(3);
    await journal.close();
    expect(files.paths).toHaveLength(2);
  });

  it('goes on where the next file could not be made in advance', async () => {
    const files = new MemoryFiles();
    const clock = new VirtualClock();
    const journal = await opened(files, clock, { fileBytes: 400 });
    await journal.append(entry('a', 1));
    for (const refused of ['create', 'syncFolder'] as const) {
      files.before = (call) => {
        if (call === refused) throw failure('EIO');
      };
      for (let n = 1; journal.position.offset < 400; n++) await journal.append(entry(refused, n));
      files.before = () => undefined;
      await journal.append(entry(refused, 99));
    }
    const { entries, damages } = await readJournal(FOLDER, files.afterPowerCut());
    expect(damages).toEqual([]);
    expect(entries.filter((one) => one.kind === 'archived' && one.n === 99)).toHaveLength(2);
  });

  it('brings to the disk what a killed recorder wrote last, where the next file was there already', async () => {
    const files = new MemoryFiles();
    const journal = await opened(files, undefined, { fileBytes: 400 });
    for (let n = 1; journal.position.offset < 200; n++) await journal.append(entry('a', n));
    await settled();
    files.before = (call) => {
      if (call === 'datasync') throw failure('EIO');
    };
    void journal.append(entry('b', 1)).catch(() => undefined);
    await settled();
    const killed = files.afterKill();
    await opened(killed);
    const { entries } = await readJournal(FOLDER, killed.afterPowerCut());
    expect(entries.at(-1)).toEqual(entry('b', 1));
  });

  it('never trusts a file whose fdatasync failed: what was unsynced goes to a new file', async () => {
    const files = new MemoryFiles();
    const clock = new VirtualClock();
    const alarms: boolean[] = [];
    const journal = await opened(files, clock, { onAlarm: ({ active }) => alarms.push(active) });
    await journal.append(entry('a', 1));
    let isFailing = true;
    files.before = (call) => {
      if (call === 'datasync' && isFailing) {
        isFailing = false;
        throw failure('EIO');
      }
    };
    await passing(clock, journal.append(entry('a', 2)));
    expect(files.paths).toHaveLength(2);
    expect(alarms).toEqual([true, false]);
    const second = files.afterPowerCut();
    expect(decodeFrames(second.get(files.paths[1]!)).entries).toEqual([entry('a', 2)]);
    expect((await readJournal(FOLDER, second)).entries).toEqual([entry('a', 1), entry('a', 2)]);
  });

  it('refuses an append in time while the disk is full, and writes it when there is room again', async () => {
    const files = new MemoryFiles();
    const clock = new VirtualClock();
    const journal = await opened(files, clock, { timeoutMs: 2000 });
    await journal.append(entry('a', 1));
    files.room = 10;
    await expect(passing(clock, journal.append(entry('a', 2)))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    files.room = Number.POSITIVE_INFINITY;
    await passing(clock, journal.append(entry('a', 3)));
    const { entries } = await readJournal(FOLDER, files.afterPowerCut());
    expect(entries).toEqual([1, 2, 3].map((n) => entry('a', n)));
  });

  it('goes on in the next file when one is full, and knows where each entry stands', async () => {
    const files = new MemoryFiles();
    const frame = encodeFrame(entry('a', 1)).length;
    const journal = await opened(files, new VirtualClock(), { fileBytes: 2 * frame });
    for (let n = 1; n <= 5; n++) await journal.append(entry('a', n));
    expect(journal.index.files.map(({ name, bytes }) => [name, bytes / frame])).toEqual([
      ['0000000001.jnl', 2],
      ['0000000002.jnl', 2],
      ['0000000003.jnl', 1],
    ]);
    expect(journal.bytes).toBe(5 * frame);
    const { entries, index } = await readJournal(FOLDER, files.afterPowerCut());
    expect(entries).toEqual([1, 2, 3, 4, 5].map((n) => entry('a', n)));
    expect(index.files).toEqual(journal.index.files);
  });

  it('writes lazy entries within 200 ms, or with the next append, in order', async () => {
    const files = new MemoryFiles();
    const clock = new VirtualClock();
    const journal = await opened(files, clock);
    journal.appendLazy(entry('a', 1));
    clock.advance(200);
    await settled();
    expect((await readJournal(FOLDER, files)).entries).toHaveLength(1);
    journal.appendLazy(entry('a', 2));
    await journal.append(entry('a', 3));
    expect((await readJournal(FOLDER, files)).entries).toEqual([1, 2, 3].map((n) => entry('a', n)));
  });

  it('begins behind the files of an earlier start', async () => {
    const files = new MemoryFiles();
    const first = await opened(files);
    await first.append(entry('a', 1));
    await first.close();
    const second = await opened(files);
    await second.append(entry('a', 2));
    expect(files.paths).toHaveLength(2);
    expect((await readJournal(FOLDER, files)).entries).toEqual([entry('a', 1), entry('a', 2)]);
  });
});

describe('journal reader', () => {
  it('gives every whole entry of a journal that was cut anywhere, and nothing else', () => {
    const entries = Array.from({ length: 4 }, (_, index) => entry('a', index + 1));
    const frames = entries.map(encodeFrame);
    const bytes = Buffer.concat(frames);
    for (let cut = 0; cut <= bytes.length; cut++) {
      let whole = 0;
      for (let end = 0; whole < frames.length && end + frames[whole]!.length <= cut; whole++)
        end += frames[whole]!.length;
      expect(decodeFrames(bytes.subarray(0, cut)).entries).toEqual(entries.slice(0, whole));
    }
  });

  it('finds every flipped bit, loses that entry alone and says where', () => {
    const entries = Array.from({ length: 3 }, (_, index) => entry('a', index + 1));
    const frames = entries.map(encodeFrame);
    const start = frames[0]!.length;
    for (let bit = 0; bit < frames[1]!.length * 8; bit++) {
      const bytes = Buffer.concat(frames);
      bytes[start + (bit >> 3)]! ^= 1 << (bit & 7);
      const read = decodeFrames(bytes);
      expect(read.entries).toEqual([entries[0], entries[2]]);
      expect(read.damages).toEqual([{ from: start, to: start + frames[1]!.length }]);
    }
  });

  it('reports damage with its file, and takes a missing folder as empty', async () => {
    const files = new MemoryFiles();
    const frame = encodeFrame(entry('a', 1));
    files.put(`${FOLDER}/0000000001.jnl`, Buffer.concat([frame, Buffer.from('torn')]));
    const { entries, damages } = await readJournal(FOLDER, files);
    expect(entries).toHaveLength(1);
    expect(damages).toEqual([{ file: '0000000001.jnl', from: frame.length, to: frame.length + 4 }]);
    expect(await readJournal('/nowhere/at/all')).toMatchObject({ entries: [], damages: [] });
  });
});

describe('a bad sector under the journal', () => {
  async function twoHundred(): Promise<{ files: MemoryFiles; lost: number[] }> {
    const files = new MemoryFiles();
    const journal = await opened(files);
    for (let n = 1; n <= 200; n++) await journal.append(entry('a', n));
    const frames = decodeFrames(files.get(files.paths[0]!)).places;
    const lost = frames.flatMap(({ at, length }, index) => (at < 8192 && at + length > 4096 ? [index + 1] : []));
    files.isLost = (_path, from, to) => from <= 5000 && to > 5000;
    return { files, lost };
  }

  it('costs a recorder that starts the entries that stood there, and is told of', async () => {
    const { files, lost } = await twoHundred();
    const { entries, damages } = await readJournal(FOLDER, files);
    expect(lost.length).toBeGreaterThan(30);
    const all = Array.from({ length: 200 }, (_, index) => entry('a', index + 1));
    expect(entries).toEqual(all.filter((_, index) => !lost.includes(index + 1)));
    expect(damages).toHaveLength(1);
    expect(damages[0]!.from).toBeLessThanOrEqual(4096);
    expect(damages[0]!.to).toBeGreaterThanOrEqual(8192);
  });

  it('leaves the file where it is: when it can be read again, all of it is there', async () => {
    const files = new MemoryFiles();
    const journal = await opened(files, undefined, { fileBytes: 9000 });
    for (let n = 1; journal.index.files.length < 3; n++) await journal.append(entry('a', n));
    await journal.close();
    const all = (await readJournal(FOLDER, files)).entries.length;
    const second = files.paths[1]!;
    files.isLost = (path, from, to) => path === second && from <= 5000 && to > 5000;
    const { index, entries } = await readJournal(FOLDER, files);
    expect(entries.length).toBeLessThan(all);
    files.isLost = () => false;
    await retireFiles({
      folder: FOLDER,
      files,
      log: silentLog,
      index,
      present: '0000000099.jnl',
      standing: { isKept: () => true, isDone: () => false },
      isDamaged: true,
    });
    expect(files.paths).toContain(second);
    expect((await readJournal(FOLDER, files)).entries).toHaveLength(all);
  });

  it('does not keep the service for ever from what stands behind it, but asks for it often before', async () => {
    const { files, lost } = await twoHundred();
    const clock = new VirtualClock();
    const met: JournalEntry[] = [];
    const options = { folder: FOLDER, files, clock, log: silentLog };
    const tail = tailJournal(options, (one) => void met.push(one));
    // However often it is told that the journal moved.
    for (let attempt = 0; attempt < 590; attempt++) {
      await tail.catchUp().catch(() => undefined);
      expect(met).toEqual([]);
      clock.advance(100);
    }
    clock.advance(1000);
    await tail.catchUp();
    tail.stop();
    expect(met).toHaveLength(200 - lost.length);
    expect(met.at(-1)).toEqual(entry('a', 200));
  });

  it('is not what a file is that may not be read at all', async () => {
    const { files } = await twoHundred();
    files.openRead = () => Promise.reject(failure('EACCES'));
    await expect(readJournal(FOLDER, files)).rejects.toMatchObject({ code: 'EACCES' });
  });
});

describe('journal tail', () => {
  function tailing(files: LogFiles): { tail: JournalTail; met: JournalEntry[] } {
    const met: JournalEntry[] = [];
    const options = { folder: FOLDER, files, clock: new VirtualClock(), log: silentLog };
    return { tail: tailJournal(options, (one) => void met.push(one)), met };
  }

  it('hands over each entry once, in order, while the journal grows and moves from file to file', async () => {
    const files = new MemoryFiles();
    const journal = await opened(files, new VirtualClock(), { fileBytes: 200 });
    const { tail, met } = tailing(files);
    for (let n = 1; n <= 30; n++) {
      await journal.append(entry('a', n));
      if (n % 3 === 0) await tail.catchUp();
      if (n % 10 === 0) await retired(files, journal, ['a']);
    }
    await tail.catchUp();
    tail.stop();
    expect(met).toEqual(Array.from({ length: 30 }, (_, index) => entry('a', index + 1)));
    expect(files.paths.length).toBeLessThan(10);
  });

  for (const isTold of [true, false]) {
    const how = isTold ? 'as the recorder tells' : 'also when nobody tells';
    it(`takes the rest of a file before the next one, which was there before it was needed, ${how}`, async () => {
      const files = new MemoryFiles();
      const journal = await opened(files, undefined, {
        fileBytes: 400,
        onMoved: (file, offset) => isTold && tail.moved(file, offset),
      });
      const met: JournalEntry[] = [];
      let n = 0;
      // While it is busy with the first entries the recorder fills the file, and begins the next.
      const onEntry = async (one: JournalEntry): Promise<void> => {
        met.push(one);
        while (journal.index.files.length < 2) await journal.append(entry('a', ++n));
      };
      const options = { folder: FOLDER, files, clock: new VirtualClock(), log: silentLog };
      const tail: JournalTail = tailJournal(options, onEntry);
      await tail.catchUp();
      for (let half = false; !half; half = journal.position.offset >= 200) await journal.append(entry('a', ++n));
      await settled();
      expect(files.paths).toHaveLength(2);
      await tail.catchUp();
      await tail.catchUp();
      tail.stop();
      expect(met).toEqual(Array.from({ length: n }, (_, index) => entry('a', index + 1)));
    });
  }

  it('misses nothing of a file that went between two looks, and takes what stood in it before what stands behind', async () => {
    const files = new MemoryFiles();
    const journal = await opened(files, new VirtualClock(), { fileBytes: 200 });
    for (let n = 1; n <= 30; n++) await journal.append(entry('a', n));
    let isGone = false;
    const goingFiles: LogFiles = {
      create: (path) => files.create(path),
      createSynced: (path) => files.createSynced(path),
      sync: (path) => files.sync(path),
      syncFolder: (folder) => files.syncFolder(folder),
      unlink: (path) => files.unlink(path),
      openRead: (path) => files.openRead(path),
      list: async (folder) => {
        const names = await files.list(folder);
        if (!isGone) await retired(files, journal, ['a']);
        isGone = true;
        return names;
      },
    };
    const { tail, met } = tailing(goingFiles);
    await tail.catchUp();
    tail.stop();
    expect(isGone).toBe(true);
    expect(met).toEqual(Array.from({ length: 30 }, (_, index) => entry('a', index + 1)));
  });

  it('reads no further than the recorder has synced, and everything when the recorder is away', async () => {
    const files = new MemoryFiles();
    const frame = encodeFrame(entry('a', 1));
    files.put(`${FOLDER}/0000000001.jnl`, Buffer.concat([frame, encodeFrame(entry('a', 2))]));
    const { tail, met } = tailing(files);
    tail.moved('0000000001.jnl', frame.length);
    await tail.catchUp();
    expect(met).toHaveLength(1);
    tail.recorderAway();
    await tail.catchUp();
    tail.stop();
    expect(met).toHaveLength(2);
  });

  it('waits for the rest of an entry that is half written', async () => {
    const files = new MemoryFiles();
    const frame = encodeFrame(entry('a', 1));
    files.put(`${FOLDER}/0000000001.jnl`, frame.subarray(0, 20));
    const { tail, met } = tailing(files);
    await tail.catchUp();
    expect(met).toHaveLength(0);
    files.put(`${FOLDER}/0000000001.jnl`, frame);
    await tail.catchUp();
    tail.stop();
    expect(met).toEqual([entry('a', 1)]);
  });

  it('gives an entry again whose handling failed', async () => {
    const files = new MemoryFiles();
    files.put(`${FOLDER}/0000000001.jnl`, encodeFrame(entry('a', 1)));
    let attempts = 0;
    const options = { folder: FOLDER, files, clock: new VirtualClock(), log: silentLog };
    const tail = tailJournal(options, () => {
      attempts++;
      if (attempts === 1) throw new Error('database away');
    });
    await tail.catchUp().catch(() => undefined);
    await tail.catchUp();
    await tail.catchUp();
    tail.stop();
    expect(attempts).toBe(2);
  });
});

describe('entries that stand in the wrong order', () => {
  it('are told of as damage and given in the order of their numbers', async () => {
    const c = (n: number): JournalEntry => entry('c', n);
    const holder = new MemoryFiles();
    holder.put('/order/0000000001.jnl', Buffer.concat([c(2), c(1), c(2), c(3)].map(encodeFrame)));
    const { entries, damages } = await readJournal('/order', holder);
    expect(entries).toEqual([c(1), c(2), c(3)]);
    expect(damages).toHaveLength(1);
  });
});
