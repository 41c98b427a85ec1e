import { mkdtemp, rm, stat, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/base/clock.ts';
import { opaqueId } from '../src/base/ids.ts';
import { openLog } from '../src/base/log.ts';
import { audioFolder, openCapture, type Capture } from '../src/recording/capture/capture.ts';
import type { CaptureStream, ClosedCall } from '../src/recording/capture/types.ts';
import { capturedOf } from '../src/recording/log/captured.ts';
import { LogReader } from '../src/recording/log/reader.ts';
import { generateSpoolKeyPair, spoolIdentity } from '../src/seal/spool.ts';
import {
  compilePrograms,
  endPrograms,
  LoadGenerator,
  PACKETS_PER_SECOND,
  runFloor,
  type LoadResult,
} from './native.ts';

/**
 * CPU per RTP packet of capture, sealed and synced, beside a bare C receiver in the same minute; and what was lost.
 *
 *   node bench/capture.ts [calls] [seconds] [first port]
 */
const calls = Number(process.argv[2] ?? 200);
const seconds = Number(process.argv[3] ?? 10);
const FIRST_PORT = Number(process.argv[4] ?? 20_000);

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Two-stream calls have four ports each: even ones for RTP, odd ones for RTCP, and so on. */
const ports = Array.from({ length: 2 * calls }, (_, index) => FIRST_PORT + 2 * index);

/** Every stream for `seconds`, begun at once. */
async function load(program: string): Promise<LoadResult> {
  const generator = new LoadGenerator(program);
  for (const port of ports) void generator.send(port, seconds * PACKETS_PER_SECOND);
  return generator.finish();
}

function streamOn(stream: number, rtpPort: number): CaptureStream {
  return {
    stream,
    rtpPort,
    rtcpPort: rtpPort + 1,
    sourceAddress: '127.0.0.1',
    sourcePort: 0,
    mediaRanges: [],
    telephoneEventTypes: [101],
    state: 'active',
  };
}

async function openCalls(capture: Capture): Promise<string[]> {
  const ids: string[] = [];
  const openedMono = systemClock().mono();
  for (let call = 0; call < calls; call++) {
    const callId = opaqueId();
    const first = FIRST_PORT + 4 * call;
    await capture.open({ callId, epoch: 0, openedMono, keep: true }, [streamOn(0, first), streamOn(1, first + 2)]);
    ids.push(callId);
  }
  return ids;
}

/** Packets of these calls that come back out of the log. */
async function readBack(
  spoolDir: string,
  privateKey: string,
  closed: ReadonlyMap<string, ClosedCall>,
): Promise<number> {
  const reader = new LogReader({ folder: audioFolder(spoolDir), identity: spoolIdentity(privateKey) });
  let packets = 0;
  for (const [callId, { segments }] of closed) {
    for await (const item of reader.readCall({ callId, segments })) {
      if (item.kind === 'gap') throw new Error('a gap in the log');
      for (const { kind } of capturedOf(item)) packets += kind === 'rtp' ? 1 : 0;
    }
  }
  return packets;
}

async function measure(folder: string): Promise<void> {
  const programs = compilePrograms(folder);
  const keys = generateSpoolKeyPair();
  const capture = await openCapture({
    spoolDir: folder,
    recipient: keys.publicKey,
    node: 'bench',
    workers: 1,
    rtpHost: '127.0.0.1',
    receiver: process.env['EARSHOT_RECEIVER'] === 'node' ? 'node' : 'auto',
    clock: systemClock({ hold: true }),
    log: openLog('bench', 'info'),
  });
  capture.onAlarm = (alarm) => console.log(`alarm: ${JSON.stringify(alarm)}`);
  const ids = await openCalls(capture);
  const before = cpuSeconds();
  const sent = await load(programs.load);
  const used = cpuSeconds() - before;
  const status = capture.status()[0]!.log;
  const closed = new Map<string, ClosedCall>();
  await Promise.all(ids.map(async (callId) => closed.set(callId, await capture.close(callId))));
  await capture.shutdown();
  const received = [...closed.values()].reduce((sum, { packets }) => sum + packets, 0);
  const startedReading = performance.now();
  const stored = await readBack(folder, keys.privateKey, closed);
  const reading = performance.now() - startedReading;
  let bytes = 0;
  for (const name of await readdir(audioFolder(folder))) bytes += (await stat(join(audioFolder(folder), name))).size;
  const bare = await runFloor(programs, folder, { firstPort: FIRST_PORT, streams: ports.length, seconds });
  const us = (used * 1e6) / received;
  console.log(
    `${calls} calls, ${sent.sent} packets in ${seconds} s; generator ${((sent.cpuSeconds * 1e6) / sent.sent).toFixed(2)} µs a packet, at most ${sent.worstLatenessMs.toFixed(0)} ms late`,
  );
  console.log(
    `capture: ${us.toFixed(2)} µs CPU a packet, ${((100 * used) / seconds).toFixed(0)} % of a core; lost ${sent.sent - received} on the way in, ${received - stored} in the log`,
  );
  console.log(
    `log: ${(bytes / 1e6).toFixed(0)} MB, sync lag p99 ${status.syncLagP99Ms.toFixed(0)} ms, fdatasync p99 ${status.syncP99Ms.toFixed(0)} ms, ${status.syncs} syncs; read back at ${(reading / 1000).toFixed(2)} s for all`,
  );
  console.log(
    `C floor: ${bare.usPerPacket.toFixed(2)} µs a packet, lost ${bare.lost}; ratio ${(us / bare.usPerPacket).toFixed(2)}`,
  );
}

const folder = await mkdtemp(join(tmpdir(), 'earshot-bench-'));
try {
  await measure(folder);
} finally {
  endPrograms();
  await rm(folder, { recursive: true });
}
