import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFixture } from '../../src/intake/siprec/fixtures.ts';
import { expectWhole, SILENCE } from './channel.ts';
import { noise } from './noise.ts';
import { describe as sdpOf, metadataOf, RecordedSession, targetsOf, TELEPHONE_EVENT } from './recorded-session.ts';
import { RecordingClient } from './recording-client.ts';
import { RtpSource } from './rtp-source.ts';
import { TestServer } from './server.ts';
import { Shelf } from './shelf.ts';
import { readWavFile } from './wav-file.ts';
import { WirePeer } from './wire-peer.ts';

const MOST_CALLS = 12;
const TRUNKS = `
trunks:
  - name: plain
    addresses: 127.0.0.1
    media: 127.0.0.0/8
  - name: secret
    addresses: 127.0.0.2
    media: 127.0.0.0/8
    digest: { username: client, password: open-sesame }
`;

const folder = mkdtempSync(join(tmpdir(), 'earshot-trunks-'));
writeFileSync(join(folder, 'earshot.yaml'), TRUNKS);
const server = new TestServer({
  basePort: 21_000,
  env: { EARSHOT_CONFIG: join(folder, 'earshot.yaml'), EARSHOT_MAX_CALLS: String(MOST_CALLS) },
});
const shelf = new Shelf(server);
let client: RecordingClient;
let peer: WirePeer;

beforeAll(async () => {
  await server.start();
  client = await RecordingClient.open(server, 'udp');
  peer = await WirePeer.open(server.sipPort);
});

afterAll(async () => {
  peer.close();
  await client.close();
  await server.remove();
  rmSync(folder, { recursive: true });
});

const party = (name: string, number: string) => ({ name, aor: `sip:${number}@example.com` });
const metadata = (number: string) => metadataOf(number, party('Alice', number), party('Bob', `9${number}`));
const exported = async (id: string) => readWavFile(await shelf.export(id)).channels;

const liveCalls = async () => (await server.api<{ items: unknown[] }>('GET', '/calls/live')).items;

