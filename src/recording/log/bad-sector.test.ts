import { beforeEach, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { opaqueId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { generateSpoolKeyPair, spoolIdentity, spoolRecipient } from '../../seal/spool.ts';
import type { LogFiles } from './files.ts';
import { recordBytes } from './format.ts';
import { SegmentFreer } from './free.ts';
import { MemoryFiles } from './memory-files.ts';
import { readingAhead } from './read-ahead.ts';
import { LogReader, type LogItem } from './reader.ts';
import { readingPast } from './read-past.ts';
import { scanFromStart, scanRecords } from './scan.ts';
import type { CallTrack } from './segment.ts';
import { SegmentWriter } from './writer.ts';

const FOLDER = '/audio';
const SECTOR = 4096;
const keys = generateSpoolKeyPair();
const identity = spoolIdentity(keys.privateKey);
const noneOpen = () => Promise.resolve(new Set<string>());

let files: MemoryFiles;
let clock: VirtualClock;

beforeEach(() => {
  files = new MemoryFiles();
  clock = new VirtualClock(Date.UTC(2026, 0, 1));
});

const bodyOf = (callId: string, sequence: number): Buffer => Buffer.from(`${callId} ${sequence} `.repeat(20));

async function pass(writer: SegmentWriter, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    clock.advance(50);
    writer.tick();
    for (let turn = 0; turn < 60; turn++) await Promise.resolve();
  }
}

/** A closed segment with so many records of each call. @returns its path, and the calls */
async function closedSegment(count: number, callIds = [opaqueId(), opaqueId()], epoch = 0) {
  const before = files.paths;
  const writer = new SegmentWriter({
    folder: FOLDER,
    files,
    recipient: spoolRecipient(keys.publicKey),
    node: 'test',
    worker: 0,
    clock,
    log: silentLog,
    onAlarm: () => undefined,
  });
  const tracks: CallTrack[] = callIds.map((callId) => writer.track(callId, epoch));
  for (let sequence = 1; sequence <= count; sequence++) {
    for (const track of tracks)
      writer.append(track, 'packets', sequence * 20_000, clock.mono(), bodyOf(track.callId, sequence));
    await pass(writer, 50);
  }
  await writer.close();
  return { path: files.paths.find((path) => !before.includes(path))!, callIds };
}

function loseSectorOf(path: string, sector: number): void {
  const [start, end] = [sector * SECTOR, (sector + 1) * SECTOR];
  files.isLost = (of, from, to) => of === path && from < end && to > start;
}

/** Sequence numbers of a call's records that stand in the sector, wholly or in part. */
async function standingIn(path: string, sector: number, callId: string): Promise<number[]> {
  const found: number[] = [];
  const file = await files.openRead(path);
  await scanRecords(file, await file.size(), scanFromStart(), ({ offset, header }) => {
    const isIn = offset < (sector + 1) * SECTOR && offset + recordBytes(header.bodyBytes) > sector * SECTOR;
    if (isIn && header.callId === callId) found.push(header.sequence);
  });
  return found;
}

function read(from: LogFiles, callId: string, sequence: number): Promise<LogItem[]> {
  const reader = new LogReader({ folder: FOLDER, identity, files: from });
  return Array.fromAsync(reader.readCall({ callId, last: { epoch: 0, sequence } }));
}

it('costs the records that stand there, wherever it is, and they are declared', async () => {
  const { path, callIds } = await closedSegment(60);
  const sectors = Math.ceil(files.get(path).length / SECTOR);
  expect(sectors).toBeGreaterThan(10);
  let costly = 0;
  for (let sector = 0; sector < sectors; sector++) {
    for (const callId of callIds) {
      files.isLost = () => false;
      const lost = await standingIn(path, sector, callId);
      costly += lost.length > 0 ? 1 : 0;
      loseSectorOf(path, sector);
      for (const from of [readingPast(files), readingAhead(readingPast(files))]) {
        const items = await read(from, callId, 60);
        const missing = items.flatMap((item) =>
          item.kind === 'gap' ? Array.from({ length: item.to - item.from + 1 }, (_, index) => item.from + index) : [],
        );
        expect(missing, `sector ${sector}`).toEqual(lost);
        const there = items.filter((item) => item.kind !== 'gap');
        expect(there).toHaveLength(60 - lost.length);
        for (const { sequence, body } of there) expect(body).toEqual(bodyOf(callId, sequence));
      }
    }
  }
  expect(costly).toBeGreaterThan(10);
});

it('is not taken over by what is carried to another segment, keeps no other from that, and goes with its calls', async () => {
  const first = await closedSegment(60);
  const kept = first.callIds[0]!;
  clock.advance(1000);
  const second = await closedSegment(3, [kept, opaqueId(), opaqueId()], 1);
  const nameOf = (path: string): string => path.slice(FOLDER.length + 1);
  files.isLost = () => false;
  const [sector] = Array.from({ length: 20 }, (_, index) => index).slice(4);
  expect(await standingIn(first.path, sector!, kept)).not.toEqual([]);
  loseSectorOf(first.path, sector!);
  const limits = { minAgeMs: 0, atLeast: 1 };
  const freer = new SegmentFreer({ folder: FOLDER, files, log: silentLog, clock, node: 'test', limits });
  expect(await freer.carry((callId) => callId !== kept, noneOpen)).toEqual([nameOf(second.path)]);
  expect(files.paths).toContain(first.path);
  expect(await freer.free(() => true, noneOpen)).toContain(nameOf(first.path));
});

it('is no reason to remove a segment: what cannot be read may be needed', async () => {
  const { path } = await closedSegment(60);
  const sectors = Math.ceil(files.get(path).length / SECTOR);
  for (const isNeeded of [true, false]) {
    const freer = new SegmentFreer({ folder: FOLDER, files, log: silentLog, clock, node: 'test' });
    for (let sector = -1; sector < sectors; sector++) {
      if (sector === -1) files.isLost = () => true;
      else loseSectorOf(path, sector);
      await freer.carry(() => false, noneOpen);
      expect(await freer.free(() => false, noneOpen)).toEqual([]);
      const held = await freer.listCalls();
      expect(held === null || held.size === 2, `sector ${sector}`).toBe(true);
    }
    files.isLost = () => false;
    // Nothing of the bad times is remembered.
    expect((await freer.listCalls())?.size).toBe(2);
    expect(await freer.free(() => !isNeeded, noneOpen)).toHaveLength(isNeeded ? 0 : 1);
  }
});

it('is not read past where the disk fails as a whole', async () => {
  const { callIds } = await closedSegment(600);
  files.isLost = () => true;
  await expect(read(readingPast(files), callIds[0]!, 600)).rejects.toMatchObject({ code: 'EIO' });
  // A few sectors of it are.
  files.isLost = (_path, from, to) => from < 40_960 && to > 36_864;
  expect((await read(readingPast(files), callIds[0]!, 600)).length).toBeGreaterThan(500);
});
