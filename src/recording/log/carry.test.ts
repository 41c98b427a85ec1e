import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { opaqueId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { generateSpoolKeyPair, spoolIdentity, spoolRecipient } from '../../seal/spool.ts';
import type { LogFiles } from './files.ts';
import { HEADER_BLOCK_BYTES, isCarriedName } from './format.ts';
import { SegmentFreer, type CarryLimits } from './free.ts';
import { failure, MemoryFiles } from './memory-files.ts';
import { LogReader, type LogItem } from './reader.ts';
import type { CallTrack } from './segment.ts';
import { SegmentWriter } from './writer.ts';

const FOLDER = '/audio';
const keys = generateSpoolKeyPair();
const identity = spoolIdentity(keys.privateKey);
const AT_ONCE: Partial<CarryLimits> = { minAgeMs: 0, atLeast: 1 };

let files: MemoryFiles;
let clock: VirtualClock;
let writer: SegmentWriter;

beforeEach(() => {
  files = new MemoryFiles();
  clock = new VirtualClock(Date.UTC(2026, 0, 1));
  writer = makeWriter();
});

function makeWriter(): SegmentWriter {
  return new SegmentWriter({
    folder: FOLDER,
    files,
    recipient: spoolRecipient(keys.publicKey),
    node: 'test',
    worker: 0,
    clock,
    log: silentLog,
    onAlarm: () => undefined,
  });
}

const freer = (limits: Partial<CarryLimits> = AT_ONCE) =>
  new SegmentFreer({ folder: FOLDER, files, log: silentLog, clock, node: 'test', limits });
const openNames = async () => new Set(writer.figures.open.map(({ name }) => name));
const names = () => files.paths.map((path) => path.slice(FOLDER.length + 1));
const bytesHeld = () => files.paths.reduce((sum, path) => sum + files.get(path).length, 0);

function bodyOf({ callId }: CallTrack, sequence: number): Buffer {
  return Buffer.from(`${callId} ${sequence} `.repeat(20));
}

function append(track: CallTrack): void {
  writer.append(track, 'packets', clock.mono() * 1000, clock.mono(), bodyOf(track, track.sequence + 1));
}

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  for (let round = 0; round < 3; round++) {
    writer.tick();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}

function read(callId: string, segments: readonly string[] = [], from = files): Promise<LogItem[]> {
  return Array.fromAsync(new LogReader({ folder: FOLDER, identity, files: from }).readCall({ callId, segments }));
}

function expectWhole(items: readonly LogItem[], track: CallTrack): void {
  expect(items.map((item) => (item.kind === 'gap' ? 'gap' : item.sequence))).toEqual(
    Array.from({ length: track.sequence }, (_, index) => index + 1),
  );
  for (const item of items) if (item.kind !== 'gap') expect(item.body).toEqual(bodyOf(track, item.sequence));
}

/** One long call and nine others in a closed segment; only the long one is still needed. */
async function mixedSegment(long = writer.track(opaqueId(), 0)): Promise<CallTrack> {
  const others = Array.from({ length: 9 }, () => writer.track(opaqueId(), 0));
  for (let round = 0; round < 10; round++) {
    for (const track of [long, ...others]) append(track);
    await pass(400);
  }
  await writer.close();
  writer = makeWriter();
  return long;
}

describe('a long call among many short ones', () => {
  it('holds about its own bytes for two hours, and is read back whole', async () => {
    const tidy = freer({ bytes: 200_000 });
    const long = writer.track(opaqueId(), 0);
    const done = new Set<string>();
    const isDone = (callId: string) => done.has(callId);
    let short: CallTrack[] = [];
    let most = 0;
    let looks = 0;
    for (let second = 0; second < 7200; second += 2) {
      if (second % 60 === 0) {
        for (const { callId } of short) done.add(callId);
        short = Array.from({ length: 20 }, () => writer.track(opaqueId(), 0));
      }
      for (const track of [long, ...short]) append(track);
      await pass(2000);
      if (second % 20 !== 0) continue;
      await tidy.free(isDone, openNames);
      if ((await tidy.carry(isDone, openNames)).length > 0) looks++;
      // Beside its own bytes there are at most those of the last minutes.
      const own = long.sequence * (bodyOf(long, 1).length + 250);
      most = Math.max(most, bytesHeld() - own);
    }
    expect(looks).toBeGreaterThan(10);
    const written = writer.figures.bytesWritten;
    expect(most).toBeLessThan(written / 10);
    await pass(1000);
    expectWhole(await read(long.callId), long);
    // By name as well: of the segments that the call was written to, hardly any is left.
    expect([...long.segments].filter((name) => names().includes(name)).length).toBeLessThan(10);
    expectWhole(await read(long.callId, [...long.segments]), long);
    await writer.close();
    await tidy.free(
      () => true,
      async () => new Set(),
    );
    expect(names()).toEqual([]);
  }, 60_000);
});

describe('carrying records forward', () => {
  it('goes on from one carried segment to the next', async () => {
    const first = await mixedSegment();
    const second = await mixedSegment();
    const needed = new Set([first.callId, second.callId]);
    const tidy = freer({ ...AT_ONCE, atLeast: 2 });
    expect(await tidy.carry((callId) => !needed.has(callId), openNames)).toHaveLength(2);
    expect(names().filter(isCarriedName)).toHaveLength(1);
    needed.delete(first.callId);
    expect(await freer().carry((callId) => !needed.has(callId), openNames)).toHaveLength(1);
    expect(names()).toHaveLength(1);
    expectWhole(await read(second.callId), second);
    expect(await read(first.callId)).toEqual([]);
  });

  it('however often it does so while a long call is read, the reader misses nothing', async () => {
    const long = writer.track(opaqueId(), 0);
    for (let segment = 0; segment < 20; segment++) await mixedSegment(long);
    const items: LogItem[] = [];
    const left = names().sort();
    for await (const item of new LogReader({ folder: FOLDER, identity, files }).readCall({ callId: long.callId })) {
      items.push(item);
      // The next one that the reader comes to is gone by then.
      if (items.length % 10 !== 0) continue;
      const next = left[items.length / 10];
      const others = new Set(names().filter((name) => name !== next));
      await freer().carry(
        (callId) => callId !== long.callId,
        () => Promise.resolve(others),
      );
    }
    expect(names().filter(isCarriedName)).toHaveLength(19);
    expectWhole(items, long);
  });

  it('is noticed also by a reader who has just listed the folder, and looks for a segment that went long ago', async () => {
    const long = writer.track(opaqueId(), 0);
    // More than a reader holds open.
    for (let segment = 0; segment < 12; segment++) await mixedSegment(long);
    const wanted = names().sort();
    const isDone = (callId: string) => callId !== long.callId;
    const only = (name: string) => () => Promise.resolve(new Set(names().filter((other) => other !== name)));
    await freer().carry(isDone, only(wanted[0]!));
    let lists = 0;
    const list = async (folder: string): Promise<string[]> => {
      const listed = await files.list(folder);
      lists += 1;
      if (lists === 2) await freer().carry(isDone, only(wanted[1]!));
      return listed;
    };
    const slow: LogFiles = {
      list,
      create: (path) => files.create(path),
      createSynced: (path) => files.createSynced(path),
      openRead: (path) => files.openRead(path),
      sync: (path) => files.sync(path),
      syncFolder: (path) => files.syncFolder(path),
      unlink: (path) => files.unlink(path),
    };
    const reader = new LogReader({ folder: FOLDER, identity, files: slow });
    expectWhole(await Array.fromAsync(reader.readCall({ callId: long.callId, segments: wanted })), long);
  });

  it('removes nothing before the copy is on the disk: a power cut at any moment costs no record', async () => {
    const long = await mixedSegment();
    const cuts: MemoryFiles[] = [];
    files.before = () => void cuts.push(files.afterPowerCut());
    expect(await freer().carry((callId) => callId !== long.callId, openNames)).toHaveLength(1);
    cuts.push(files.afterPowerCut());
    expect(cuts.length).toBeGreaterThan(4);
    for (const cut of cuts) expectWhole(await read(long.callId, [], cut), long);
  });

  it('leaves everything as it is when the disk is full, and no half of a file', async () => {
    const long = await mixedSegment();
    const before = names();
    files.room = HEADER_BLOCK_BYTES + 100;
    const tidy = freer();
    expect(await tidy.carry((callId) => callId !== long.callId, openNames)).toEqual([]);
    expect(names()).toEqual(before);
    files.room = Number.POSITIVE_INFINITY;
    files.before = (call) => {
      if (call === 'datasync') throw failure('EIO');
    };
    clock.advance(61_000);
    expect(await tidy.carry((callId) => callId !== long.callId, openNames)).toEqual([]);
    expect(names()).toEqual(before);
    expectWhole(await read(long.callId), long);
  });

  it('does not touch a segment that is damaged: who knows what the damage is of', async () => {
    const long = await mixedSegment();
    const path = files.paths[0]!;
    const bytes = files.get(path);
    // In the header of a record of the long call.
    bytes[HEADER_BLOCK_BYTES + 20]! ^= 1;
    files.put(path, bytes);
    expect(await freer().carry((callId) => callId !== long.callId, openNames)).toEqual([]);
    expect(names()).toHaveLength(1);
  });

  it('leaves a segment that is mostly needed alone', async () => {
    await mixedSegment();
    expect(await freer().carry(() => false, openNames)).toEqual([]);
  });

  it('is not seen by who reads the call meanwhile', async () => {
    const long = writer.track(opaqueId(), 0);
    // More segments than a reading keeps open.
    for (let segment = 0; segment < 12; segment++) await mixedSegment(long);
    const needed = (callId: string) => callId === long.callId;
    for (const segments of [[], [...long.segments]]) {
      const reading = new LogReader({ folder: FOLDER, identity, files }).readCall({ callId: long.callId, segments });
      const items: LogItem[] = [];
      for await (const item of reading) {
        items.push(item);
        if (items.length === 3) await freer().carry((callId) => !needed(callId), openNames);
      }
      expectWhole(items, long);
    }
    expect(names().filter(isCarriedName)).toHaveLength(1);
  });

  it('of every flipped bit makes a gap at most, never another record', async () => {
    const long = await mixedSegment();
    await freer().carry((callId) => callId !== long.callId, openNames);
    const path = files.paths[0]!;
    const intact = files.get(path);
    for (let at = HEADER_BLOCK_BYTES; at < intact.length; at += 97) {
      const bytes = Buffer.from(intact);
      bytes[at]! ^= 1 << (at % 8);
      files.put(path, bytes);
      const items = await read(long.callId);
      let covered = 0;
      for (const item of items) {
        if (item.kind === 'gap') covered += item.to - item.from + 1;
        else {
          expect(item.body).toEqual(bodyOf(long, item.sequence));
          covered++;
        }
      }
      // A last record whose header went is told of by the journal alone.
      expect(covered).toBeGreaterThanOrEqual(long.sequence - 1);
    }
  });
});

describe('what the log tells of a call by itself', () => {
  it('gives its opening to a second, its end and whether there is audio', async () => {
    const openedAt = clock.now();
    const openedMono = clock.mono();
    const call = writer.track(opaqueId(), 0);
    const signalled = writer.track(opaqueId(), 0);
    for (let round = 0; round < 400; round++) {
      writer.append(call, 'packets', (clock.mono() - openedMono) * 1000, clock.mono(), bodyOf(call, 1));
      await pass(400);
    }
    writer.append(signalled, 'trace', 0, clock.mono(), Buffer.from('CANCEL'));
    await pass(1000);
    const known = await freer().describe(() => true);
    const [found] = known.filter(({ callId }) => callId === call.callId);
    expect(found).toMatchObject({ hasPackets: true, epoch: 0, lastSequence: 400, lastMs: 399 * 400 });
    expect(found!.openedAt).toBeLessThanOrEqual(openedAt);
    expect(found!.openedAt).toBeGreaterThan(openedAt - 1000);
    expect(known.find(({ callId }) => callId === signalled.callId)).toMatchObject({ hasPackets: false });
  });
});
