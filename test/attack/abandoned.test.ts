import { createSocket, type Socket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describe as sdpOf, targetsOf } from '../e2e/recorded-session.ts';
import { TestServer } from '../e2e/server.ts';
import { count, LONG, timeFor } from './counts.ts';
import { shown } from './shown.ts';
import { recorderFigures, recorderProcess } from './process-figures.ts';

const CALLS = count('ABANDONED', 300, 10_000);
const SILENCE_SECONDS = 2;
const AT_ONCE = 60;

const server = new TestServer({
  basePort: 29_000,
  env: {
    EARSHOT_SILENCE_SECONDS: String(SILENCE_SECONDS),
    EARSHOT_RTP_REST: '0',
    EARSHOT_MAX_RATE: '1000',
    EARSHOT_MAX_REQUESTS: '5000',
  },
});
let socket: Socket;
const answers = new Map<string, (text: string) => void>();

beforeAll(async () => {
  if (!LONG) return;
  await server.start();
  socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', () => resolve()));
  socket.on('message', (bytes) => {
    const text = bytes.toString('latin1');
    if (!/^SIP\/2\.0 [2-6]/.test(text)) return;
    answers.get(/^Call-ID: (\S+)/m.exec(text)?.[1] ?? '')?.(text);
  });
});

afterAll(async () => {
  if (!LONG) return;
  socket.close();
  await server.remove();
});

const KINDS = ['no BYE', 'no ACK', 'no RTP', 'no ACK, no BYE, no RTP', 'CANCEL after the answer'] as const;

function request(method: string, id: string, seq: number, to: string, body = ''): string {
  const { address, port } = socket.address();
  return [
    `${method} sip:recorder@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP ${address}:${port};branch=z9hG4bK${id}${method === 'CANCEL' ? 'INVITE' : method}`,
    'Max-Forwards: 70',
    `From: <sip:gone@127.0.0.1>;tag=${id}`,
    `To: ${to}`,
    `Call-ID: ${id}`,
    `CSeq: ${seq} ${method}`,
    `Contact: <sip:gone@${address}:${port}>`,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

const send = (text: string) => socket.send(text, server.sipPort, '127.0.0.1');

/** Sets a call up and walks away from it as its kind says. */
async function abandon(index: number): Promise<number> {
  const kind = KINDS[index % KINDS.length]!;
  const id = `gone-${index}-${Math.random().toString(36).slice(2)}`;
  const answered = new Promise<string>((resolve) => answers.set(id, resolve));
  const plain = '<sip:recorder@127.0.0.1>';
  const invite = request('INVITE', id, 1, plain, sdpOf([30_000, 30_002]));
  send(invite);
  const again = setInterval(() => send(invite), 1000);
  const text = await answered;
  clearInterval(again);
  answers.delete(id);
  const status = Number(text.slice(8, 11));
  const to = /^To: (.*)\r$/m.exec(text)?.[1] ?? '';
  if (!kind.includes('no ACK') || status >= 300) send(request('ACK', id, 1, to));
  if (kind === 'CANCEL after the answer') send(request('CANCEL', id, 1, plain));
  if (status === 200 && !kind.includes('no RTP')) {
    for (const { port } of targetsOf(text)) {
      const packet = Buffer.alloc(172, 0xff);
      packet.writeUInt16BE(0x8000, 0);
      socket.send(packet, port, '127.0.0.1');
    }
  }
  return status;
}

/** Calls that the server has answered since its start. The figures that it tells of are up to a second old. */
let placed = 0;

async function round(calls: number): Promise<void> {
  for (let done = 0; done < calls; done += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, calls - done) }, (_, index) => abandon(done + index));
    const statuses = await Promise.all(batch);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    placed += batch.length;
    await server.until('the calls to be closed', (SILENCE_SECONDS + 10) * 1000, async () => {
      const figures = await recorderFigures(server);
      return figures['calls_opened_total'] === placed && figures['calls_running'] === 0;
    });
  }
}

/** Timers of transactions run 32 seconds (RFC 3261 §17.1.1.2), then a BYE that nobody answers as long again. */
function forgotten(): Promise<void> {
  return server.until('everything to be forgotten', 100_000, async () => {
    const figures = await recorderFigures(server);
    return (
      figures['sip_transactions'] === 0 &&
      figures['sip_dialogs'] === 0 &&
      figures['rtp_ports_used'] === 0 &&
      figures['calls_unarchived'] === 0
    );
  });
}

// Waits out the timers of SIP, twice 32 s, so it is part of the long run only.
describe.runIf(LONG)(`${CALLS} calls that nobody ends`, () => {
  it(
    'are all closed in time, and leave no port, socket, dialog, timer or memory behind',
    async () => {
      const first = recorderProcess(server);
      // The first half warms up what grows once: code, buffers, tables, the room that the collector takes.
      await round(CALLS / 2);
      await forgotten();
      const before = recorderProcess(server);
      await round(CALLS / 2);
      await forgotten();
      const figures = await recorderFigures(server);
      const after = recorderProcess(server);
      await shown(
        `${CALLS} calls without BYE, ACK or RTP`,
        'all closed in time; no port, socket, dialog, timer or memory kept',
        `${figures['calls_ended_total']} of ${placed} ended; after the first half ${(before.resident - first.resident).toFixed(0)} MB more than at the start, after the second ${(after.resident - before.resident).toFixed(0)} MB and ${after.sockets - before.sockets} sockets more than after the first`,
        () => {
          expect(figures['calls_ended_total']).toBe(placed);
          expect(figures['rtp_ports_free']! + figures['rtp_ports_resting']!).toBe(400);
          expect(after.sockets).toBeLessThanOrEqual(before.sockets + 1);
          // What a leak of two kilobytes a call would cost, and the breathing of the collector.
          expect(after.resident - before.resident).toBeLessThan(15 + CALLS / 1000);
        },
      );
    },
    timeFor(CALLS, 220),
  );
});