describe.concurrent('a session', () => {
  it('that is held and goes on has both stretches of speech, and silence between', async () => {
    const number = '+15550201';
    const before = [noise(1, 50), noise(2, 50)] as const;
    const after = [noise(3, 50), noise(4, 50)] as const;
    const call = await RecordedSession.open(client, { from: number, metadata: metadata(number) });
    await call.speak(...before);
    expect(await call.change('inactive')).toContain('a=inactive');
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(await call.change('sendonly')).toContain('a=recvonly');
    await call.speak(...after);
    await call.end();
    const detail = await shelf.find(number);
    const types = detail.events.map(({ type }) => type);
    expect(types.filter((type) => type === 'stream-held')).toHaveLength(2);
    expect(types.filter((type) => type === 'stream-resumed')).toHaveLength(2);
    const channels = await exported(detail.id);
    for (const side of [0, 1] as const) {
      const channel = channels[side]!;
      const start = channel.indexOf(before[side].subarray(0, 160));
      const resumed = channel.indexOf(after[side].subarray(0, 160));
      expect(resumed - start - before[side].length).toBeGreaterThan(0.55 * 8000);
      expectWhole(channel.subarray(0, resumed), before[side], { silence: SILENCE.mulaw });
      expectWhole(channel.subarray(resumed), after[side], { silence: SILENCE.mulaw });
    }
  });

  it('whose client leaves the offer to us is recorded', async () => {
    const number = '+15550202';
    const sent = [noise(5, 50), noise(6, 50)] as const;
    const call = await RecordedSession.open(client, { from: number, metadata: metadata(number), lateOffer: true });
    await call.speak(...sent);
    await call.end();
    const detail = await shelf.find(number);
    expect(detail.parties.map(({ name, channel }) => [name, channel])).toEqual([
      ['Alice', 0],
      ['Bob', 1],
    ]);
    const channels = await exported(detail.id);
    sent.forEach((payload, side) => expectWhole(channels[side]!, payload, { silence: SILENCE.mulaw }));
  });

  it('without metadata is recorded, and says that there was none', async () => {
    const number = '+15550203';
    const sent = [noise(7, 50), noise(8, 50)] as const;
    const call = await RecordedSession.open(client, { from: number });
    await call.speak(...sent);
    await call.end();
    const detail = await shelf.find(number);
    expect(detail.warnings.join('\n')).toMatch(/metadata/i);
    const channels = await exported(detail.id);
    sent.forEach((payload, side) => expectWhole(channels[side]!, payload, { silence: SILENCE.mulaw }));
  });

  it('with metadata that nobody can read is recorded, with a warning', async () => {
    const number = '+15550204';
    const sent = [noise(9, 50), noise(10, 50)] as const;
    const call = await RecordedSession.open(client, { from: number, metadata: '<recording><participant' });
    await call.speak(...sent);
    await call.end();
    const detail = await shelf.find(number);
    expect(detail.warnings.join('\n')).toMatch(/metadata/i);
    const channels = await exported(detail.id);
    sent.forEach((payload, side) => expectWhole(channels[side]!, payload, { silence: SILENCE.mulaw }));
  });

  it('takes new metadata by UPDATE', async () => {
    const number = '+15550205';
    const call = await RecordedSession.open(client, { from: number, metadata: metadata(number) });
    await call.speak(noise(11, 25), noise(12, 25));
    const changed = metadataOf(number, party('Alice', number), party('Carol', '+15550206'))
      .replaceAll(`callee-${number}`, `third-${number}`)
      .replaceAll(`stream2-${number}`, `stream3-${number}`);
    const answer = await call.session.request('UPDATE', { body: changed, contentType: 'application/rs-metadata+xml' });
    expect(answer.status).toBe(200);
    await call.speak(noise(13, 25), noise(14, 25));
    await call.end();
    const detail = await shelf.find(number);
    expect(detail.parties.map(({ name }) => name)).toEqual(expect.arrayContaining(['Alice', 'Bob', 'Carol']));
    const told = detail.events.map(({ type, text }) => `${type}: ${text}`);
    expect(told).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^party-left: Bob/),
        expect.stringMatching(/^party-joined: Carol/),
      ]),
    );
  });

  it('keeps no digit that a caller presses', async () => {
    const number = '+15550207';
    const sent = [noise(15, 25), noise(16, 25)] as const;
    const call = await RecordedSession.open(client, { from: number, metadata: metadata(number) });
    await call.speak(...sent);
    await call.streams[0].press(TELEPHONE_EVENT, 7, 8);
    const info = { body: 'Signal=7\r\nDuration=160\r\n', contentType: 'application/dtmf-relay' };
    expect((await call.session.request('INFO', info)).status).toBe(200);
    await call.end();
    const detail = await shelf.find(number);
    const pressed = detail.tracks.find(({ channel }) => channel === 0)!;
    expect(pressed).toMatchObject({ packets: 35, lost: 0, detail: { events: 10 } });
    const manifest = await server.api<unknown>('GET', `/recordings/${detail.id}/manifest`);
    const trace = await server.api<{ messages: { text: string }[] }>('GET', `/recordings/${detail.id}/trace`);
    expect(trace.messages.some(({ text }) => text.startsWith('INFO'))).toBe(true);
    const everything = JSON.stringify([detail, manifest, trace]);
    expect(everything).not.toMatch(/signal\s*=\s*7/i);
    expect(everything).not.toMatch(/"(?:digit|key|event|dtmf)s?":\s*"?7/i);
    const channels = await exported(detail.id);
    sent.forEach((payload, side) => expectWhole(channels[side]!, payload, { silence: SILENCE.mulaw }));
  });

  it('of BroadWorks, as on the wire, has its parties, direction and ids', async () => {
    const wire = await WirePeer.open(server.sipPort);
    const streams = [await RtpSource.open('127.0.0.1', 8), await RtpSource.open('127.0.0.1', 8)] as const;
    const local = (bytes: Buffer) =>
      Buffer.from(bytes.toString().replaceAll('192.0.2.10:5060', `127.0.0.1:${wire.port}`));
    const [invite] = readFixture('broadworks');
    const callId = 'BW090000000050126-1@192.0.2.70';
    wire.send(local(invite!.bytes));
    const answer = await wire.final('INVITE', callId);
    expect(answer.status).toBe(200);
    const follow = (method: string, seq: number) =>
      [
        `${method} ${/<(.*)>/.exec(answer.headers.get('contact')!)![1]} SIP/2.0`,
        `Via: SIP/2.0/UDP 127.0.0.1:${wire.port};branch=z9hG4bKBW-${method}`,
        'From: "Alice"<sip:+15550101@192.0.2.70;user=phone>;tag=b1',
        `To: ${answer.headers.get('to')}`,
        `Call-ID: ${callId}`,
        `CSeq: ${seq} ${method}`,
        'Content-Length: 0',
        '\r\n',
      ].join('\r\n');
    wire.send(follow('ACK', 1));
    const sent = [noise(17, 50), noise(18, 50)] as const;
    targetsOf(answer.body).forEach((target, side) => {
      streams[side]!.target = target;
    });
    await Promise.all(streams.map((stream, side) => stream.speak(sent[side]!)));
    wire.send(follow('BYE', 2));
    expect((await wire.final('BYE', callId)).status).toBe(200);
    const detail = await shelf.find('+15550101');
    // The recorded user's half of the call is the originating one.
    expect(detail.direction).toBe('OUT');
    expect(detail.parties.map(({ number, role, channel }) => [number, role, channel])).toEqual([
      ['+15550101', 'caller', 0],
      ['2002', 'callee', 1],
    ]);
    expect(Object.values(detail.vendorIds)).toEqual(expect.arrayContaining(['152463:1', 'callhalf-12345:0']));
    const channels = await exported(detail.id);
    sent.forEach((payload, side) => expectWhole(channels[side]!, payload, { silence: SILENCE.alaw }));
    wire.close();
    for (const stream of streams) stream.close();
  });
});

