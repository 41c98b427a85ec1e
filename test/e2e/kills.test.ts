import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordingDetail } from '../../src/api/recordings/schema.ts';
import type { TestCallReport } from '../../src/cli/caller/place-call.ts';
import { findHoles } from './holes.ts';
import { noise, seededNumbers } from './noise.ts';
import { RecordingClient } from './recording-client.ts';
import { TestServer } from './server.ts';
import { Shelf } from './shelf.ts';
import { readWavFile } from './wav-file.ts';

/** One kill after the other, the first four of each process once, then at random; `EARSHOT_KILLS=20` runs the long form. */
const KILLS = Number(process.env['EARSHOT_KILLS'] ?? 4);
const CALLS = Number(process.env['EARSHOT_KILL_CALLS'] ?? 20);
const random = seededNumbers(Number(process.env['EARSHOT_KILL_SEED'] ?? 1));
/** Left for a machine that does other work beside. */
const SLACK_MS = Number(process.env['EARSHOT_KILL_SLACK_MS'] ?? 0);
const PACKET_MS = 20;
const VICTIMS = ['recorder', 'service', 'postgres', 'supervisor'] as const;
/** Twice this long passes from one kill to the next. */
const PAUSES_MS = Array.from({ length: KILLS + 1 }, (_, kill) =>
  kill < 4 ? 1750 : 1500 + Math.floor(1000 * random()),
);
const PACKETS = Math.ceil((2 * PAUSES_MS.reduce((sum, ms) => sum + ms) + 8000) / PACKET_MS);

interface KilledCall {
  readonly report: TestCallReport;
  readonly payloads: readonly Buffer[];
}

