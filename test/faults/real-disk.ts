import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, truncateSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { RecordingClient } from '../e2e/recording-client.ts';
import { TestServer } from '../e2e/server.ts';
import type { Finding } from './finding.ts';
import { accountOf, placeNoise, type Account, type PlacedCall } from './placed-calls.ts';

const DISK_BYTES = 256 * 1024 * 1024;
const CALLS = 5;
const FAULT_AT_MS = 5000;

interface Trial {
  readonly name: string;
  readonly faultMs: number;
  /** Of each side of a call. */
  readonly packets: number;
  readonly begin: (mount: string) => void;
  readonly end: (mount: string) => void;
}

const TRIALS: readonly Trial[] = [
  {
    name: 'the file system of the spool is full for 6 s (ext4)',
    faultMs: 6000,
    packets: 1000,
    begin: fill,
    end: (mount) => rmSync(join(mount, 'fill')),
  },
  {
    name: 'the file system of the spool is frozen for 5 s (ext4, fsfreeze)',
    faultMs: 5000,
    packets: 1000,
    begin: (mount) => void execFileSync('fsfreeze', ['-f', mount]),
    end: (mount) => void execFileSync('fsfreeze', ['-u', mount]),
  },
];

/** Longer than memory holds what the disk does not take: there must be a gap, and it must be declared. */
const LONG_TRIAL: Trial = {
  name: 'the file system of the spool is full for 40 s (ext4)',
  faultMs: 40_000,
  packets: 3000,
  begin: fill,
  end: (mount) => rmSync(join(mount, 'fill')),
};

/** The whole server with its spool on a small disk of its own. Needs root, for mounting. */
export async function realDisk(isLong: boolean): Promise<Finding[]> {
  if (process.getuid?.() !== 0)
    return [{ fault: 'a real full or frozen disk', target: '', found: 'needs root, to mount a disk', isMet: null }];
  const findings: Finding[] = [];
  const trials = isLong ? [...TRIALS, LONG_TRIAL] : TRIALS;
  for (const [at, trial] of trials.entries()) findings.push(await onSmallDisk(trial, 26_000 + 1000 * (at % 2)));
  return findings;
}

async function onSmallDisk(trial: Trial, basePort: number): Promise<Finding> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-disk-'));
  const image = join(folder, 'image');
  const dataDir = join(folder, 'data');
  const mount = join(dataDir, 'spool');
  mkdirSync(mount, { recursive: true, mode: 0o700 });
  writeFileSync(image, '');
  truncateSync(image, DISK_BYTES);
  execFileSync('mkfs.ext4', ['-q', '-m', '0', image]);
  execFileSync('mount', ['-o', 'loop', image, mount]);
  try {
    return await withServer(new TestServer({ basePort, dataDir, env: { EARSHOT_MIN_FREE_MB: '20' } }), trial, mount);
  } finally {
    execFileSync('umount', ['-l', mount]);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withServer(server: TestServer, trial: Trial, mount: string): Promise<Finding> {
  await server.start();
  const client = await RecordingClient.open(server, 'udp');
  try {
    const placing = Promise.all(Array.from({ length: CALLS }, (_, at) => placeNoise(client, at + 1, trial.packets)));
    await pause(FAULT_AT_MS);
    const met = await duringFault(server, client, trial, mount);
    const calls = await placing;
    await server.until('all calls in the list', 60_000, async () => (await accountOf(server, calls)).found === CALLS);
    return judge(trial, met, await accountOf(server, calls), calls);
  } finally {
    await client.close();
    await server.stop();
  }
}

interface Met {
  /** Ms until an alarm stood in the status, or null. */
  readonly alarmMs: number | null;
  /** Ms until a new call was refused, or null when it was taken. */
  readonly refusedMs: number | null;
}

async function duringFault(server: TestServer, client: RecordingClient, trial: Trial, mount: string): Promise<Met> {
  trial.begin(mount);
  const began = performance.now();
  try {
    const refused = pause(3500).then(async () => {
      const asked = performance.now();
      return placeNoise(client, 99, 10).then(
        () => null,
        () => performance.now() - asked,
      );
    });
    const alarm = firstAlarm(server, began);
    await pause(trial.faultMs);
    trial.end(mount);
    return { alarmMs: await alarm, refusedMs: await refused };
  } catch (error) {
    trial.end(mount);
    throw error;
  }
}

async function firstAlarm(server: TestServer, began: number): Promise<number | null> {
  while (performance.now() - began < 12_000) {
    const status = await server.api<{ alarms: { code: string }[] }>('GET', '/status').catch(() => null);
    if ((status?.alarms.length ?? 0) > 0) return performance.now() - began;
    await pause(200);
  }
  return null;
}

function judge(trial: Trial, met: Met, account: Account, calls: readonly PlacedCall[]): Finding {
  const seconds = (ms: number | null): string => (ms === null ? 'never' : `after ${(ms / 1000).toFixed(1)} s`);
  const { found, twice, missingPackets, wrongPackets, undeclared } = account;
  const sent = calls.length * 2 * trial.packets;
  return {
    fault: `${trial.name}, ${CALLS} calls`,
    target: 'calls kept and playable, gaps declared, alarm within 10 s, a new call refused within 5 s',
    found: `${found} of ${CALLS} calls, ${missingPackets} of ${sent} packets missing, ${undeclared} undeclared, ${wrongPackets} wrong, alarm ${seconds(met.alarmMs)}, new call refused ${seconds(met.refusedMs)}`,
    isMet:
      found === CALLS &&
      twice + wrongPackets + undeclared === 0 &&
      met.alarmMs !== null &&
      met.alarmMs < 10_000 &&
      met.refusedMs !== null &&
      met.refusedMs < 5000,
  };
}

/** Takes all the room there is. */
function fill(mount: string): void {
  const file = openSync(join(mount, 'fill'), 'w');
  const block = Buffer.alloc(1024 * 1024);
  try {
    for (;;) writeSync(file, block);
  } catch {
    // Full. The last blocks go as well.
    try {
      for (;;) writeSync(file, block, 0, 4096);
    } catch {
      return;
    }
  } finally {
    closeSync(file);
  }
}
