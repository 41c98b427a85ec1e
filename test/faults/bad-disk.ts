import { createSocket } from 'node:dgram';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { BroadcastChannel } from 'node:worker_threads';
import { systemClock } from '../../src/base/clock.ts';
import { opaqueId } from '../../src/base/ids.ts';
import { silentLog } from '../../src/base/log.ts';
import { audioFolder, openCapture, type Capture } from '../../src/recording/capture/capture.ts';
import type { ClosedCall } from '../../src/recording/capture/types.ts';
import { capturedOf } from '../../src/recording/log/captured.ts';
import { LogReader } from '../../src/recording/log/reader.ts';
import type { LogAlarm } from '../../src/recording/log/writer.ts';
import { generateSpoolKeyPair, spoolIdentity } from '../../src/seal/spool.ts';
import { FAULTS, type Order } from './faulty-files.ts';
import type { Finding } from './finding.ts';

const FIRST_PORT = 27_000;
const CALLS = 10;
const PACKETS = 700;
const PACKET_MS = 20;
const FAULT_AT_MS = 3000;
const FAULT_MS = 5000;

const TRIALS: readonly (readonly [string, Order])[] = [
  ['the disk stalls for 5 s', { stallMs: FAULT_MS }],
  ['EIO on every write for 5 s', { fail: { call: 'writev', code: 'EIO' } }],
  ['EIO on every fdatasync for 5 s', { fail: { call: 'datasync', code: 'EIO' } }],
  ['ENOSPC on every write for 5 s', { fail: { call: 'writev', code: 'ENOSPC' } }],
];

interface Call {
  readonly callId: string;
  readonly port: number;
}

/** Faults put under a real capture thread while ten calls send real packets. */
export async function badDisk(): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [fault, order] of TRIALS) findings.push(await tryOrder(fault, order));
  return findings;
}

async function tryOrder(fault: string, order: Order): Promise<Finding> {
  const folder = await mkdtemp(join(tmpdir(), 'earshot-faults-'));
  const keys = generateSpoolKeyPair();
  const alarms: { readonly alarm: LogAlarm; readonly at: number }[] = [];
  const capture = await openCapture({
    spoolDir: folder,
    recipient: keys.publicKey,
    node: 'faults',
    workers: 1,
    rtpHost: '127.0.0.1',
    clock: systemClock({ hold: true }),
    log: silentLog,
    filesModule: new URL('./faulty-files.ts', import.meta.url).href,
  });
  capture.onAlarm = (alarm) => alarms.push({ alarm, at: performance.now() });
  const faults = new BroadcastChannel(FAULTS);
  try {
    const calls = await openCalls(capture);
    const sending = send(calls);
    await pause(FAULT_AT_MS);
    const began = performance.now();
    faults.postMessage(order);
    await pause(FAULT_MS);
    faults.postMessage({});
    await sending;
    const closed = await Promise.all(calls.map(({ callId }) => capture.close(callId)));
    const told = alarms.find(({ alarm, at }) => alarm.active && at >= began)?.at;
    const over = capture.status()[0]?.log.recordsLost ?? 0;
    const { missing, wrong } = await readBack(folder, keys.privateKey, calls, closed);
    const alarmMs = told === undefined ? Number.POSITIVE_INFINITY : told - began;
    return {
      fault: `${fault}, ${CALLS} calls`,
      target: 'alarm within 10 s, every packet there or declared, none wrong',
      found: `alarm after ${(alarmMs / 1000).toFixed(1)} s, ${missing} packets missing, ${over} records lost, ${wrong} wrong`,
      isMet: alarmMs < 10_000 && missing === 0 && wrong === 0,
    };
  } finally {
    faults.close();
    await capture.shutdown();
    await rm(folder, { recursive: true });
  }
}

async function openCalls(capture: Capture): Promise<Call[]> {
  const calls = Array.from({ length: CALLS }, (_, call) => ({ callId: opaqueId(), port: FIRST_PORT + 2 * call }));
  const openedMono = systemClock().mono();
  for (const { callId, port } of calls) {
    const source = { sourceAddress: '127.0.0.1', sourcePort: 0, mediaRanges: [], telephoneEventTypes: [] };
    const stream = { stream: 0, rtpPort: port, rtcpPort: port, state: 'active' as const, ...source };
    await capture.open({ callId, epoch: 0, openedMono, keep: true }, [stream]);
  }
  return calls;
}

/** Each payload tells its call and its number. */
function packet(call: number, sequence: number): Buffer {
  const bytes = Buffer.alloc(172, (7 * sequence + 31 * call) & 0xff);
  bytes.writeUInt16BE(0x8000, 0);
  bytes.writeUInt16BE(sequence, 2);
  bytes.writeUInt32BE(sequence * 160, 4);
  bytes.writeUInt32BE(call + 1, 8);
  return bytes;
}

async function send(calls: readonly Call[]): Promise<void> {
  const socket = createSocket('udp4');
  const start = performance.now();
  for (let sequence = 0; sequence < PACKETS; sequence++) {
    for (const [at, { port }] of calls.entries()) socket.send(packet(at, sequence), port, '127.0.0.1');
    await pause(Math.max(0, start + (sequence + 1) * PACKET_MS - performance.now()));
  }
  socket.close();
}

async function readBack(
  folder: string,
  privateKey: string,
  calls: readonly Call[],
  closed: readonly ClosedCall[],
): Promise<{ missing: number; wrong: number }> {
  const reader = new LogReader({ folder: audioFolder(folder), identity: spoolIdentity(privateKey) });
  let missing = 0;
  let wrong = 0;
  for (const [at, { callId }] of calls.entries()) {
    const { segments, epoch, lastSequence } = closed[at]!;
    const seen = new Set<number>();
    for await (const item of reader.readCall({ callId, segments, last: { epoch, sequence: lastSequence } })) {
      if (item.kind === 'gap') continue;
      for (const captured of capturedOf(item)) {
        if (captured.kind !== 'rtp' || seen.has(captured.sequence)) wrong++;
        else if (
          !Buffer.from(captured.bytes)
            .subarray(captured.from, captured.to)
            .equals(packet(at, captured.sequence).subarray(12))
        )
          wrong++;
        else seen.add(captured.sequence);
      }
    }
    missing += PACKETS - seen.size;
  }
  return { missing, wrong };
}
