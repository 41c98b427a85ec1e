import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/base/ids.ts';
import { expectWhole, SILENCE } from '../channel.ts';
import { findHoles } from '../holes.ts';
import { noise } from '../noise.ts';
import { filesBelow } from '../plaintext-search.ts';
import { RecordingClient } from '../recording-client.ts';
import { TestServer } from '../server.ts';
import { Shelf } from '../shelf.ts';
import { readWavFile } from '../wav-file.ts';
import { baresipCall } from './baresip.ts';
import { newKeys, SecureCall } from './secure-call.ts';

const server = new TestServer({ basePort: 15_000, env: { EARSHOT_LOG: 'debug' } });
const shelf = new Shelf(server);
let client: RecordingClient;
/** Every master key of these tests in base64, ours and the server's: none of it may be anywhere. */
const keyTexts = new Set<string>();

function keysOf(name: string) {
  const keys = newKeys(name);
  keyTexts.add(keys.masters[0]!.keyAndSalt.toString('base64'));
  return keys;
}

beforeAll(async () => {
  await server.start();
  client = await RecordingClient.open(server, 'tls');
});

afterAll(async () => {
  await client.close();
  await server.remove();
});

/** The recorder's figures: of the calls that run now. */
async function figures(): Promise<Record<string, number>> {
  const text = (await server.api<Buffer>('GET', '/metrics')).toString();
  return Object.fromEntries(
    [...text.matchAll(/^earshot_(\w+) (\S+)$/gm)].map(([, name, value]) => [name, Number(value)]),
  );
}

async function channelOf(number: string, channel = 0): Promise<Buffer> {
  const detail = await shelf.find(number);
  return readWavFile(await shelf.export(detail.id)).channels[channel]!;
}

/** Packets of the call that is attacked; fifty hostile ones come with each. 100,000 in the long run, and in the unit tests. */
const SPOKEN = process.env['EARSHOT_ATTACK'] === 'long' ? 2000 : 500;

describe('our own client under SRTP', () => {
  it.each([
    ['AES_CM_128_HMAC_SHA1_80', '0102001'],
    ['AES_CM_128_HMAC_SHA1_32', '0102002'],
    ['AEAD_AES_128_GCM', '0102003'],
    ['AEAD_AES_256_GCM', '0102004'],
  ])('with %s is recorded on both streams, byte for byte', async (suite, number) => {
    const sent = [noise(Number(number), 100), noise(Number(number) + 7, 100)] as const;
    const leg = (name: string, aor: string, audio: Buffer) => ({
      party: { name, aor },
      payloadType: 0 as const,
      audio,
      srtp: keysOf(suite),
    });
    await client.place([
      leg('Alice', `sip:+1555${number}@example.com`, sent[0]),
      leg('Bob', `sip:9${number}@example.com`, sent[1]),
    ]);
    const detail = await shelf.find(number);
    const wav = readWavFile(await shelf.export(detail.id));
    sent.forEach((payload, channel) => expectWhole(wav.channels[channel]!, payload, { silence: SILENCE.mulaw }));
  });

  it('may change its keys in the midst of the call, and repeat its offer, without a gap', async () => {
    const payload = noise(2010, 250);
    const call = await SecureCall.open(client, '+15550102010', keysOf('AES_CM_128_HMAC_SHA1_80'));
    await call.speak(payload, 80);
    const before = call.answeredKey;
    await call.refresh();
    expect(call.answeredKey, 'our own key stays the same').toBe(before);
    await call.speak(payload, 160);
    await call.rekey(keysOf('AEAD_AES_256_GCM'));
    await call.speak(payload, 250);
    keyTexts.add(before).add(call.answeredKey);
    await call.end();
    const { wrong, holes, present } = findHoles(await channelOf('0102010'), payload);
    expect({ wrong, holes, present }).toEqual({ wrong: 0, holes: [], present: 250 });
  });

  it('is refused when it asks for what we do not do, without its key in the refusal', async () => {
    const keys = keysOf('AES_CM_128_HMAC_SHA1_80');
    for (const parameter of [' UNENCRYPTED_SRTP', ' KDR=4', ' UNAUTHENTICATED_SRTP'])
      await expect(SecureCall.open(client, '+15550102020', keys, 1, parameter)).rejects.toThrow('488');
  });

  it('goes on after a kill of the recorder, although its sequence number has wrapped before', async () => {
    const payload = noise(2030, 500);
    const call = await SecureCall.open(client, '+15550102030', keysOf('AES_CM_128_HMAC_SHA1_80'), 65_500);
    await call.speak(payload, 150);
    process.kill(server.pidOf('recorder'), 'SIGKILL');
    await call.speak(payload, 500);
    await call.end();
    const { wrong, holes, present } = findHoles(await channelOf('0102030'), payload);
    expect(wrong).toBe(0);
    expect(holes).toHaveLength(1);
    expect(present, 'audio from before and after').toBeGreaterThan(200);
    expect(present + holes[0]!.count).toBe(500);
  });

  it(`is recorded unchanged under ${SPOKEN * 50} forged and replayed packets`, async () => {
    const payload = noise(2040, SPOKEN);
    const call = await SecureCall.open(client, '+15550102040', keysOf('AES_CM_128_HMAC_SHA1_80'));
    const stranger = createSocket('udp4');
    const wires: Buffer[] = [];
    await call.speak(payload, SPOKEN, (wire, number) => {
      wires.push(wire);
      const forged = Array.from({ length: 25 }, (_, turn) => forgery(wire, turn));
      for (const other of forged.splice(0, 12)) stranger.send(other, call.port, '127.0.0.1');
      const replayed = Array.from({ length: 25 }, (_, turn) => wires[(number * 31 + turn * 7) % wires.length]!);
      return [...forged, ...replayed];
    });
    stranger.close();
    // A forgery under a sequence number that was heard already is not looked at further; a stranger's is not looked at at all. A busy
    // machine's kernel drops some of either kind, and of the call's own.
    const refused = ['rtp_unauthenticated_packets', 'rtp_replayed_packets', 'rtp_foreign_packets'];
    let counts: number[] = [];
    await server.until('the figures to tell of nearly all', 10_000, async () => {
      const now = await figures();
      counts = refused.map((name) => now[name]!);
      return now['rtp_packets']! >= SPOKEN * 0.99 && counts.reduce((sum, count) => sum + count, 0) >= SPOKEN * 49.5;
    });
    expect(Math.min(...counts)).toBeGreaterThan(SPOKEN * 2.5);
    await call.end();
    const { wrong, present } = findHoles(await channelOf('0102040'), payload);
    expect(wrong).toBe(0);
    const { tracks } = await shelf.find('0102040');
    expect(tracks[0]).toMatchObject({ packets: present, lost: SPOKEN - present, duplicates: 0, reordered: 0 });
  });
});

