import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { opaqueId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { generateSpoolKeyPair, spoolIdentity, spoolRecipient } from '../../seal/spool.ts';
import { decodeRecordHeader, HEADER_BLOCK_BYTES, HEADER_COPY_AT, recordBytes } from './format.ts';
import { SegmentFreer } from './free.ts';
import { failure, MemoryFiles, type FileCall } from './memory-files.ts';
import { LogReader, type LogItem, type LogRecord, type ReadCallOptions } from './reader.ts';
import type { CallTrack } from './segment.ts';
import { SegmentWriter, type LogAlarm, type LogLimits } from './writer.ts';

const FOLDER = '/audio';
const keys = generateSpoolKeyPair();
const identity = spoolIdentity(keys.privateKey);

let files: MemoryFiles;
let clock: VirtualClock;
let alarms: LogAlarm[];

beforeEach(() => {
  files = new MemoryFiles();
  clock = new VirtualClock();
  alarms = [];
});

function writing(limits: Partial<LogLimits> = {}, worker = 0): SegmentWriter {
  return new SegmentWriter({
    folder: FOLDER,
    files,
    recipient: spoolRecipient(keys.publicKey),
    node: 'test',
    worker,
    clock,
    log: silentLog,
    onAlarm: (alarm) => alarms.push(alarm),
    limits,
  });
}

/** Each record's body tells its call and sequence number, so that a wrong one is noticed. */
function bodyOf(callId: string, epoch: number, sequence: number): Buffer {
  return Buffer.from(`${callId} ${epoch} ${sequence} `.repeat(20));
}

function append(writer: SegmentWriter, track: CallTrack, count = 1): void {
  for (let index = 0; index < count; index++) {
    const body = bodyOf(track.callId, track.epoch, track.sequence + 1);
    writer.append(track, 'packets', track.sequence * 20_000, clock.mono(), body);
  }
}

/** Lets promises go on, and the clock and the writer tick. */
async function pass(writer: SegmentWriter, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    clock.advance(50);
    writer.tick();
    for (let turn = 0; turn < 60; turn++) await Promise.resolve();
  }
}

async function read(options: ReadCallOptions, from: MemoryFiles = files): Promise<LogItem[]> {
  return Array.fromAsync(new LogReader({ folder: FOLDER, identity, files: from }).readCall(options));
}

function records(items: readonly LogItem[]): LogRecord[] {
  return items.filter((item) => item.kind !== 'gap');
}

function sequences(items: readonly LogItem[]): number[] {
  return records(items).map(({ sequence }) => sequence);
}

/** Every record that came is exactly what was written, and what did not come is declared. */
function expectTrueOrDeclared(items: readonly LogItem[], callId: string, last: number): void {
  const covered = new Set<number>();
  for (const item of items) {
    if (item.kind === 'gap') for (let missing = item.from; missing <= item.to; missing++) covered.add(missing);
    else {
      expect(item.body.equals(bodyOf(callId, item.epoch, item.sequence))).toBe(true);
      expect(covered.has(item.sequence)).toBe(false);
      covered.add(item.sequence);
    }
  }
  expect(covered.size).toBe(last);
}

