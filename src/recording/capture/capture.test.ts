import { createSocket } from 'node:dgram';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { opaqueId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { generateSpoolKeyPair, spoolIdentity } from '../../seal/spool.ts';
import { capturedOf } from '../log/captured.ts';
import { LogReader, type LogItem } from '../log/reader.ts';
import { audioFolder, openCapture, type Capture } from './capture.ts';
import { warmThread } from './thread.ts';
import type { WantedReceiver } from './source/choose.ts';
import type { CaptureStream } from './types.ts';

const keys = generateSpoolKeyPair();
let folder: string;
let capture: Capture;
/** Below the ports that the system gives out by itself. */
let nextPort = 30_500 + (process.pid % 4) * 120;

let receiver: WantedReceiver = 'auto';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'capture-'));
  capture = await start();
});

afterEach(async () => {
  await capture.shutdown();
  await rm(folder, { recursive: true });
});

function start(): Promise<Capture> {
  return openCapture({
    spoolDir: folder,
    recipient: keys.publicKey,
    node: 'test',
    workers: 1,
    rtpHost: '127.0.0.1',
    receiver,
    clock: systemClock(),
    log: silentLog,
  });
}

function stream(number: number, options: Partial<CaptureStream> = {}): CaptureStream {
  const rtpPort = nextPort;
  nextPort += 2;
  return {
    stream: number,
    rtpPort,
    rtcpPort: rtpPort + 1,
    sourceAddress: '127.0.0.1',
    sourcePort: 0,
    mediaRanges: [],
    telephoneEventTypes: [101],
    state: 'active',
    ...options,
  };
}

function rtp(sequence: number, payload: Buffer, payloadType = 0, timestamp = sequence * 160): Buffer {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = payloadType;
  header.writeUInt16BE(sequence, 2);
  header.writeUInt32BE(timestamp, 4);
  header.writeUInt32BE(0x1234_5678, 8);
  return Buffer.concat([header, payload]);
}

/** Sends the datagrams one by one from one socket; resolves when the kernel has taken them. */
async function send(port: number, datagrams: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const datagram of datagrams) {
    await new Promise<void>((resolve, reject) => {
      socket.send(datagram, port, '127.0.0.1', (error) => (error === null ? resolve() : reject(error)));
    });
  }
  socket.close();
}

async function read(callId: string): Promise<LogItem[]> {
  const reader = new LogReader({ folder: audioFolder(folder), identity: spoolIdentity(keys.privateKey) });
  return Array.fromAsync(reader.readCall({ callId }));
}

function packetsOf(items: readonly LogItem[]) {
  return items.flatMap((item) => (item.kind === 'gap' ? [] : [...capturedOf(item)]));
}

/** A tone of µ-law that no other byte of the spool can resemble. */
const TONE = Buffer.from(Array.from({ length: 160 }, (_, index) => 128 + Math.round(100 * Math.sin(index / 3))));

const OPENED = { epoch: 0, openedMono: 0, keep: true };

