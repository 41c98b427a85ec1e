import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { opaqueId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { generateSpoolKeyPair, spoolIdentity, spoolRecipient } from '../../seal/spool.ts';
import { HEADER_BLOCK_BYTES } from './format.ts';
import { MemoryFiles } from './memory-files.ts';
import { LogReader } from './reader.ts';
import { SegmentReader } from './segment-reader.ts';
import type { CallTrack } from './segment.ts';
import { SegmentWriter } from './writer.ts';

const FOLDER = '/audio';
const keys = generateSpoolKeyPair();

let files: MemoryFiles;
let clock: VirtualClock;
let writer: SegmentWriter;
let reader: LogReader;

beforeEach(() => {
  files = new MemoryFiles();
  clock = new VirtualClock();
  writer = new SegmentWriter({
    folder: FOLDER,
    files,
    recipient: spoolRecipient(keys.publicKey),
    node: 'test',
    worker: 0,
    clock,
    log: silentLog,
    onAlarm: () => undefined,
    limits: { segmentMs: 1000 },
  });
  reader = new LogReader({ folder: FOLDER, identity: spoolIdentity(keys.privateKey), files });
});

/** Some calls with records among each other's, which are on the disk then. */
async function calls(count: number, records: number, epoch = 0): Promise<CallTrack[]> {
  const tracks = Array.from({ length: count }, () => writer.track(opaqueId(), epoch));
  for (let record = 0; record < records; record++) {
    for (const track of tracks) writer.append(track, 'packets', record * 350_000, clock.mono(), Buffer.alloc(500));
  }
  await pass(350);
  return tracks;
}

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 50) {
    clock.advance(50);
    writer.tick();
    for (let turn = 0; turn < 60; turn++) await Promise.resolve();
  }
}

const sequencesOf = async ({ callId }: CallTrack): Promise<number[]> =>
  (await Array.fromAsync(reader.readCall({ callId }))).map((item) => (item.kind === 'gap' ? -1 : item.sequence));

describe('the index of a segment', () => {
  it('is the same from a scan as from the end of the file', async () => {
    const tracks = [...(await calls(5, 7)), ...(await calls(3, 2, 1))];
    await writer.close();
    const [path] = files.paths;
    const name = path!.slice(FOLDER.length + 1);
    const torn = new MemoryFiles();
    torn.put(path!, files.get(path!).subarray(0, -1));
    const [closed, scanned] = [new SegmentReader(FOLDER, name, files), new SegmentReader(FOLDER, name, torn)];
    const one = await closed.index(await closed.open());
    const other = await scanned.index(await scanned.open());
    expect(other.callIds().toSorted()).toEqual(one.callIds());
    for (const { callId, sequence } of tracks) {
      expect(one.placesOf(callId)).toHaveLength(sequence);
      expect(other.placesOf(callId)).toEqual(one.placesOf(callId));
    }
    expect(scanned.end).toBe(closed.end);
    expect(other.bytesByCall(scanned.end)).toEqual(one.bytesByCall(closed.end));
    expect(other.placesOf(opaqueId())).toEqual([]);
  });

  it('is made by one scan, however many calls of a growing segment are read at once', async () => {
    const tracks = await calls(20, 10);
    let scans = 0;
    const openRead = files.openRead.bind(files);
    files.openRead = async (path) => {
      const file = await openRead(path);
      const read = (at: number, length: number): Promise<Buffer> => {
        if (length > HEADER_BLOCK_BYTES) scans++;
        return file.read(at, length);
      };
      return { ...file, read };
    };
    expect(await Promise.all(tracks.map(sequencesOf))).toEqual(tracks.map(() => [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]));
    expect(scans).toBe(1);
  });

  it('takes no memory any more when its segment went', async () => {
    const held: number[] = [];
    for (let round = 0; round < 10; round++) {
      for (const track of await calls(20, 5)) expect(await sequencesOf(track)).toEqual([1, 2, 3, 4, 5]);
      held.push(reader.heldBytes);
      await pass(1500);
      for (const path of files.paths) await files.unlink(path);
    }
    expect(held.at(-1)).toBeGreaterThan(0);
    expect(held.at(-1)).toBeLessThanOrEqual(held[0]!);
  });

  it('takes less memory when its segment is closed', async () => {
    const [track] = await calls(50, 20);
    await sequencesOf(track!);
    const growing = reader.heldBytes;
    await writer.close();
    await sequencesOf(track!);
    expect(reader.heldBytes).toBeLessThan(growing);
  });
});
