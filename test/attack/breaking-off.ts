import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { parentPort, workerData } from 'node:worker_threads';

/** Run as a thread of its own: handshakes by the thousand must not hold up the calls that a test speaks meanwhile. */
export interface BreakingOff {
  readonly kind: 'tcp' | 'tls';
  readonly port: number;
  readonly times: number;
}

const AT_ONCE = 50;
const HALF = 'INVITE sip:recorder@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKhalf\r\nCall-ID: ha';
const HALF_HELLO = Buffer.from('16030100c8010000c40303', 'hex');

const { kind, port, times } = workerData as BreakingOff;

function dial(secure: boolean): Promise<Socket> {
  return new Promise((resolve) => {
    const to = { host: '127.0.0.1', port };
    const socket: Socket = secure
      ? connectTls({ ...to, rejectUnauthorized: false }, () => resolve(socket))
      : connectTcp(to, () => resolve(socket));
    socket.on('error', () => resolve(socket));
  });
}

/** At every stage: before a byte, within a message, within the handshake; with a goodbye and without. */
async function breakOff(index: number): Promise<void> {
  const inHandshake = kind === 'tls' && index % 4 === 0;
  const socket = await dial(kind === 'tls' && !inHandshake);
  if (inHandshake) socket.write(HALF_HELLO);
  else if (index % 3 > 0) socket.write(HALF.slice(0, 1 + (index % HALF.length)));
  await new Promise((resolve) => setTimeout(resolve, 5));
  if ((kind === 'tcp' || inHandshake) && index % 2 === 0) socket.resetAndDestroy();
  else socket.destroy();
}

for (let done = 0; done < times; done += AT_ONCE) {
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, times - done) }, (_, index) => breakOff(done + index)));
}
parentPort?.postMessage('done');
