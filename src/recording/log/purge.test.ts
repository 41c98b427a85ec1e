import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { opaqueId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { generateSpoolKeyPair, spoolIdentity, spoolRecipient } from '../../seal/spool.ts';
import type { VoidRecords } from '../ports.ts';
import { callKeyOf } from './call-key.ts';
import { SegmentFreer } from './free.ts';
import { failure, MemoryFiles } from './memory-files.ts';
import { LogReader } from './reader.ts';
import type { CallTrack } from './segment.ts';
import { SegmentWriter } from './writer.ts';

const FOLDER = '/audio';
const keys = generateSpoolKeyPair();

let files: MemoryFiles;
let clock: VirtualClock;
let writer: SegmentWriter;
let freer: SegmentFreer;
let wanted: CallTrack;
let denied: CallTrack;

beforeEach(async () => {
  files = new MemoryFiles();
  clock = new VirtualClock(Date.UTC(2026, 0, 1));
  writer = makeWriter();
  freer = new SegmentFreer({ folder: FOLDER, files, log: silentLog, clock, node: 'test' });
  wanted = writer.track(opaqueId(), 0);
  denied = writer.track(opaqueId(), 0);
  for (let round = 0; round < 10; round++) {
    // Much more is needed than not, and the segment is fresh: the ordinary rules would leave it alone.
    for (let more = 0; more < 5; more++) writer.append(wanted, 'packets', clock.mono() * 1000, clock.mono(), BODY);
    writer.append(denied, 'packets', clock.mono() * 1000, clock.mono(), BODY);
    if (round === 0) writer.append(denied, 'trace', clock.mono() * 1000, clock.mono(), BODY);
    await pass(400);
  }
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

const BODY = Buffer.from('what somebody said '.repeat(20));
const openNames = async () => new Set(writer.figures.open.map(({ name }) => name));
const nobodyDone = () => false;

async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  for (let round = 0; round < 3; round++) {
    writer.tick();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  }
}

/** Void of the denied call: audio before this time, notes where `notes` says so. */
function until(ms: number, notes = true): VoidRecords {
  const isVoid = (callId: string, baseUs: number, isAudio: boolean) =>
    callId === denied.callId && baseUs < ms * 1000 && (isAudio || notes);
  return { calls: new Set([denied.callId]), look: () => isVoid };
}

async function sequences(track: CallTrack): Promise<(number | 'gap')[]> {
  const reader = new LogReader({ folder: FOLDER, identity: spoolIdentity(keys.privateKey), files });
  const items = await Array.fromAsync(reader.readCall({ callId: track.callId }));
  return items.map((item) => (item.kind === 'gap' ? 'gap' : item.sequence));
}

const all = (track: CallTrack) => Array.from({ length: track.sequence }, (_, at) => at + 1);

describe('audio that was destroyed', () => {
  it('is gone from closed segments at once, while other calls need the rest and read it whole', async () => {
    await writer.close();
    writer = makeWriter();
    expect(await freer.purge(nobodyDone, openNames, until(1e9))).toHaveLength(1);
    expect(await sequences(denied)).toEqual([]);
    expect(await sequences(wanted)).toEqual(all(wanted));
    expect(files.paths.some((path) => files.get(path).includes(callKeyOf(denied.callId)))).toBe(false);
  });

  it('goes as far as it is void, and notes only where they are', async () => {
    await writer.close();
    writer = makeWriter();
    await freer.purge(nobodyDone, openNames, until(2000, false));
    // Rounds 5 to 9, and the note between the first two records.
    expect(await sequences(denied)).toEqual(['gap', 2, 'gap', 7, 8, 9, 10, 11]);
    clock.advance(30_000);
    expect(await freer.purge(nobodyDone, openNames, until(2000, false))).toEqual([]);
    await freer.purge(nobodyDone, openNames, until(1e9));
    clock.advance(30_000);
    await freer.purge(nobodyDone, openNames, until(1e9));
    expect(await sequences(denied)).toEqual([]);
    expect(await sequences(wanted)).toEqual(all(wanted));
  });

  it('waits for the segment that is being written, which is closed after a minute', async () => {
    expect(await freer.purge(nobodyDone, openNames, until(1e9))).toEqual([]);
    for (let second = 0; second < 62; second++) {
      writer.append(wanted, 'packets', clock.mono() * 1000, clock.mono(), BODY);
      await pass(1000);
    }
    expect(await freer.purge(nobodyDone, openNames, until(1e9))).toHaveLength(1);
    expect(await sequences(denied)).toEqual([]);
    expect(await sequences(wanted)).toEqual(all(wanted));
  });

  it('leaves nothing of a segment that nobody else needs', async () => {
    await writer.close();
    writer = makeWriter();
    await freer.purge((callId) => callId === wanted.callId, openNames, until(1e9));
    expect(files.paths).toEqual([]);
  });

  it('costs others nothing when the disk fails meanwhile, and goes when it works again', async () => {
    await writer.close();
    writer = makeWriter();
    files.before = (call) => {
      if (call === 'datasync') throw failure('EIO');
    };
    expect(await freer.purge(nobodyDone, openNames, until(1e9))).toEqual([]);
    expect(await sequences(wanted)).toEqual(all(wanted));
    files.before = () => undefined;
    clock.advance(60_000);
    await freer.purge(nobodyDone, openNames, until(1e9));
    expect(await sequences(denied)).toEqual([]);
    expect(await sequences(wanted)).toEqual(all(wanted));
  });
});
