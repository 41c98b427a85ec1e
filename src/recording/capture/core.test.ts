import { beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { opaqueId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { generateSpoolKeyPair, spoolIdentity, spoolRecipient } from '../../seal/spool.ts';
import { capturedOf } from '../log/captured.ts';
import { MemoryFiles } from '../log/memory-files.ts';
import { LogReader } from '../log/reader.ts';
import { SegmentWriter } from '../log/writer.ts';
import { CaptureCore } from './core.ts';
import { SpokenSource } from './testing.ts';
import type { CaptureStream, SourceChanged } from './types.ts';

const keys = generateSpoolKeyPair();
const HERE = '192.0.2.10';

let files: MemoryFiles;
let clock: VirtualClock;
let source: SpokenSource;
let changes: SourceChanged[];
let core: CaptureCore;

beforeEach(() => {
  files = new MemoryFiles();
  clock = new VirtualClock();
  source = new SpokenSource(clock);
  changes = [];
  const writer = new SegmentWriter({
    folder: '/audio',
    files,
    recipient: spoolRecipient(keys.publicKey),
    node: 'test',
    worker: 0,
    clock,
    log: silentLog,
    onAlarm: () => undefined,
  });
  core = new CaptureCore({
    worker: 0,
    writer,
    source,
    receiver: 'node',
    clock,
    onSourceChanged: (change) => changes.push(change),
  });
});

function stream(number: number, more: Partial<CaptureStream> = {}): CaptureStream {
  return {
    stream: number,
    rtpPort: 10_000 + 2 * number,
    rtcpPort: 10_001 + 2 * number,
    sourceAddress: HERE,
    sourcePort: 4000,
    mediaRanges: [],
    telephoneEventTypes: [101],
    state: 'active',
    ...more,
  };
}

function rtp(sequence: number): Buffer {
  const bytes = Buffer.alloc(172, sequence);
  bytes.writeUInt16BE(0x8000, 0);
  bytes.writeUInt16BE(sequence, 2);
  return bytes;
}

function senderReport(): Buffer {
  const bytes = Buffer.alloc(28 + 24);
  bytes.writeUInt32BE(0x81c8_000c, 0);
  bytes.writeUInt32BE(77, 4);
  bytes.writeUInt32BE(3_900_000_000, 8);
  bytes.writeUInt32BE(1600, 16);
  return bytes;
}

function hear(port: number, bytes: Buffer, address = HERE, fromPort = 4000): void {
  source.hear(port, bytes, address, fromPort);
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await Promise.resolve();
}

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10) {
    clock.advance(10);
    await settled();
  }
}

async function captured(callId: string, from = files) {
  const reader = new LogReader({ folder: '/audio', identity: spoolIdentity(keys.privateKey), files: from });
  const items = await Array.fromAsync(reader.readCall({ callId }));
  return items.flatMap((item) => (item.kind === 'gap' ? [] : [...capturedOf(item)]));
}