describe(`kill -9 of any process during ${CALLS} calls, ${KILLS} times`, () => {
  const server = new TestServer({ basePort: 23_000 });
  const shelf = new Shelf(server);
  const recorderKills: number[] = [];
  const worst = { backMs: 0, lostMs: 0 };
  const byeAnswers = new Map<string, string>();
  let calls: KilledCall[];
  let recordings: Map<string, RecordingDetail>;
  let client: RecordingClient | undefined;

  beforeAll(
    async () => {
      await server.start();
      client = await RecordingClient.open(server, 'udp', '127.0.0.1', ({ direction, bytes, callId }) => {
        const text = bytes.toString('latin1');
        if (direction === 'in' && callId !== undefined && /^CSeq:.*BYE/im.test(text))
          byeAnswers.set(callId, text.slice(0, 11));
      });
      const running = Array.from({ length: CALLS }, (_, index) => place(index));
      await server.until('the calls to run', 20_000, async () => (await live()) === CALLS);
      // Long enough that every call has audio on disk.
      await pause(0);
      for (let kill = 0; kill < KILLS; kill += 1) await killOne(kill);
      calls = await Promise.all(running);
      await server.ready();
      await server.until('all calls to be in the list', 30_000, async () => (await list()).length >= CALLS);
      const details = await Promise.all((await list()).map(({ id }) => shelf.detail(id)));
      recordings = new Map(details.map((detail) => [detail.vendorIds['recordingCallId']!, detail]));
    },
    240_000 + KILLS * 15_000,
  );

  afterAll(async () => {
    process.stdout.write(`worst: back after ${worst.backMs} ms, ${worst.lostMs} ms missing before a kill\n`);
    await client?.close();
    await server.stop();
    // Where the test ended between two lives of the supervisor.
    for (const role of ['recorder', 'service', 'postgres'] as const)
      if (isAlive(pidOf(role))) process.kill(pidOf(role), 'SIGKILL');
    await server.remove();
  });

  async function place(index: number): Promise<KilledCall> {
    const payloads = [noise(index * 2, PACKETS), noise(index * 2 + 1, PACKETS)] as const;
    const party = (name: string) => ({ name: `${name} ${index}`, aor: `sip:${name}${index}@example.com` });
    const report = await client!.place([
      { party: party('caller'), payloadType: 0, audio: payloads[0] },
      { party: party('callee'), payloadType: 0, audio: payloads[1] },
    ]);
    return { report, payloads };
  }

  const live = async () => (await server.api<{ items: unknown[] }>('GET', '/calls/live')).items.length;
  const list = async () => (await server.api<{ items: { id: string }[] }>('GET', '/recordings?limit=200')).items;
  const pause = (kill: number) => new Promise((resolve) => setTimeout(resolve, PAUSES_MS[kill]));

  async function killOne(kill: number): Promise<void> {
    const victim = VICTIMS[kill < VICTIMS.length ? kill : Math.floor(random() * VICTIMS.length)]!;
    // The one before may have been the same, and its successor not be there yet.
    await server.until(`a ${victim} to kill`, 60_000, () => isAlive(pidOf(victim)));
    if (victim === 'recorder') recorderKills.push(Date.now());
    process.kill(pidOf(victim), 'SIGKILL');
    await pause(kill);
    // What a service manager does; the others must not have noticed.
    if (victim === 'supervisor') server.launch();
    await pause(kill);
  }

  const pidOf = (victim: (typeof VICTIMS)[number]): number => {
    if (victim === 'supervisor') return server.pid;
    try {
      return server.pidOf(victim);
    } catch {
      return 0;
    }
  };

  /** When a call was without a recorder. One that is killed before it has gone on with the call makes the same outage longer. */
  function outages(recording: RecordingDetail): { from: number; lastKill: number; until: number }[] {
    let before = 0;
    return recording.events
      .filter((event) => event.type === 'capture-gap')
      .flatMap((event) => {
        const until = Date.parse(event.at);
        const own = recorderKills.filter((kill) => kill > before && kill <= until);
        before = until;
        // Packets that the kernel threw away are a gap as well.
        return own.length === 0 ? [] : [{ from: own[0]!, lastKill: own.at(-1)!, until }];
      });
  }

  it('has every call in the list, once, with a number of its own', async () => {
    expect(await list()).toHaveLength(CALLS);
    expect([...recordings.keys()].sort()).toEqual(calls.map((call) => call.report.sipCallId).sort());
    expect(new Set([...recordings.values()].map((recording) => recording.recordId)).size).toBe(CALLS);
  });

  it('answered every BYE 200, also those of calls that outlived a recorder', () => {
    expect(calls.map((call) => byeAnswers.get(call.report.sipCallId))).toEqual(calls.map(() => 'SIP/2.0 200'));
    expect([...recordings.values()].map((recording) => recording.endReason)).toEqual(calls.map(() => 'bye'));
  });

  it('has a recorder back in time, with the gap declared', () => {
    for (const recording of recordings.values()) {
      const found = outages(recording);
      expect(found.length).toBeLessThanOrEqual(recorderKills.length);
      expect(found.length > 0 || recorderKills.length === 0).toBe(true);
      for (const { lastKill, until } of found) {
        worst.backMs = Math.max(worst.backMs, until - lastKill);
        expect(until - lastKill).toBeLessThan(2000 + SLACK_MS);
      }
      expect(found.at(-1)?.until ?? 0).toBeGreaterThanOrEqual(recorderKills.at(-1) ?? 0);
    }
  });

  it('misses the downtime of the recorder and at most 400 ms before it, and nothing else', async () => {
    for (const { report, payloads } of calls) {
      const recording = recordings.get(report.sipCallId)!;
      const { channels } = readWavFile(
        await server.api<Buffer>('GET', `/recordings/${recording.id}/audio?format=original`),
      );
      payloads.forEach((payload, side) => {
        const { holes, wrong, moved, present } = findHoles(channels[side]!, payload);
        expect(wrong).toBe(0);
        if (SLACK_MS === 0) expect(moved).toBe(0);
        expect(holes.length).toBeLessThanOrEqual(recorderKills.length);
        holes.forEach((hole, index) => {
          const { from, until } = outages(recording)[index]!;
          // Ports are bound one packet's time after the resumption is noted, and a packet may be under way at the kill.
          const before = hole.count * PACKET_MS - (until - from);
          worst.lostMs = Math.max(worst.lostMs, before);
          expect(before).toBeLessThanOrEqual(400 + 2 * PACKET_MS + SLACK_MS);
        });
        expect(present + moved + holes.reduce((sum, hole) => sum + hole.count, 0)).toBe(PACKETS);
        const last = holes.at(-1);
        expect((last?.from ?? 0) + (last?.count ?? 0), 'audio after the last kill').toBeLessThan(PACKETS - 100);
      });
    }
  });
});

function isAlive(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0);
  } catch {
    return false;
  }
}