describe.each<WantedReceiver>(['auto', 'node'])('capture over real sockets (receiver: %s)', (wanted) => {
  beforeAll(() => {
    receiver = wanted;
  });

  it('gives back every packet of both streams in order, and nothing of it stands on the disk in clear', async () => {
    const callId = opaqueId();
    const streams = [stream(0), stream(1)];
    await capture.open({ ...OPENED, callId }, streams);
    const packets = Array.from({ length: 60 }, (_, index) => rtp(index, TONE));
    await Promise.all(streams.map(({ rtpPort }) => send(rtpPort, packets)));
    capture.note(callId, 'trace', Buffer.from('INVITE sip:recorder@example.com SIP/2.0'));

    const closed = await capture.close(callId);

    expect(closed).toMatchObject({ epoch: 0, packets: 120 });
    const items = await read(callId);
    expect(items.filter(({ kind }) => kind === 'gap')).toEqual([]);
    for (const { stream: number } of streams) {
      const own = packetsOf(items).filter((packet) => packet.stream === number);
      expect(own.map((packet) => (packet.kind === 'rtp' ? packet.sequence : -1))).toEqual(
        packets.map((_, index) => index),
      );
      expect(
        own.every((packet) => packet.kind === 'rtp' && TONE.equals(packet.bytes.subarray(packet.from, packet.to))),
      ).toBe(true);
    }
    for (const name of await readdir(audioFolder(folder))) {
      const bytes = await readFile(join(audioFolder(folder), name));
      expect(bytes.includes(TONE.subarray(0, 16))).toBe(false);
      expect(bytes.includes('INVITE')).toBe(false);
    }
  });

  it('keeps of a telephone-event when and how long, never the digit', async () => {
    const callId = opaqueId();
    const one = stream(0);
    await capture.open({ ...OPENED, callId }, [one]);
    const event = (duration: number, end: boolean) =>
      Buffer.from([7, end ? 0x8a : 0x0a, duration >> 8, duration & 255]);
    const datagrams = [event(160, false), event(320, false), event(480, true), event(480, true), event(480, true)];
    await send(
      one.rtpPort,
      datagrams.map((payload, index) => rtp(index, payload, 101, 8000)),
    );
    await capture.close(callId);

    const items = await read(callId);
    const events = packetsOf(items);
    expect(events.map((packet) => packet.kind)).toEqual(datagrams.map(() => 'event'));
    expect(events.map((packet) => (packet.kind === 'event' ? packet.durationTicks : 0))).toEqual([
      160, 320, 480, 480, 480,
    ]);
    for (const item of items) if (item.kind === 'packets') expect(item.body.includes(event(480, true))).toBe(false);
  });

  it('counts the packets of a call that is not kept, and of a held stream, and stores none', async () => {
    const [unkept, held] = [opaqueId(), opaqueId()];
    const [first, second] = [stream(0), stream(0, { state: 'held' })];
    await capture.open({ ...OPENED, callId: unkept, keep: false }, [first]);
    await capture.open({ ...OPENED, callId: held }, [second]);
    await send(first.rtpPort, [rtp(1, TONE), rtp(2, TONE)]);
    await send(second.rtpPort, [rtp(1, TONE)]);

    expect(await capture.close(unkept)).toMatchObject({ packets: 2, lastSequence: 0, segments: [] });
    expect(await capture.close(held)).toMatchObject({ packets: 1, lastSequence: 0, segments: [] });
  });

  it('refuses packets from outside the signalled addresses and counts them', async () => {
    const callId = opaqueId();
    const one = stream(0, { sourceAddress: '192.0.2.1' });
    await capture.open({ ...OPENED, callId }, [one]);
    await send(
      one.rtpPort,
      Array.from({ length: 20 }, (_, index) => rtp(index, TONE)),
    );
    await delay(1200);
    expect(capture.figures(callId)).toMatchObject([{ foreign: 20, packets: 0, source: null }]);
    expect(await capture.close(callId)).toMatchObject({ packets: 0, lastSequence: 0 });
  });

  it('says which port another program holds, and leaves nothing bound', async () => {
    const taken = stream(0);
    const other = createSocket('udp4');
    await new Promise<void>((resolve) => other.bind(taken.rtcpPort, '127.0.0.1', resolve));
    await expect(capture.open({ ...OPENED, callId: opaqueId() }, [taken])).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      key: 'rtp.ports',
    });
    await new Promise<void>((resolve) => other.close(resolve));
    const callId = opaqueId();
    await capture.open({ ...OPENED, callId }, [taken]);
    await capture.close(callId);
  });

  it('goes on with a call in a new epoch, and frees segments when their calls are done', async () => {
    const callId = opaqueId();
    const one = stream(0);
    await capture.open({ ...OPENED, callId }, [one]);
    await send(one.rtpPort, [rtp(1, TONE)]);
    await delay(100);
    // As a recorder that stands by: its thread has loaded before it is told what it is for.
    await warmThread();
    await capture.shutdown();
    capture = await start();
    await capture.open({ ...OPENED, callId, epoch: 1 }, [one]);
    await send(one.rtpPort, [rtp(2, TONE)]);
    const closed = await capture.close(callId);

    const items = await read(callId);
    expect(items.map((item) => [item.epoch, item.kind])).toEqual([
      [0, 'packets'],
      [1, 'packets'],
    ]);
    // Where the first start put its records is not known to the second.
    expect(closed).toMatchObject({ epoch: 1, lastSequence: 1, segments: [] });
    expect(await capture.listCalls()).toEqual(new Set([callId]));
    expect(await capture.free(() => false)).toEqual([]);
    expect(await capture.free(() => true)).toHaveLength(1);
    // What is left is the segment that is still open.
    expect(await readdir(audioFolder(folder))).toHaveLength(1);
  });
});
