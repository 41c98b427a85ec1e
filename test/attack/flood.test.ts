import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectTcp, type Socket as StreamSocket } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BreakingOff } from './breaking-off.ts';
import { RecordingClient } from '../e2e/recording-client.ts';
import { TestServer } from '../e2e/server.ts';
import { Shelf } from '../e2e/shelf.ts';
import { WirePeer } from '../e2e/wire-peer.ts';
import { count, timeFor } from './counts.ts';
import { recorderFigures, recorderProcess } from './process-figures.ts';
import { shown } from './shown.ts';
import { TORTURE } from './torture-messages.ts';
import { WitnessCall } from './witness-call.ts';

const FLOOD = count('FLOOD', 20_000, 1_000_000);
const CLOSES = count('CLOSES', 1000, 10_000);
const SLOW = count('SLOW', 300, 3000);
/** MB that the recorder may grow by under any of it. */
const GROWTH = 150;
const ADDRESSES = 200;

const server = new TestServer({ basePort: 29_000 });
const shelf = new Shelf(server);
let client: RecordingClient;
let pid: number;

beforeAll(async () => {
  await server.start();
  client = await RecordingClient.open(server, 'udp');
  pid = server.pidOf('recorder');
});

afterAll(async () => {
  await client.close();
  await server.stop();
});

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** The recorder lives, answers, and has let go of what it held. */
async function expectUnmoved(before: ReturnType<typeof recorderProcess>): Promise<void> {
  expect(server.pidOf('recorder')).toBe(pid);
  const peer = await WirePeer.open(server.sipPort, '127.0.0.250');
  expect((await peer.ask('OPTIONS')).status).toBe(200);
  peer.close();
  // Finished connections and answered transactions need a moment to be forgotten.
  await server.until('sockets to be given back', 45_000, () => recorderProcess(server).sockets <= before.sockets + 2);
  expect(recorderProcess(server).resident - before.resident).toBeLessThan(GROWTH);
}

const grownBy = (before: ReturnType<typeof recorderProcess>): string =>
  (recorderProcess(server).resident - before.resident).toFixed(0);

function openAll(addresses: number): Promise<Socket[]> {
  return Promise.all(
    Array.from({ length: addresses }, (_, index) => {
      const socket = createSocket('udp4');
      return new Promise<Socket>((resolve) =>
        socket.bind(0, `127.0.${1 + (index >> 7)}.${1 + (index & 127)}`, () => resolve(socket)),
      );
    }),
  );
}

describe.each(['REGISTER', 'MESSAGE', 'OPTIONS'])('a flood of %s from many addresses', (method) => {
  it(
    'costs bounded memory, leaves no transaction, and no sample of a call in progress',
    async () => {
      const before = recorderProcess(server);
      const seconds = Math.max(3, Math.ceil(FLOOD / 20_000));
      const number = `+1555040${method.length}`;
      const witness = await WitnessCall.open(client, number, seconds);
      const sockets = await openAll(ADDRESSES);
      const body = 'x'.repeat(1000);
      for (let sent = 0; sent < FLOOD; sent += 1) {
        const socket = sockets[sent % ADDRESSES]!;
        const { address, port } = socket.address();
        const request = [
          `${method} sip:recorder@127.0.0.1 SIP/2.0`,
          `Via: SIP/2.0/UDP ${address}:${port};branch=z9hG4bKf${method}${sent}`,
          `From: <sip:f@${address}>;tag=${sent}`,
          'To: <sip:recorder@127.0.0.1>',
          `Call-ID: flood-${method}-${sent}`,
          `CSeq: 1 ${method}`,
          'Max-Forwards: 70',
          `Content-Length: ${body.length}`,
          '',
          body,
        ].join('\r\n');
        socket.send(request, server.sipPort, '127.0.0.1');
        if (sent % 100 === 99) await pause(seconds === 3 ? 8 : 1);
      }
      const figures = await recorderFigures(server);
      for (const socket of sockets) socket.close();
      await shown(
        `${FLOOD} ${method} from ${ADDRESSES} addresses, a kilobyte each`,
        `no sample of a call lost, memory grows by less than ${GROWTH} MB, no transaction left`,
        () => `${grownBy(before)} MB more, ${figures['sip_transactions']} transactions`,
        async () => {
          expect(figures['sip_transactions']).toBeLessThan(10);
          await witness.expectUnharmed(shelf);
          await expectUnmoved(before);
        },
      );
    },
    timeFor(FLOOD, 1),
  );
});

function dial(): Promise<StreamSocket> {
  return new Promise((resolve) => {
    const socket = connectTcp(server.sipPort, '127.0.0.1', () => resolve(socket));
    socket.on('error', () => resolve(socket));
  });
}

const HALF = 'INVITE sip:recorder@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKhalf\r\nCall-ID: ha';