const counting = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('audio log', () => {
  it('gives back the records of each call, across segments and epochs, in order and without a gap', async () => {
    const writer = writing({ segmentBytes: HEADER_BLOCK_BYTES + 10_000 });
    const tracks = [writer.track(opaqueId(), 0), writer.track(opaqueId(), 0)];
    for (let round = 0; round < 40; round++) {
      for (const track of tracks) append(writer, track);
      await pass(writer, 50);
    }
    const later = writer.track(tracks[0]!.callId, 1);
    append(writer, later, 3);
    await pass(writer, 500);
    await writer.close();

    expect(files.paths.length).toBeGreaterThan(3);
    for (const { callId } of tracks) {
      const items = await read({ callId });
      expect(items.some(({ kind }) => kind === 'gap')).toBe(false);
      for (const item of records(items)) expect(item.body).toEqual(bodyOf(callId, item.epoch, item.sequence));
    }
    const order = records(await read({ callId: tracks[0]!.callId })).map(({ epoch, sequence }) => [epoch, sequence]);
    expect(order).toEqual([...counting(40).map((n) => [0, n]), ...counting(3).map((n) => [1, n])]);
  });

  it('reads the segments that a call names and no others', async () => {
    const writer = writing({ segmentMs: 100 });
    const [one, other] = [writer.track(opaqueId(), 0), writer.track(opaqueId(), 0)];
    append(writer, one, 3);
    await pass(writer, 1000);
    append(writer, other, 3);
    await pass(writer, 1000);
    expect(one.segments.size).toBe(1);
    expect(one.segments).not.toEqual(other.segments);
    expect(sequences(await read({ callId: one.callId, segments: [...one.segments] }))).toEqual([1, 2, 3]);
    expect(await read({ callId: one.callId, segments: [...other.segments] })).toEqual([]);
  });

  it('says that a call is synced only when a power cut would not lose it', async () => {
    const writer = writing();
    const track = writer.track(opaqueId(), 0);
    for (let round = 1; round <= 5; round++) {
      append(writer, track, 4);
      const synced = writer.synced(track);
      const passing = pass(writer, 1000);
      await synced;
      await passing;
      expect(sequences(await read({ callId: track.callId }, files.afterPowerCut()))).toEqual(counting(round * 4));
    }
  });

  it('loses no more than the records of the last 400 ms in a power cut, at any moment', async () => {
    const writer = writing();
    const track = writer.track(opaqueId(), 0);
    const appendedAt: number[] = [];
    for (let step = 0; step < 60; step++) {
      append(writer, track);
      appendedAt.push(clock.mono());
      await pass(writer, 50);
      const left = sequences(await read({ callId: track.callId }, files.afterPowerCut()));
      expect(left).toEqual(counting(left.length));
      const lost = appendedAt[left.length];
      expect(lost === undefined ? 0 : clock.mono() - lost).toBeLessThanOrEqual(400);
    }
  });

  it('leaves to a killed process everything but the last tick', async () => {
    const writer = writing();
    const track = writer.track(opaqueId(), 0);
    append(writer, track, 10);
    await pass(writer, 50);
    append(writer, track);
    expect(sequences(await read({ callId: track.callId }, files.afterKill()))).toEqual(counting(10));
  });

  it('declares what is missing at the end when the journal knows the last record', async () => {
    const writer = writing();
    const track = writer.track(opaqueId(), 2);
    append(writer, track, 3);
    await pass(writer, 500);
    const { callId } = track;
    const items = await read({ callId, last: { epoch: 2, sequence: 5 } });
    expect(items.at(-1)).toMatchObject({ kind: 'gap', epoch: 2, from: 4, to: 5, beforeUs: null });
    expect(await read({ callId: opaqueId(), last: { epoch: 0, sequence: 2 } })).toMatchObject([{ from: 1, to: 2 }]);
  });
});