describe('capture core', () => {
  it('leaves a kill no more than 400 ms of any call, however many there are', async () => {
    const callIds = Array.from({ length: 20 }, () => opaqueId());
    for (const [index, callId] of callIds.entries()) {
      await core.open({ callId, epoch: 0, openedMono: 0, keep: true }, [stream(index)]);
    }
    const heardAt: number[] = [];
    for (let sequence = 0; sequence < 100; sequence++) {
      await pass(20);
      heardAt.push(clock.mono());
      for (const index of callIds.keys()) hear(10_000 + 2 * index, rtp(sequence));
      if (sequence % 9 !== 0) continue;
      for (const callId of callIds) {
        const kept = (await captured(callId, files.afterKill())).length;
        expect(clock.mono() - heardAt[kept]!).toBeLessThanOrEqual(400);
      }
    }
  });

  it('goes on sealing and writing when the event loop never comes to its timers', async () => {
    const callId = opaqueId();
    await core.open({ callId, epoch: 0, openedMono: 0, keep: true }, [stream(0)]);
    const after = clock.after.bind(clock);
    clock.after = (ms, task) => after(ms + 1e9, task);
    await pass(60);
    for (let sequence = 0; sequence < 200; sequence++) {
      await pass(20);
      hear(10_000, rtp(sequence));
    }
    await settled();
    expect((await captured(callId, files.afterPowerCut())).length).toBeGreaterThan(200 - 50);
  });

  it('tells arrival in µs since the call was opened, across threads and restarts', async () => {
    await pass(5000);
    const callId = opaqueId();
    await core.open({ callId, epoch: 0, openedMono: -1000.5, keep: true }, [stream(0)]);
    hear(10_000, rtp(1));
    await pass(30);
    hear(10_000, rtp(2));
    await pass(1000);
    expect((await captured(callId)).map(({ arrivalUs }) => arrivalUs)).toEqual([6_000_500, 6_030_500]);
  });

  it('keeps sender reports without their report blocks, from either port, and no other RTCP', async () => {
    const callId = opaqueId();
    await core.open({ callId, epoch: 0, openedMono: 0, keep: true }, [stream(0)]);
    hear(10_000, rtp(1));
    hear(10_001, senderReport(), HERE, 4001);
    hear(10_000, senderReport());
    hear(10_001, Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 1]));
    hear(10_001, senderReport(), '203.0.113.5');
    await pass(1000);
    const items = await captured(callId);
    expect(items.map(({ kind }) => kind)).toEqual(['rtp', 'sr', 'sr']);
    expect(items[1]).toMatchObject({ ssrc: 77, rtpTimestamp: 1600, ntpMs: (3_900_000_000 - 2_208_988_800) * 1000 });
  });

  it('follows hold, resume, a new stream and a removed one', async () => {
    const callId = opaqueId();
    await core.open({ callId, epoch: 0, openedMono: 0, keep: true }, [stream(0)]);
    hear(10_000, rtp(1));
    await core.update(callId, [stream(0, { state: 'held' }), stream(1)]);
    hear(10_000, rtp(2));
    hear(10_002, rtp(3));
    await core.update(callId, [stream(0), stream(1, { state: 'removed' })]);
    hear(10_000, rtp(4));
    expect(new Set(source.bound.keys())).toEqual(new Set([10_000, 10_001]));
    await pass(1000);
    const sequences = (await captured(callId)).map((item) => (item.kind === 'rtp' ? item.sequence : -1));
    expect(sequences).toEqual([1, 3, 4]);
    expect(core.status.calls).toMatchObject([{ callId, streams: [{ stream: 0, packets: 3 }] }]);
  });

  it('leaves no socket behind when a call ends while its ports are being bound, or changes twice at once', async () => {
    const callId = opaqueId();
    const opening = core.open({ callId, epoch: 0, openedMono: 0, keep: true }, [stream(0)]);
    core.discard(callId);
    await opening;
    expect(source.bound.size).toBe(0);
    await core.open({ callId, epoch: 1, openedMono: 0, keep: true }, [stream(0)]);
    await Promise.all([
      core.update(callId, [stream(0), stream(1)]),
      core.update(callId, [stream(0), stream(1), stream(2)]),
    ]);
    expect(source.bound.size).toBe(6);
    core.discard(callId);
    expect(source.bound.size).toBe(0);
  });

  it('keeps what came before keeping ended, and what comes after it began again', async () => {
    const callId = opaqueId();
    await core.open({ callId, epoch: 0, openedMono: 0, keep: true }, [stream(0)]);
    for (const [sequence, keep] of [false, true, true].entries()) {
      hear(10_000, rtp(sequence));
      await core.keep(callId, { keep, digits: false, isVoid: false });
    }
    await pass(1000);
    expect((await captured(callId)).map((item) => (item.kind === 'rtp' ? item.sequence : -1))).toEqual([0, 2]);
  });

  it('reports a source that took over after silence', async () => {
    const callId = opaqueId();
    await core.open({ callId, epoch: 0, openedMono: 0, keep: true }, [stream(0, { mediaRanges: ['198.51.100.0/24'] })]);
    hear(10_000, rtp(1));
    await pass(2000);
    hear(10_000, rtp(2), '198.51.100.9', 9000);
    expect(changes).toMatchObject([
      { callId, stream: 0, reason: 'silence', to: { address: '198.51.100.9', port: 9000 } },
    ]);
  });

  describe('a port that is used again', () => {
    const speaks = (ssrc: number, sequence: number): Buffer => {
      const bytes = rtp(sequence);
      bytes.writeUInt32BE(ssrc, 8);
      return bytes;
    };
    const packets = () => core.status.calls[0]!.streams[0]!;

    /** A call from port 4000 under SSRC 7, ended; and the next one on its port. */
    async function next(more: Partial<CaptureStream> = {}): Promise<void> {
      await core.open({ callId: opaqueId(), epoch: 0, openedMono: 0, keep: true }, [stream(0)]);
      hear(10_000, speaks(7, 1));
      core.discard(core.status.calls[0]!.callId);
      await core.open({ callId: opaqueId(), epoch: 0, openedMono: 0, keep: true }, [
        stream(0, { sourcePort: 9, ...more }),
      ]);
    }

    it('keeps the stream of the call before out, and takes the new one', async () => {
      await next();
      hear(10_000, speaks(7, 2));
      expect(packets()).toMatchObject({ packets: 0, foreign: 1, source: null });
      hear(10_000, speaks(8, 1), HERE, 4002);
      hear(10_000, speaks(7, 3));
      expect(packets()).toMatchObject({ packets: 1, foreign: 2, source: { address: HERE, port: 4002 } });
    });

    it('takes a new stream from the same port of the peer, and the old SSRC where that port is named', async () => {
      await next();
      hear(10_000, speaks(8, 1));
      expect(packets()).toMatchObject({ packets: 1, foreign: 0 });
      core.discard(core.status.calls[0]!.callId);
      await next({ sourcePort: 4000 });
      hear(10_000, speaks(7, 2));
      expect(packets()).toMatchObject({ packets: 1, foreign: 0 });
    });

    it('forgets the stream of the call before after five minutes', async () => {
      await next();
      clock.advance(301_000);
      hear(10_000, speaks(7, 2));
      expect(packets()).toMatchObject({ packets: 1, foreign: 0 });
    });
  });

  it('tells once of each call what the kernel threw away, and keeps the sum when calls have ended', async () => {
    const [one, other] = [opaqueId(), opaqueId()];
    await core.open({ callId: one, epoch: 0, openedMono: 0, keep: true }, [stream(0), stream(1)]);
    expect(core.takeDropped()).toEqual([]);
    source.dropped = 3;
    expect(core.takeDropped()).toEqual([{ callId: one, dropped: 12 }]);
    expect(core.takeDropped()).toEqual([]);
    // Each telling is an entry in the journal, and a machine that has too much to do must not be given more every second.
    source.dropped = 4;
    clock.advance(29_999);
    expect(core.takeDropped()).toEqual([]);
    clock.advance(1);
    expect(core.takeDropped()).toEqual([{ callId: one, dropped: 4 }]);
    await core.update(one, [stream(0), stream(1, { state: 'removed' })]);
    source.dropped = 5;
    core.discard(one);
    source.dropped = 0;
    await core.open({ callId: other, epoch: 0, openedMono: 0, keep: true }, [stream(0)]);
    expect(core.takeDropped()).toEqual([{ callId: one, dropped: 2 }]);
    expect(core.status.dropped).toBe(18);
  });

  it('throws away what gathered of a discarded call', async () => {
    const callId = opaqueId();
    await core.open({ callId, epoch: 0, openedMono: 0, keep: true }, [stream(0)]);
    hear(10_000, rtp(1));
    core.discard(callId);
    await pass(1000);
    expect(files.paths).toEqual([]);
    expect(source.bound.size).toBe(0);
  });

  it('on shutdown writes everything, closes the segments and leaves no timer', async () => {
    const callId = opaqueId();
    await core.open({ callId, epoch: 0, openedMono: 0, keep: true }, [stream(0)]);
    hear(10_000, rtp(1));
    await core.shutdown();
    expect(await captured(callId, files.afterPowerCut())).toHaveLength(1);
    expect(core.status.log.open.filter(({ synced }) => synced > 0)).toEqual([]);
    expect(clock.waiting).toBe(0);
  });
});