describe('a request', () => {
  const offer = sdpOf([30_000, 30_002]);

  it('to cancel a call that is not answered yet leaves no recording', async () => {
    const number = '+15550211';
    const overTcp = (text: string) => text.replaceAll('+15550199', number).replace('SIP/2.0/UDP', 'SIP/2.0/TCP');
    const invite = peer.request('INVITE', 'cancelled', ['Require: siprec', 'Content-Type: application/sdp'], offer);
    const socket = connect(server.sipPort, '127.0.0.1');
    let answers = '';
    socket.on('data', (bytes: Buffer) => (answers += bytes.toString()));
    // In one piece, so that both are there before the server has looked at the first.
    socket.write(overTcp(invite) + overTcp(peer.request('CANCEL', 'cancelled')));
    const finalOf = (method: string) =>
      new RegExp(`^SIP/2.0 ([2-6]\\d\\d) (?:(?!^SIP/2.0)[^])*?^CSeq: 1 ${method}\r`, 'm').exec(answers)?.[1];
    await server.until('both answers', 5000, () => finalOf('CANCEL') !== undefined && finalOf('INVITE') !== undefined);
    expect([finalOf('CANCEL'), finalOf('INVITE')]).toEqual(['200', '487']);
    socket.write(overTcp(peer.request('ACK', 'cancelled')));
    socket.end();
    // By the time that a later call is in the list, this one would be.
    const later = await RecordedSession.open(client, { from: '+15550214' });
    await later.end();
    await shelf.find('+15550214');
    expect(await shelf.list(number)).toEqual([]);
    await server.until('no call to run', 5000, async () => (await liveCalls()).length === 0);
  });

  it.each([
    ['OPTIONS', [], '', 200, 'allow', /INVITE.*UPDATE/],
    ['REGISTER', [], '', 405, 'allow', /INVITE/],
    ['LEVITATE', [], '', 501, 'allow', /INVITE/],
    ['INVITE', ['Content-Type: image/png'], 'x', 415, 'accept', /application\/sdp/],
    ['INVITE', ['Content-Type: text/plain'], 'x', 415, 'accept', /application\/sdp/],
    [
      'INVITE',
      ['Require: siprec, levitation', 'Content-Type: application/sdp'],
      offer,
      420,
      'unsupported',
      /^levitation$/,
    ],
  ] as const)('%s %j is answered as the RFC says', async (method, headers, body, status, name, value) => {
    const answer = await peer.ask(method, headers, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get(name)).toMatch(value);
  });

  it('from an address of no trunk is refused', async () => {
    const stranger = await WirePeer.open(server.sipPort, '127.0.0.3');
    const answer = await stranger.ask('INVITE', ['Require: siprec', 'Content-Type: application/sdp'], offer);
    expect(answer.status).toBe(403);
    stranger.close();
  });

  it('on a trunk with a password needs the right one', async () => {
    const guest = await RecordingClient.open(server, 'udp', '127.0.0.2');
    const invite = (password?: string) =>
      guest.agent.invite({
        target: `sip:recorder@127.0.0.1:${server.sipPort}`,
        destination: guest.destination,
        protocol: 'udp',
        from: '<sip:+15550212@example.com>',
        body: offer,
        contentType: 'application/sdp',
        ...(password === undefined ? {} : { digest: { username: 'client', password } }),
      });
    const without = await invite();
    expect([without.response.status, without.response.headers.get('WWW-Authenticate')]).toEqual([
      401,
      expect.stringMatching(/^Digest .*nonce=/),
    ]);
    expect((await invite('wrong')).session).toBeUndefined();
    const { session, response } = await invite('open-sesame');
    expect(response.status).toBe(200);
    await session?.bye();
    await guest.close();
  });
});

describe('more calls than the server is set to take', () => {
  const calls: RecordedSession[] = [];
  /** Calls that have just ended may count for a moment more. */
  const openWhenFree = () =>
    server.until('a free place', 5000, async () => {
      const call = await RecordedSession.open(client, { from: '+15550213' }).catch(() => undefined);
      if (call !== undefined) calls.push(call);
      return call !== undefined;
    });

  it('are told to come back later; when one ends, the next is taken', async () => {
    while (calls.length < MOST_CALLS) await openWhenFree();
    const offer = sdpOf([30_004, 30_006]);
    const answer = await peer.ask('INVITE', ['Require: siprec', 'Content-Type: application/sdp'], offer);
    expect(answer.status).toBe(503);
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    await calls.pop()!.end();
    await openWhenFree();
    expect(calls).toHaveLength(MOST_CALLS);
    await Promise.all(calls.map((call) => call.end()));
  });
});