describe('audio log on a failing disk', () => {
  const calls: FileCall[] = ['create', 'writev', 'datasync', 'syncFolder'];

  for (const call of calls) {
    for (const code of ['EIO', 'ENOSPC']) {
      it(`writes everything again elsewhere after ${code} from ${call}, and trusts the failed file no more`, async () => {
        const writer = writing({ segmentMs: 300 });
        const track = writer.track(opaqueId(), 0);
        append(writer, track, 5);
        await pass(writer, 200);
        const failedOn = new Set<string>();
        let left = 2;
        files.before = (made, path) => {
          if (failedOn.has(path) && made !== 'unlink' && made !== 'syncFolder')
            throw new Error('asked a failed file again');
          if (made !== call || left === 0) return;
          left--;
          failedOn.add(path);
          throw failure(code);
        };
        for (let round = 0; round < 20; round++) {
          append(writer, track);
          await pass(writer, 100);
        }
        await pass(writer, 3000);
        expect(left).toBe(0);
        await writer.synced(track);
        expect(alarms.map(({ code: alarm, active }) => [alarm, active])).toContainEqual(['log-write', true]);
        expect(alarms.at(-1)).toMatchObject({ active: false });
        const items = await read({ callId: track.callId }, files.afterPowerCut());
        expect(sequences(items)).toEqual(counting(25));
        expectTrueOrDeclared(items, track.callId, 25);
      });
    }
  }

  it('takes a short write for a full disk', async () => {
    const writer = writing();
    const track = writer.track(opaqueId(), 0);
    append(writer, track, 5);
    files.room = HEADER_BLOCK_BYTES + 100;
    await pass(writer, 100);
    files.room = Number.POSITIVE_INFINITY;
    await pass(writer, 2000);
    expect(writer.figures).toMatchObject({ failures: 1, unsyncedMs: 0, unsyncedBytes: 0 });
    expect(files.paths).toHaveLength(1);
    expect(sequences(await read({ callId: track.callId }))).toEqual(counting(5));
  });

  it('carries a stall of five seconds in memory, with an alarm after one', async () => {
    const writer = writing();
    const track = writer.track(opaqueId(), 0);
    append(writer, track, 1);
    await pass(writer, 500);
    const stalled = Promise.withResolvers<void>();
    files.before = () => stalled.promise;
    for (let round = 0; round < 50; round++) {
      append(writer, track);
      await pass(writer, 100);
      if (round < 8) expect(alarms).toEqual([]);
    }
    expect(alarms).toMatchObject([{ code: 'log-late', active: true }]);
    stalled.resolve();
    files.before = () => undefined;
    await pass(writer, 1000);
    expect(alarms.at(-1)).toMatchObject({ code: 'log-late', active: false });
    expect(sequences(await read({ callId: track.callId }, files.afterPowerCut()))).toEqual(counting(51));
  });

  it('loses audio only when the buffer is full, says so, and declares exactly that gap', async () => {
    const writer = writing({ bufferMs: 2000 });
    const track = writer.track(opaqueId(), 0);
    let isFull = true;
    files.before = (call) => {
      if (isFull && call === 'create') throw failure('ENOSPC');
    };
    for (let round = 0; round < 50; round++) {
      append(writer, track);
      await pass(writer, 100);
    }
    expect(alarms.map(({ code }) => code)).toContain('audio-lost');
    isFull = false;
    await pass(writer, 2000);
    append(writer, track, 2);
    await pass(writer, 1000);
    const items = await read({ callId: track.callId }, files.afterPowerCut());
    const lost = writer.figures.recordsLost;
    expect(lost).toBeGreaterThan(20);
    expect(items.filter(({ kind }) => kind === 'gap')).toMatchObject([{ from: 51 - lost, to: 50 }]);
    expectTrueOrDeclared(items, track.callId, 52);
    expect(alarms.at(-1)).toMatchObject({ active: false });
  });
});