describe.each(['tcp', 'tls'] as const)('connections over %s', (kind) => {
  it(
    `that break off, ${CLOSES} of them, at every stage, leave nothing behind`,
    async () => {
      const before = recorderProcess(server);
      const witness = await WitnessCall.open(client, kind === 'tcp' ? '+15550411' : '+15550412', 3);
      const plan: BreakingOff = { kind, port: kind === 'tcp' ? server.sipPort : server.tlsPort, times: CLOSES };
      const attack = new Worker(new URL('./breaking-off.ts', import.meta.url), { workerData: plan });
      await once(attack, 'message');
      await attack.terminate();
      await shown(
        `${CLOSES} connections over ${kind} that break off at every stage`,
        `no sample of a call lost, no socket kept, memory grows by less than ${GROWTH} MB`,
        () => `${grownBy(before)} MB more, ${recorderProcess(server).sockets - before.sockets} sockets more`,
        async () => {
          await witness.expectUnharmed(shelf);
          await expectUnmoved(before);
        },
      );
    },
    timeFor(CLOSES, 60),
  );
});

describe('slow senders', () => {
  it(
    `${SLOW} of them, a byte at a time, are cut off in the end, and harm no call`,
    async () => {
      const before = recorderProcess(server);
      const witness = await WitnessCall.open(client, '+15550421', 4);
      const sockets = await Promise.all(Array.from({ length: SLOW }, () => dial()));
      const message = `${HALF}lf\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(4000)}`;
      for (let at = 0; at < 100; at += 1) {
        for (const socket of sockets) if (socket.writable) socket.write(message[at] ?? 'x');
        await pause(30);
      }
      const whole = await WirePeer.open(server.sipPort);
      expect((await whole.ask('OPTIONS')).status).toBe(200);
      whole.close();
      await shown(
        `${SLOW} senders of a byte at a time`,
        'others are answered, no sample of a call lost, all cut off within 40 s',
        () => `${grownBy(before)} MB more, ${recorderProcess(server).sockets - before.sockets} sockets more`,
        async () => {
          await witness.expectUnharmed(shelf);
          await server.until('all to be cut off', 40_000, () =>
            sockets.every((socket) => socket.destroyed || socket.readableEnded),
          );
          await expectUnmoved(before);
        },
      );
    },
    timeFor(SLOW, 50),
  );
});

describe('Content-Length over a real connection', () => {
  const request = (length: string[], body: string) =>
    [
      'OPTIONS sip:recorder@127.0.0.1 SIP/2.0',
      'Via: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKlength',
      'From: <sip:a@127.0.0.1>;tag=1',
      'To: <sip:recorder@127.0.0.1>',
      `Call-ID: length-${Math.random()}`,
      'CSeq: 1 OPTIONS',
      'Max-Forwards: 70',
      ...length,
      '',
      body,
    ].join('\r\n');

  /** Statuses that come back, and whether the server hung up. */
  async function say(text: string, waitMs = 400): Promise<{ statuses: number[]; hungUp: boolean }> {
    const socket = await dial();
    let heard = '';
    let hungUp = false;
    socket.on('data', (bytes: Buffer) => (heard += bytes.toString('latin1')));
    socket.on('close', () => (hungUp = true));
    socket.write(text);
    await pause(waitMs);
    socket.destroy();
    return { statuses: [...heard.matchAll(/^SIP\/2\.0 (\d{3})/gm)].map(([, status]) => Number(status)), hungUp };
  }

  it.each([
    ['negative', ['Content-Length: -1'], [400]],
    ['not a number', ['Content-Length: 0x10'], [400]],
    ['beyond what a number holds', ['Content-Length: 99999999999999999999999999'], [400, 513]],
    ['larger than is taken', ['Content-Length: 1000000000'], [513]],
    ['given twice, unlike', ['Content-Length: 0', 'Content-Length: 20'], [400]],
    ['missing', [], [400]],
  ])('%s: told so, and hung up on', async (_name, length, statuses) => {
    const answer = await say(request(length, ''));
    expect(statuses).toContain(answer.statuses[0]);
    expect(answer.hungUp).toBe(true);
  });

  it('too short: what is left over is not taken for a message', async () => {
    const hidden = request(['Content-Length: 0'], '');
    const answer = await say(request(['Content-Length: 3'], `abc-- no message --\r\n\r\n${hidden}`));
    expect(answer).toEqual({ statuses: [200], hungUp: true });
  });

  it('too long: the message waits for the rest, and the next one is its body', async () => {
    const answer = await say(request(['Content-Length: 5000'], 'short'));
    expect(answer).toEqual({ statuses: [], hungUp: false });
  });
});

describe("RFC 4475's messages at the running server", () => {
  it.each(TORTURE)('$name: $status', async ({ bytes, status }) => {
    const peer = createSocket('udp4');
    const heard: number[] = [];
    peer.on('message', (answer) => heard.push(Number(answer.toString('latin1').slice(8, 11))));
    await new Promise<void>((resolve) => peer.bind(0, '127.0.0.1', () => resolve()));
    peer.send(bytes, server.sipPort, '127.0.0.1');
    // What is not to be answered is given as long as what is answered needs.
    for (let waited = 0; waited < (status === null ? 5 : 100) && !heard.some((one) => one >= 200); waited++)
      await pause(20);
    peer.close();
    expect(heard.find((one) => one >= 200) ?? null).toBe(status);
  });

  it('and after all of them it is the same process, and takes calls', async () => {
    expect(server.pidOf('recorder')).toBe(pid);
    const witness = await WitnessCall.open(client, '+15550431', 1);
    await witness.expectUnharmed(shelf);
    expect(server.output).not.toMatch(/could not be handled|a task failed/);
  });
});
