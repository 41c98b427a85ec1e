import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordingDetail } from '../../src/api/recordings/schema.ts';
import type { TestCallReport } from '../../src/cli/caller/place-call.ts';
import { findHoles } from './holes.ts';
import { noise } from './noise.ts';
import { RecordingClient } from './recording-client.ts';
import { TestServer } from './server.ts';
import { Shelf } from './shelf.ts';
import { readWavFile } from './wav-file.ts';

/** One kill after the other, of each process in turn; `EARSHOT_KILLS=20` runs the long form. */
const KILLS = Number(process.env['EARSHOT_KILLS'] ?? 4);
const CALLS = 20;
const BETWEEN_MS = 3500;
const PACKET_MS = 20;
const PACKETS = Math.ceil((KILLS * BETWEEN_MS + 8000) / PACKET_MS);
const VICTIMS = ['recorder', 'service', 'postgres', 'supervisor'] as const;

interface KilledCall {
  readonly report: TestCallReport;
  readonly payloads: readonly Buffer[];
}

describe(`kill -9 of every process during ${CALLS} calls, ${KILLS} times`, () => {
  const server = new TestServer({ basePort: 23_000 });
  const shelf = new Shelf(server);
  const recorderKills: number[] = [];
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
      await pause();
      for (let kill = 0; kill < KILLS; kill += 1) await killOne(kill);
      calls = await Promise.all(running);
      await server.ready();
      await server.until('all calls to be in the list', 60_000, async () => (await list()).length >= CALLS);
      const details = await Promise.all((await list()).map(({ id }) => shelf.detail(id)));
      recordings = new Map(details.map((detail) => [detail.vendorIds['recordingCallId']!, detail]));
    },
    240_000 + KILLS * 15_000,
  );

  afterAll(async () => {
    await client?.close();
    await server.stop();
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
  const pause = () => new Promise((resolve) => setTimeout(resolve, BETWEEN_MS / 2));

  async function killOne(kill: number): Promise<void> {
    const victim = VICTIMS[kill % VICTIMS.length]!;
    if (victim === 'recorder') recorderKills.push(Date.now());
    process.kill(victim === 'supervisor' ? server.pid : server.pidOf(victim), 'SIGKILL');
    await pause();
    // What a service manager does; the others must not have noticed.
    if (victim === 'supervisor') server.launch();
    await pause();
  }

  /** Wall times at which a recorder went on with the call. */
  function resumed(recording: RecordingDetail): number[] {
    return recording.events.filter((event) => event.type === 'capture-gap').map((event) => Date.parse(event.at));
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

  it('has a recorder back within two seconds, with the gap declared', () => {
    for (const recording of recordings.values()) {
      const times = resumed(recording);
      expect(times).toHaveLength(recorderKills.length);
      times.forEach((at, index) => expect(at - recorderKills[index]!).toBeLessThan(2000));
    }
  });

  it('misses the downtime of the recorder and at most 400 ms before it, and nothing else', async () => {
    for (const { report, payloads } of calls) {
      const recording = recordings.get(report.sipCallId)!;
      const { channels } = readWavFile(
        await server.api<Buffer>('GET', `/recordings/${recording.id}/audio?format=original`),
      );
      payloads.forEach((payload, side) => {
        const { holes, wrong, present } = findHoles(channels[side]!, payload);
        expect(wrong).toBe(0);
        expect(holes.length).toBeLessThanOrEqual(recorderKills.length);
        holes.forEach((hole, index) => {
          const downtime = resumed(recording)[index]! - recorderKills[index]!;
          // Ports are bound one packet's time after the resumption is noted, and a packet may be under way at the kill.
          expect(hole.count * PACKET_MS).toBeLessThanOrEqual(downtime + 400 + 2 * PACKET_MS);
        });
        expect(present + holes.reduce((sum, hole) => sum + hole.count, 0)).toBe(PACKETS);
        const last = holes.at(-1);
        expect((last?.from ?? 0) + (last?.count ?? 0), 'audio after the last kill').toBeLessThan(PACKETS - 100);
      });
    }
  });
});
