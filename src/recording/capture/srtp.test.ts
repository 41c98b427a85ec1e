import { beforeEach, describe, expect, it } from 'vitest';
import type { CapturedRtp } from '../../audio/types.ts';
import { VirtualClock } from '../../base/clock.ts';
import { opaqueId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { packKeys, type SrtpKeys, unpackKeys } from '../../rtp/srtp/keys.ts';
import { SrtpSender } from '../../rtp/srtp/sender.ts';
import { srtpSuite } from '../../rtp/srtp/suites.ts';
import { generateSpoolKeyPair, spoolIdentity, spoolRecipient } from '../../seal/spool.ts';
import { StreamKeySeal } from '../../seal/stream-keys.ts';
import { capturedOf } from '../log/captured.ts';
import { MemoryFiles } from '../log/memory-files.ts';
import { LogReader } from '../log/reader.ts';
import { SegmentWriter } from '../log/writer.ts';
import { CaptureCore } from './core.ts';
import { SpokenSource } from './testing.ts';
import type { CaptureStream, SourceChanged, StreamFigures } from './types.ts';

const spool = generateSpoolKeyPair();
const seal = new StreamKeySeal(Buffer.alloc(32, 1).toString('base64'));
const HERE = '192.0.2.10';
const THERE = '198.51.100.7';

let files: MemoryFiles;
let clock: VirtualClock;
let source: SpokenSource;
let changes: SourceChanged[];
let callId: string;
let core: CaptureCore;

const keysOf = (fill: number, name = 'AES_CM_128_HMAC_SHA1_80'): SrtpKeys => ({
  suite: srtpSuite(name)!,
  masters: [{ keyAndSalt: Buffer.alloc(name.startsWith('AES') ? 30 : 28, fill), mki: Buffer.alloc(0) }],
});

function stream(keys: SrtpKeys | null, more: Partial<CaptureStream> = {}): CaptureStream {
  return {
    stream: 0,
    rtpPort: 10_000,
    rtcpPort: 10_001,
    sourceAddress: HERE,
    sourcePort: 4000,
    mediaRanges: ['198.51.100.0/24'],
    telephoneEventTypes: [101],
    state: 'active',
    ...(keys === null ? {} : { sealedKeys: seal.seal(packKeys(keys)) }),
    ...more,
  };
}

function newCore(worker: number): CaptureCore {
  return new CaptureCore({
    worker,
    writer: new SegmentWriter({
      folder: '/audio',
      files,
      recipient: spoolRecipient(spool.publicKey),
      node: 'test',
      worker,
      clock,
      log: silentLog,
      onAlarm: () => undefined,
    }),
    source,
    receiver: 'node',
    clock,
    onSourceChanged: (change) => changes.push(change),
    openKeys: (sealed) => unpackKeys(seal.open(sealed)),
  });
}

beforeEach(() => {
  files = new MemoryFiles();
  clock = new VirtualClock();
  source = new SpokenSource(clock);
  changes = [];
  callId = opaqueId();
  core = newCore(0);
});

function rtp(sequence: number, payloadType = 0): Buffer {
  const bytes = Buffer.alloc(172, sequence);
  bytes[0] = 0x80;
  bytes[1] = payloadType;
  bytes.writeUInt16BE(sequence & 0xffff, 2);
  bytes.writeUInt32BE(0x5555, 8);
  return bytes;
}

async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 10) {
    clock.advance(10);
    for (let turn = 0; turn < 60; turn++) await Promise.resolve();
  }
}

async function captured() {
  await pass(1000);
  const reader = new LogReader({ folder: '/audio', identity: spoolIdentity(spool.privateKey), files });
  const items = await Array.fromAsync(reader.readCall({ callId }));
  return items.flatMap((item) => (item.kind === 'gap' ? [] : [...capturedOf(item)]));
}

const hear = (bytes: Buffer, address: string, port: number) => source.hear(10_000, bytes, address, port);
const hearReport = (bytes: Buffer, address: string, port: number) => source.hear(10_001, bytes, address, port);
const open = (keys: SrtpKeys | null, epoch = 0, openedMono = 0) =>
  core.open({ callId, epoch, openedMono, keep: true }, [stream(keys)]);
const figures = (): StreamFigures => core.status.calls[0]!.streams[0]!;

