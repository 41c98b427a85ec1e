import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordingDetail } from '../../src/api/recordings/schema.ts';
import type { TestLeg } from '../../src/cli/caller/place-call.ts';
import type { Protocol } from '../../src/sip/transport/types.ts';
import { expectPackets, expectWhole, SILENCE } from './channel.ts';
import { impairment, type Fates, type Impairment } from './impairment.ts';
import { noise, seededNumbers } from './noise.ts';
import { decode, decodeFile, decodeLaw } from './program.ts';
import { RecordingClient } from './recording-client.ts';
import { TestServer } from './server.ts';
import { Shelf } from './shelf.ts';
import { sippCall } from './sipp/sipp.ts';
import { readWavFile, split } from './wav-file.ts';

const server = new TestServer({ basePort: 20_000 });
const shelf = new Shelf(server);
const clients = new Map<Protocol, RecordingClient>();

beforeAll(async () => {
  await server.start();
  for (const protocol of ['udp', 'tcp', 'tls'] as const) {
    clients.set(protocol, await RecordingClient.open(server, protocol));
  }
});

afterAll(async () => {
  for (const client of clients.values()) await client.close();
  await server.remove();
});

/** Two parties with numbers of their own, so that the recording is found by them. */
function legs(
  number: string,
  audio: readonly [Buffer, Buffer],
  types: readonly [0 | 8, 0 | 8] = [0, 0],
): [TestLeg, TestLeg] {
  const caller = { name: 'Alice', aor: `sip:+1555${number}@example.com` };
  const callee = { name: 'Bob', aor: `sip:9${number}@example.com` };
  return [
    { party: caller, payloadType: types[0], audio: audio[0] },
    { party: callee, payloadType: types[1], audio: audio[1] },
  ];
}

function track(detail: RecordingDetail, channel: number) {
  return detail.tracks.find((one) => one.channel === channel)!;
}

describe.concurrent('what a peer sends', () => {
  it.each([
    ['UDP', 'u1', process.getuid?.() === 0 ? 'pcap' : 'stream', 20_920, '0100101'],
    ['TCP', 't1', 'stream', 20_940, '0100102'],
  ] as const)('by sipp over %s is in the export, byte for byte', async (_name, transport, media, mediaPort, number) => {
    const payload = noise(mediaPort, 150);
    await sippCall({ port: server.sipPort, transport, media, mediaPort, number, payload });
    const detail = await shelf.find(number);
    expect(track(detail, 0)).toMatchObject({ packets: 150, lost: 0, duplicates: 0, reordered: 0 });
    const wav = readWavFile(await shelf.export(detail.id));
    expect(wav).toMatchObject({ format: 7, rate: 8000 });
    expectWhole(wav.channels[0]!, payload, { silence: SILENCE.mulaw });
    expect(new Set(wav.channels[1])).toEqual(new Set([SILENCE.mulaw]));
  });

  it.each([
    ['udp', 'mulaw', 0, '0100111'],
    ['tcp', 'alaw', 8, '0100112'],
    ['tls', 'mulaw', 0, '0100113'],
  ] as const)('on both streams over %s is on its own channel, byte for byte', async (protocol, law, type, number) => {
    const sent = [noise(Number(number), 150), noise(Number(number) + 50, 150)] as const;
    const report = await clients.get(protocol)!.place(legs(number, sent, [type, type]));
    expect(report.packets).toEqual([150, 150]);
    const detail = await shelf.find(number);
    expect(detail.parties.map(({ name, channel }) => [name, channel])).toEqual([
      ['Alice', 0],
      ['Bob', 1],
    ]);
    const wav = readWavFile(await shelf.export(detail.id));
    expect(wav.format).toBe(law === 'mulaw' ? 7 : 6);
    sent.forEach((payload, channel) => expectWhole(wav.channels[channel]!, payload, { silence: SILENCE[law] }));
    expect(Math.abs(detail.durationMs - 3000)).toBeLessThan(100);
  });
});