describe('damaged segments', () => {
  /** One closed segment of two calls, and another that a kill left without its index. */
  async function segments(): Promise<{ paths: string[]; callIds: string[] }> {
    const callIds = [opaqueId(), opaqueId()];
    for (const isClosed of [true, false]) {
      const writer = writing({}, isClosed ? 0 : 1);
      const epoch = isClosed ? 0 : 1;
      const tracks = callIds.map((callId) => writer.track(callId, epoch));
      for (let round = 0; round < 20; round++) {
        for (const track of tracks) append(writer, track);
        await pass(writer, 50);
      }
      await pass(writer, 500);
      if (isClosed) await writer.close();
    }
    return { paths: files.paths, callIds };
  }

  /** A small generator of numbers, so that a failure can be repeated. */
  function seeded(seed: number): () => number {
    let state = seed;
    return () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state / 2 ** 32;
    };
  }

  it('of 500 flipped bits each costs one record at most, and never gives a wrong one', async () => {
    const { paths, callIds } = await segments();
    const random = seeded(42);
    for (let flip = 0; flip < 500; flip++) {
      const damaged = files.afterKill();
      const path = paths[flip % 2]!;
      const bytes = damaged.get(path);
      // Most of a segment here is its header block's padding; damage is put where it can hurt.
      const at =
        random() < 0.1
          ? Math.floor(random() * 200)
          : HEADER_BLOCK_BYTES + Math.floor(random() * (bytes.length - HEADER_BLOCK_BYTES));
      bytes[at]! ^= 1 << Math.floor(random() * 8);
      damaged.put(path, bytes);
      let missing = 0;
      for (const callId of callIds) {
        const items = await read({ callId, last: { epoch: 1, sequence: 20 } }, damaged);
        for (const item of records(items))
          expect(item.body.equals(bodyOf(callId, item.epoch, item.sequence))).toBe(true);
        const found = records(items).length;
        missing += 40 - found;
        const declared = items.reduce((sum, item) => sum + (item.kind === 'gap' ? item.to - item.from + 1 : 0), 0);
        expect(declared).toBe(40 - found);
      }
      expect(missing).toBeLessThanOrEqual(1);
    }
  });

  it('one damaged header block copy costs nothing, both cost the segment and are declared', async () => {
    const { paths, callIds } = await segments();
    const damaged = files.afterKill();
    const bytes = damaged.get(paths[1]!);
    bytes.fill(0, 0, 200);
    damaged.put(paths[1]!, bytes);
    const [callId = ''] = callIds;
    expect(records(await read({ callId }, damaged))).toHaveLength(40);
    bytes.fill(0, HEADER_COPY_AT, HEADER_COPY_AT + 200);
    damaged.put(paths[1]!, bytes);
    const items = await read({ callId, last: { epoch: 1, sequence: 20 } }, damaged);
    expect(items.at(-1)).toMatchObject({ kind: 'gap', epoch: 1, from: 1, to: 20 });
  });

  it('records swapped with their headers are put in order; bodies swapped under foreign headers are not believed', async () => {
    const { paths, callIds } = await segments();
    const whole = files.get(paths[1]!);
    const size = recordBytes(decodeRecordHeader(whole, HEADER_BLOCK_BYTES)!.bodyBytes);
    const [first, third] = [HEADER_BLOCK_BYTES, HEADER_BLOCK_BYTES + 2 * size];
    const swap = (from: number): MemoryFiles => {
      const bytes = Buffer.from(whole);
      whole.copy(bytes, first + from, third + from, third + size);
      whole.copy(bytes, third + from, first + from, first + size);
      const swapped = files.afterKill();
      swapped.put(paths[1]!, bytes);
      return swapped;
    };
    const [callId = ''] = callIds;
    expect(records(await read({ callId }, swap(0)))).toHaveLength(40);
    const items = await read({ callId }, swap(48));
    expect(records(items)).toHaveLength(38);
    expect(items.filter(({ kind }) => kind === 'gap')).toMatchObject([{ epoch: 1, from: 1, to: 2 }]);
  });

  it('a record moved into another segment is not believed', async () => {
    const { paths, callIds } = await segments();
    const [from, to] = [files.get(paths[0]!), files.get(paths[1]!)];
    const size = recordBytes(decodeRecordHeader(from, HEADER_BLOCK_BYTES)!.bodyBytes);
    from.copy(to, HEADER_BLOCK_BYTES, HEADER_BLOCK_BYTES, HEADER_BLOCK_BYTES + size);
    const moved = files.afterKill();
    moved.put(paths[1]!, to);
    for (const callId of callIds) {
      for (const item of records(await read({ callId }, moved))) {
        expect(item.body.equals(bodyOf(callId, item.epoch, item.sequence))).toBe(true);
      }
    }
    expect(records(await read({ callId: callIds[0]! }, moved))).toHaveLength(39);
  });

  it('a segment torn anywhere gives all records before the tear', async () => {
    const { paths, callIds } = await segments();
    const whole = files.get(paths[0]!);
    const size = recordBytes(decodeRecordHeader(whole, HEADER_BLOCK_BYTES)!.bodyBytes);
    for (let cut = HEADER_BLOCK_BYTES; cut < HEADER_BLOCK_BYTES + 6 * size; cut += 97) {
      const torn = files.afterKill();
      torn.put(paths[0]!, whole.subarray(0, cut));
      const found = (await Promise.all(callIds.map((callId) => read({ callId }, torn)))).flatMap(records);
      expect(found.filter(({ epoch }) => epoch === 0)).toHaveLength(Math.floor((cut - HEADER_BLOCK_BYTES) / size));
    }
  });

  it('another key opens nothing, and everything is declared', async () => {
    const { callIds } = await segments();
    const stranger = spoolIdentity(generateSpoolKeyPair().privateKey);
    const reader = new LogReader({ folder: FOLDER, identity: stranger, files });
    const items = await Array.fromAsync(reader.readCall({ callId: callIds[0]!, last: { epoch: 1, sequence: 20 } }));
    expect(items).toMatchObject([
      { kind: 'gap', epoch: 0, from: 1, to: 20 },
      { kind: 'gap', epoch: 1, from: 1, to: 20 },
    ]);
  });
});