describe('a stream under SRTP', () => {
  it('is kept as it was before it was protected: audio, reports, events without their digit', async () => {
    const sender = new SrtpSender(keysOf(1, 'AEAD_AES_128_GCM'));
    await open(keysOf(1, 'AEAD_AES_128_GCM'));
    hear(sender.protectRtp(rtp(1)), HERE, 4000);
    const event = rtp(2, 101).subarray(0, 16);
    event.writeUInt32BE(0x0b8a_0320, 12);
    hear(sender.protectRtp(event), HERE, 4000);
    const report = Buffer.alloc(28, 1);
    report.writeUInt32BE(0x80c8_0006, 0);
    hearReport(sender.protectRtcp(report), HERE, 4001);
    const items = await captured();
    expect(items.map(({ kind }) => kind)).toEqual(['rtp', 'event', 'sr']);
    const [first] = items as CapturedRtp[];
    expect(first?.sequence).toBe(1);
    expect(first?.bytes.subarray(first.from, first.to)).toEqual(rtp(1).subarray(12));
    expect(items[1]).toMatchObject({ durationTicks: 0x0320 });
  });

  it('counts what is not authentic, and neither keeps it, nor moves to its source, nor hears it', async () => {
    const sender = new SrtpSender(keysOf(1));
    const stranger = new SrtpSender(keysOf(2));
    await open(keysOf(1));
    hear(sender.protectRtp(rtp(1)), HERE, 4000);
    const before = figures();
    await pass(3000);
    const replay = new SrtpSender(keysOf(1)).protectRtp(rtp(1));
    for (let index = 0; index < 1000; index++) {
      hear(stranger.protectRtp(rtp(2 + index)), HERE, 4000);
      hear(stranger.protectRtp(rtp(2 + index)), THERE, 9000);
      hear(rtp(2 + index), HERE, 4000);
      hear(Buffer.from(replay), THERE, 9000);
    }
    expect(figures()).toEqual({ ...before, unauthenticated: 3000, replayed: 1000 });
    expect(changes).toEqual([]);
    hear(sender.protectRtp(rtp(2)), THERE, 9000);
    expect(changes).toMatchObject([{ to: { address: THERE, port: 9000 }, reason: 'silence' }]);
    expect(await captured()).toHaveLength(2);
  });

  it('goes on after a restart of the recorder, however often its sequence number has wrapped', async () => {
    const sender = new SrtpSender(keysOf(1));
    for (let index = 0; index < 5 * 65_536; index += 10_000) sender.protectRtp(rtp(index));
    await open(keysOf(1), 1, -2 * 3_600_000);
    for (let index = 0; index < 10; index++) hear(sender.protectRtp(rtp(5 * 65_536 + index)), HERE, 4000);
    expect(figures()).toMatchObject({ packets: 10, unauthenticated: 0 });
  });

  it('follows new keys while late packets under the old ones still count', async () => {
    const [old, young] = [new SrtpSender(keysOf(1)), new SrtpSender(keysOf(2))];
    await open(keysOf(1));
    hear(old.protectRtp(rtp(1)), HERE, 4000);
    await core.update(callId, [stream(keysOf(2))]);
    hear(young.protectRtp(rtp(3)), HERE, 4000);
    hear(old.protectRtp(rtp(2)), HERE, 4000);
    await pass(3000);
    hear(old.protectRtp(rtp(4)), HERE, 4000);
    expect(figures()).toMatchObject({ packets: 3, unauthenticated: 1 });
  });

  it('becomes one, and a plain one again, as signalling has it', async () => {
    const sender = new SrtpSender(keysOf(1));
    await open(null);
    hear(rtp(1), HERE, 4000);
    await core.update(callId, [stream(keysOf(1))]);
    hear(rtp(2), HERE, 4000);
    hear(sender.protectRtp(rtp(3)), HERE, 4000);
    await core.update(callId, [stream(null)]);
    hear(rtp(4), HERE, 4000);
    const items = await captured();
    expect(items.map((item) => (item.kind === 'rtp' ? item.sequence : -1))).toEqual([1, 3, 4]);
  });

  it('whose keys are not to be had is not heard, as noise would be worse than nothing', async () => {
    await core.open({ callId, epoch: 0, openedMono: 0, keep: true }, [
      stream(null, { sealedKeys: seal.seal(Buffer.from('no keys')) }),
    ]);
    hear(rtp(1), HERE, 4000);
    expect(figures()).toMatchObject({ packets: 0, unauthenticated: 1 });
  });
});
