import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { RecordingDetail } from '../../src/api/recordings/schema.ts';
import { RecordingClient } from '../e2e/recording-client.ts';
import { TestServer } from '../e2e/server.ts';
import { Shelf } from '../e2e/shelf.ts';
import type { Finding } from './finding.ts';
import { accountOf, placeNoise, type Account } from './placed-calls.ts';

/** Changes what a process is told of the wall clock, while it runs; Debian's libfaketime. */
const LIBRARY = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu']
  .map((folder) => `${folder}/faketime/libfaketimeMT.so.1`)
  .find((path) => existsSync(path));

const PACKETS = 600;
const CALL_MS = PACKETS * 20;
const APART_MS = 4000;
const HOUR_S = 3600;

interface Trial {
  readonly fault: string;
  readonly zone: string;
  /** What the wall clock is ahead of the machine's, s: from the start on, then with each call but the first. */
  readonly offsets: readonly number[];
}

/** The wall clock of all processes of a real server is set while calls run: durations, order and audio must not notice. */
export async function clockSteps(): Promise<Finding[]> {
  if (LIBRARY === undefined) {
    return [{ fault: 'the wall clock is set', target: '', found: 'needs libfaketime', isMet: null }];
  }
  const findings: Finding[] = [];
  for (const trial of trials()) findings.push(await tryOne(trial));
  return findings;
}

/** The hour that Berlin's summer time has twice, and the one that it leaves out, a few seconds before each. */
function trials(): Trial[] {
  const until = (at: number): number => Math.round((at - Date.now()) / 1000) - 20;
  const stays = (fault: string, zone: string, offset: number): Trial => ({
    fault,
    zone,
    offsets: [offset, offset, offset],
  });
  return [
    { fault: 'the clock is set an hour forward, then two hours back', zone: 'UTC', offsets: [0, HOUR_S, -HOUR_S] },
    stays('summer time ends while calls run', 'Europe/Berlin', until(Date.UTC(2027, 9, 31, 1))),
    stays('summer time begins while calls run', 'Europe/Berlin', until(Date.UTC(2027, 2, 28, 1))),
    stays('the machine stands in another time zone', 'Pacific/Kiritimati', 0),
  ];
}

async function tryOne({ fault, zone, offsets }: Trial): Promise<Finding> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-clock-'));
  const file = join(folder, 'offset');
  const set = (seconds: number): void => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  set(offsets[0]!);
  const server = new TestServer({
    basePort: 26_000,
    env: {
      TZ: zone,
      EARSHOT_LOG: 'info',
      LD_PRELOAD: LIBRARY,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      DONT_FAKE_MONOTONIC: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
  });
  await server.start();
  const client = await RecordingClient.open(server, 'udp');
  try {
    const placing = [];
    for (const [at, offset] of offsets.entries()) {
      if (at > 0) await pause(APART_MS);
      set(offset);
      placing.push(placeNoise(client, 300 + at, PACKETS));
    }
    const calls = await Promise.all(placing);
    await server.until(
      'all calls in the list',
      60_000,
      async () => (await accountOf(server, calls)).found === calls.length,
    );
    const details = await detailsOf(
      server,
      calls.map(({ sipCallId }) => sipCallId),
    );
    const steps = server.output.match(/"code":"clock-step"[^\n]*"alarm"/g);
    return judge(fault, offsets, await accountOf(server, calls), details, steps?.length ?? 0);
  } finally {
    await client.close();
    await server.remove();
    rmSync(folder, { recursive: true });
  }
}

/** In the order in which the calls began. */
async function detailsOf(server: TestServer, ids: readonly string[]): Promise<RecordingDetail[]> {
  const shelf = new Shelf(server);
  const { items } = await server.api<{ items: { id: string }[] }>('GET', '/recordings?limit=200');
  const all = await Promise.all(items.map(({ id }) => shelf.detail(id)));
  return ids.map((id) => all.find((one) => one.vendorIds['recordingCallId'] === id)!);
}

function judge(
  fault: string,
  offsets: readonly number[],
  account: Account,
  details: readonly RecordingDetail[],
  logged: number,
): Finding {
  const steps = new Set(offsets).size - 1;
  const off = Math.max(...details.map(({ durationMs }) => Math.abs(durationMs - CALL_MS)));
  const begun = details.map(({ startedAt }) => Date.parse(startedAt));
  // Of each call's own time of day: what the clock said when it began.
  const apart = begun.map((at, index) => at - begun[0]! - (offsets[index]! - offsets[0]!) * 1000 - index * APART_MS);
  const misplaced = Math.max(...apart.map(Math.abs));
  const isOrdered = details.every(({ events, durationMs }) =>
    events.every(({ offsetMs }, at) => offsetMs <= durationMs + 1000 && offsetMs >= (events[at - 1]?.offsetMs ?? 0)),
  );
  const numbers = details.map(({ recordId }) => recordId);
  const inOrder = isOrdered && numbers.every((number, at) => at === 0 || number > numbers[at - 1]!);
  const { missingPackets, wrongPackets } = account;
  return {
    fault: `${fault} (real processes, three calls of ${CALL_MS / 1000} s)`,
    target: 'durations right to a second, nothing missing, in order, each step logged',
    found: `durations off by at most ${(off / 1000).toFixed(1)} s, ${missingPackets} packets missing, ${wrongPackets} wrong, ${inOrder ? 'in order' : 'out of order'}, begun off by ${(misplaced / 1000).toFixed(1)} s, ${logged} of ${steps} steps logged`,
    isMet: off <= 1000 && missingPackets + wrongPackets === 0 && inOrder && misplaced < 2000 && logged === steps,
  };
}