describe('reading and freeing', () => {
  it('reads many calls of the same segments without scanning them again, and follows one that still grows', async () => {
    const writer = writing();
    const tracks = Array.from({ length: 30 }, () => writer.track(opaqueId(), 0));
    for (const track of tracks) append(writer, track, 5);
    await pass(writer, 500);
    let bytesRead = 0;
    const openRead = files.openRead.bind(files);
    files.openRead = async (path) => {
      const file = await openRead(path);
      return {
        ...file,
        read: async (at, length) => file.read(at, length).then((bytes) => ((bytesRead += bytes.length), bytes)),
      };
    };
    const reader = new LogReader({ folder: FOLDER, identity, files });
    for (const { callId } of tracks) expect(await Array.fromAsync(reader.readCall({ callId }))).toHaveLength(5);
    expect(bytesRead).toBeLessThan(3 * files.get(files.paths[0]!).length);
    append(writer, tracks[3]!, 2);
    await pass(writer, 500);
    expect(await Array.fromAsync(reader.readCall({ callId: tracks[3]!.callId }))).toHaveLength(7);
    await writer.close();
    expect(await Array.fromAsync(reader.readCall({ callId: tracks[3]!.callId }))).toHaveLength(7);
    expect(await reader.listCalls()).toEqual(new Set(tracks.map(({ callId }) => callId)));
  });

  it('frees a closed segment only when all its calls are done', async () => {
    const writer = writing({ segmentMs: 100 });
    const tracks = Array.from({ length: 3 }, () => writer.track(opaqueId(), 0));
    append(writer, tracks[0]!);
    append(writer, tracks[1]!);
    await pass(writer, 1000);
    append(writer, tracks[2]!);
    await pass(writer, 1000);
    const freer = new SegmentFreer({ folder: FOLDER, files, log: silentLog, clock, node: 'test' });
    const stillOpen = async () => new Set(writer.figures.open.map(({ name }) => name));
    const done = new Set([tracks[0]!.callId, tracks[2]!.callId]);
    expect(await freer.free((callId) => done.has(callId), stillOpen)).toEqual([...tracks[2]!.segments]);
    expect(await freer.listCalls()).toEqual(new Set([tracks[0]!.callId, tracks[1]!.callId]));
    done.add(tracks[1]!.callId);
    await freer.free((callId) => done.has(callId), stillOpen);
    expect(files.paths).toEqual([]);
  });
});