/** A packet that is not authentic: damaged, of another sequence number, of another source, or plain noise. */
function forgery(wire: Buffer, turn: number): Buffer {
  const bytes = Buffer.from(wire);
  if (turn % 4 === 0) bytes[20]! ^= 0x40;
  if (turn % 4 === 1) bytes.writeUInt16BE((bytes.readUInt16BE(2) + 1 + turn) & 0xffff, 2);
  if (turn % 4 === 2) bytes.writeUInt32BE(turn, 8);
  if (turn % 4 === 3) systemRandom(bytes.length - 12).copy(bytes, 12);
  return bytes;
}

describe('baresip, which demands SRTP', () => {
  it('is recorded as it spoke', async () => {
    // µ-law has two zeros; an encoder writes one of them.
    const payload = Buffer.from(noise(2050, 150).map((byte) => (byte === 0x7f ? 0x7e : byte)));
    const output = await baresipCall({
      port: server.sipPort,
      ownPort: 15_950,
      from: '15550102050',
      payload,
      seconds: 6,
    });
    for (const [, key] of output.matchAll(/inline:([A-Za-z0-9+/=]+)/g)) keyTexts.add(key!);
    expect(output).toContain('SRTP is Enabled (cryptosuite=AES_CM_128_HMAC_SHA1_80)');
    const channel = await channelOf('0102050');
    expect(channel.indexOf(payload.subarray(0, 160)), 'the first packet').toBeGreaterThanOrEqual(0);
    expect(channel.includes(payload), 'the whole file').toBe(true);
  });
});

describe('the keys', () => {
  const readings = (key: string) => {
    const raw = Buffer.from(key, 'base64');
    // The key without its salt is what must not be found; a piece of it is enough.
    return [Buffer.from(key.slice(0, 16)), Buffer.from(raw.subarray(0, 16).toString('hex')), raw.subarray(0, 16)];
  };

  it('stand in no trace', async () => {
    const { id } = await shelf.find('0102010');
    const trace = JSON.stringify(await server.api('GET', `/recordings/${id}/trace`));
    expect(trace.match(/inline:\*{40}/g)!.length).toBeGreaterThanOrEqual(4);
    for (const key of keyTexts) expect(trace).not.toContain(key.slice(0, 8));
  });

  it('stand in no log and in no file of the data folder', () => {
    expect(keyTexts.size).toBeGreaterThanOrEqual(14);
    const files = filesBelow(server.dataDir).map((path) => ({ path, bytes: readFileSync(path) }));
    expect(files.length).toBeGreaterThan(50);
    for (const key of keyTexts) {
      for (const reading of readings(key)) {
        expect(server.output.includes(reading.toString('latin1'))).toBe(false);
        expect(files.filter(({ bytes }) => bytes.includes(reading)).map(({ path }) => path)).toEqual([]);
      }
    }
  });
});