describe.concurrent('a bad network', () => {
  it.each([
    ['loses 1 %', { loss: 0.01, reorder: 0, duplicate: 0 }, '0100121'],
    ['loses 5 %', { loss: 0.05, reorder: 0, duplicate: 0 }, '0100122'],
    ['loses 20 %', { loss: 0.2, reorder: 0, duplicate: 0 }, '0100123'],
    ['reorders', { loss: 0, reorder: 0.1, duplicate: 0 }, '0100124'],
    ['repeats', { loss: 0, reorder: 0, duplicate: 0.1 }, '0100125'],
    ['does all at once', { loss: 0.1, reorder: 0.1, duplicate: 0.1 }, '0100126'],
  ] as const)('that %s shifts nothing and is reported exactly', async (_name, fates: Fates, number) => {
    const packets = 240;
    const fate = [
      impairment(Number(number) + 1000, packets, fates),
      impairment(Number(number) + 1050, packets, fates),
    ] as const;
    const sent = [noise(Number(number), packets), noise(Number(number) + 9, packets)] as const;
    const [caller, callee] = legs(number, sent);
    const impaired = [
      { ...caller, impair: turnsOf(fate[0]) },
      { ...callee, impair: turnsOf(fate[1]) },
    ] as const;
    await clients.get('udp')!.place(impaired);
    const detail = await shelf.find(number);
    const wav = readWavFile(await shelf.export(detail.id));
    for (const channel of [0, 1] as const) {
      const { arrived, lost, duplicates, reordered } = fate[channel];
      expect(lost + duplicates + reordered, 'the network did something').toBeGreaterThan(0);
      expect(track(detail, channel)).toMatchObject({ packets: arrived.size, lost, duplicates, reordered });
      expectPackets(wav.channels[channel]!, sent[channel], arrived, { silence: SILENCE.mulaw });
    }
  });
});

function turnsOf(fate: Impairment): (index: number) => readonly number[] {
  return (index) => fate.turns[index]!;
}

describe('a call with A-law on one side and µ-law on the other', () => {
  const number = '0100131';
  const sent = [noise(131, 150), noise(132, 150)] as const;
  let detail: RecordingDetail;
  let pcm: readonly [Buffer, Buffer];

  beforeAll(async () => {
    await clients.get('udp')!.place(legs(number, sent, [8, 0]));
    detail = await shelf.find(number);
    pcm = [await decodeLaw('alaw', sent[0]), await decodeLaw('mulaw', sent[1])];
  });

  it('is kept as FLAC whose samples are exactly those that were sent', async () => {
    expect(detail).toMatchObject({ container: 'flac', codec: 'PCMA+PCMU' });
    const channels = split(await decode(await shelf.export(detail.id)), 2, 2);
    pcm.forEach((samples, channel) => expectWhole(channels[channel]!, samples, { silence: 0, width: 2 }));
  });

  it('comes as 16-bit WAV with the same samples, whole and by any range', async () => {
    const whole = await shelf.export(detail.id, 'wav');
    const wav = readWavFile(whole);
    expect(wav).toMatchObject({ format: 1, bits: 16, rate: 8000 });
    pcm.forEach((samples, channel) => expectWhole(wav.channels[channel]!, samples, { silence: 0, width: 2 }));
    const next = seededNumbers(5);
    for (let turn = 0; turn < 40; turn++) {
      const from = Math.floor(next() * whole.length);
      const to = Math.min(whole.length - 1, from + Math.floor(next() * 20_000));
      const part = await fetchPart(detail.id, from, to);
      expect(part.equals(whole.subarray(from, to + 1)), `bytes ${from} to ${to}`).toBe(true);
    }
  });

  it('comes as MP3, Opus and µ-law of the right length', async () => {
    const samples = Math.round((detail.durationMs * 8000) / 1000);
    const ul = await shelf.export(detail.id, 'ul');
    expect(Math.abs(ul.length - samples)).toBeLessThanOrEqual(8);
    const mp3 = await decodeFile(await shelf.export(detail.id, 'mp3'));
    // Stereo, 16 bits; ffmpeg cuts off what the file says is not of the recording.
    expect(Math.abs(mp3.length / 4 - samples)).toBeLessThanOrEqual(8);
    // Opus is decoded at 48 kHz.
    const opus = await decodeFile(await shelf.export(detail.id, 'opus'));
    expect(Math.abs(opus.length / 24 - samples)).toBeLessThanOrEqual(8);
  });
});

async function fetchPart(id: string, from: number, to: number): Promise<Buffer> {
  const response = await fetch(`${server.url}/api/v1/recordings/${id}/audio?format=wav`, {
    headers: { authorization: `Bearer ${server.localToken}`, range: `bytes=${from}-${to}` },
  });
  expect(response.status).toBe(206);
  return Buffer.from(await response.arrayBuffer());
}
