import { createSocket, type Socket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectPackets, SILENCE } from '../e2e/channel.ts';
import { noise } from '../e2e/noise.ts';
import { metadataOf, RecordedSession } from '../e2e/recorded-session.ts';
import { RecordingClient } from '../e2e/recording-client.ts';
import { TestServer } from '../e2e/server.ts';
import { Shelf } from '../e2e/shelf.ts';
import { readWavFile } from '../e2e/wav-file.ts';
import { count, timeFor } from './counts.ts';
import { shown } from './shown.ts';
import { WitnessCall } from './witness-call.ts';

const FORGED = count('FORGED', 50_000, 1_000_000);
const BASE = 28_000;
const FORGERS = ['127.0.0.2', '127.0.0.3', '127.0.9.1'];

const folder = mkdtempSync(join(tmpdir(), 'earshot-attack-'));
writeFileSync(
  join(folder, 'earshot.yaml'),
  'trunks:\n  - name: peer\n    addresses: 127.0.0.1\n    media: 127.0.0.64/30\n',
);

function header(sequence: number, timestamp: number, ssrc: number): Buffer {
  const bytes = Buffer.alloc(172, 0x2a);
  bytes[0] = 0x80;
  bytes[1] = 0;
  bytes.writeUInt16BE(sequence & 0xffff, 2);
  bytes.writeUInt32BE(timestamp >>> 0, 4);
  bytes.writeUInt32BE(ssrc, 8);
  return bytes;
}

function openAt(address: string): Promise<Socket> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => socket.bind(0, address, () => resolve(socket)));
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('forged RTP', () => {
  const server = new TestServer({ basePort: BASE, env: { EARSHOT_CONFIG: join(folder, 'earshot.yaml') } });
  const shelf = new Shelf(server);
  let client: RecordingClient;

  beforeAll(async () => {
    await server.start();
    client = await RecordingClient.open(server, 'udp');
  });

  afterAll(async () => {
    await client.close();
    await server.remove();
    rmSync(folder, { recursive: true });
  });

  it(
    `${FORGED} packets over all ports, with the SSRCs of the call, put no sample into it and change no source`,
    async () => {
      const seconds = Math.max(4, Math.ceil(FORGED / 12_500));
      const witness = await WitnessCall.open(client, '+15550501', seconds);
      const streams = witness.session.streams;
      const forgers = await Promise.all(FORGERS.map(openAt));
      for (let sent = 0; sent < FORGED; sent += 1) {
        // A third goes where the call listens, the rest sweeps the range.
        const stream = streams[sent % 2]!;
        const port = sent % 3 === 0 ? stream.target!.port : BASE + 100 + (sent % 800);
        const packet = header(1000 + (sent >> 3), 160 * (sent >> 3), stream.port);
        forgers[sent % forgers.length]!.send(packet, port, '127.0.0.1');
        if (sent % 100 === 99) await pause(8);
      }
      // Figures of running calls are told once a second.
      let foreign = 0;
      await server.until('the attack to have reached the call', 3000, async () => {
        const live = await server.api<{ items: { streams: { foreign: number }[] }[] }>('GET', '/calls/live');
        foreign = live.items.flatMap((call) => call.streams).reduce((sum, stream) => sum + stream.foreign, 0);
        return foreign > FORGED / 5;
      });
      await shown(
        `${FORGED} forged RTP packets over all ports, from three addresses, with the SSRCs of the call`,
        'not one sample in the recording, no change of source',
        `${foreign} reached the call, each known as foreign`,
        async () => {
          await witness.expectUnharmed(shelf);
          const detail = await shelf.find('+15550501');
          expect(detail.tracks.map(({ packets }) => packets)).toEqual([seconds * 50, seconds * 50]);
          expect(detail.events.filter(({ type }) => type.includes('source'))).toEqual([]);
          expect(detail.tracks.map(({ duplicates, lost }) => [duplicates, lost])).toEqual([
            [0, 0],
            [0, 0],
          ]);
        },
      );
      for (const forger of forgers) forger.close();
    },
    timeFor(FORGED, 1),
  );

  it('is taken from the media ranges of the trunk, so the test above tests something', async () => {
    const call = await RecordedSession.open(client, { from: '+15550502' });
    const allowed = await openAt('127.0.0.66');
    for (let n = 0; n < 10; n++) allowed.send(header(n, 160 * n, 99), call.streams[0].target!.port, '127.0.0.1');
    await pause(300);
    await call.end();
    expect((await shelf.find('+15550502')).tracks[0]!.packets).toBe(10);
    allowed.close();
  });
});

describe('ports that are used again', () => {
  // Room for one call only: the next one gets the very same ports.
  const server = new TestServer({
    basePort: BASE,
    env: { EARSHOT_RTP_PORTS: `${BASE + 100}-${BASE + 103}`, EARSHOT_RTP_REST: '1' },
  });
  const shelf = new Shelf(server);
  let client: RecordingClient;

  beforeAll(async () => {
    await server.start();
    client = await RecordingClient.open(server, 'udp');
  });

  afterAll(async () => {
    await client.close();
    await server.remove();
  });

  const metadata = (number: string) =>
    metadataOf(
      number,
      { name: 'Alice', aor: `sip:${number}@example.com` },
      { name: 'Bob', aor: `sip:9${number}@example.com` },
    );

  it('leak nothing of a call whose peer never stops sending into the next one', async () => {
    const old = await RecordedSession.open(client, { from: '+15550511', metadata: metadata('+15550511') });
    const endless = old.speak(noise(511, 300), noise(512, 300));
    await pause(800);
    await old.session.bye();
    const ports = old.streams.map((stream) => stream.target!.port);
    let next: RecordedSession | undefined;
    await server.until('the ports to have rested', 5000, async () => {
      next = await RecordedSession.open(client, { from: '+15550512', metadata: metadata('+15550512') }).catch(
        () => undefined,
      );
      return next !== undefined;
    });
    expect(next!.streams.map((stream) => stream.target!.port)).toEqual(ports);
    // The old sender has the new call for itself at first.
    await pause(600);
    const payloads = [noise(513, 100), noise(514, 100)] as const;
    await next!.speak(...payloads);
    await next!.end();
    await endless;
    for (const stream of old.streams) stream.close();
    const { channels } = readWavFile(await shelf.export((await shelf.find('+15550512')).id));
    const all = new Set(Array.from({ length: 100 }, (_, index) => index));
    await shown(
      'ports used again while the peer of the call before never stops sending',
      'nothing of one call in the next',
      'the next call holds its own packets alone',
      () =>
        payloads.forEach((payload, side) => expectPackets(channels[side]!, payload, all, { silence: SILENCE.mulaw })),
    );
  });

  it('and a call that finds them all taken is refused in time, and the next one is not', async () => {
    await pause(1500);
    const holder = await RecordedSession.open(client, { from: '+15550513' });
    const from = performance.now();
    await expect(RecordedSession.open(client, { from: '+15550514' })).rejects.toThrow('503');
    expect(performance.now() - from).toBeLessThan(200);
    await holder.end();
    await pause(1500);
    const after = await RecordedSession.open(client, { from: '+15550515' });
    await after.end();
  });
});
