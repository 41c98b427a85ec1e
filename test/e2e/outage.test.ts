import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestCallReport } from '../../src/cli/caller/place-call.ts';
import { expectWhole, SILENCE } from './channel.ts';
import { noise } from './noise.ts';
import { RecordingClient } from './recording-client.ts';
import { TestServer } from './server.ts';
import { Shelf } from './shelf.ts';
import { readWavFile } from './wav-file.ts';

const CALLS = 20;
const PACKETS = 250;
/** A minute and a dozen kills by `EARSHOT_OUTAGE=long`; less of both with each commit. */
const LONG = process.env['EARSHOT_OUTAGE'] === 'long';
const STOPPED_MS = LONG ? 60_000 : 20_000;
const KILLS = LONG ? 12 : 5;

interface PlacedCall {
  readonly report: TestCallReport;
  readonly payloads: readonly Buffer[];
}

describe('a service that is away while calls start and end', () => {
  const server = new TestServer({ basePort: 24_000 });
  const shelf = new Shelf(server);
  let client: RecordingClient | undefined;

  beforeAll(async () => {
    await server.start();
    client = await RecordingClient.open(server, 'udp');
  });

  afterAll(async () => {
    await client?.close();
    await server.stop();
  });

  /** Calls of five seconds, begun over five seconds. */
  function placeCalls(seed: number): Promise<PlacedCall[]> {
    const place = async (index: number): Promise<PlacedCall> => {
      await pause(index * 250);
      const payloads = [noise(seed + index * 2, PACKETS), noise(seed + index * 2 + 1, PACKETS)] as const;
      const party = (name: string) => ({ name, aor: `sip:${name}@example.com` });
      const report = await client!.place([
        { party: party(`caller${seed}${index}`), payloadType: 0, audio: payloads[0] },
        { party: party(`callee${seed}${index}`), payloadType: 0, audio: payloads[1] },
      ]);
      return { report, payloads };
    };
    return Promise.all(Array.from({ length: CALLS }, (_, index) => place(index)));
  }

  const list = async () => (await server.api<{ items: { id: string }[] }>('GET', '/recordings?limit=200')).items;

  async function expectAll(calls: readonly PlacedCall[]): Promise<void> {
    const details = await Promise.all((await list()).map(({ id }) => shelf.detail(id)));
    for (const { report, payloads } of calls) {
      const found = details.filter((detail) => detail.vendorIds['recordingCallId'] === report.sipCallId);
      expect(found, 'each call once').toHaveLength(1);
      const wav = await server.api<Buffer>('GET', `/recordings/${found[0]!.id}/audio?format=original`);
      const { channels } = readWavFile(wav);
      payloads.forEach((payload, side) => expectWhole(channels[side]!, payload, { silence: SILENCE.mulaw }));
    }
  }

  // oxlint-disable-next-line vitest/expect-expect -- expectAll asserts
  it(`stopped for ${STOPPED_MS / 1000} s: all are recorded whole, and in the list after it is back`, async () => {
    const service = server.pidOf('service');
    const began = performance.now();
    process.kill(service, 'SIGSTOP');
    let calls: PlacedCall[];
    try {
      calls = await placeCalls(1000);
      await pause(STOPPED_MS - (performance.now() - began));
    } finally {
      process.kill(service, 'SIGCONT');
    }
    await server.until('all calls to be in the list', 60_000, async () => (await list()).length === CALLS);
    await expectAll(calls);
  });

  // oxlint-disable-next-line vitest/expect-expect -- expectAll asserts
  it(`killed ${KILLS} times while it archives: each call once, whole`, async () => {
    const before = (await list()).length;
    const calls = placeCalls(2000);
    for (let kill = 0; kill < KILLS; kill += 1) {
      const victim = server.pidOf('service');
      process.kill(victim, 'SIGKILL');
      await server.until('another service', 30_000, () => server.pidOf('service') !== victim);
      // Each a little later in its life: before the database, before the journal, in the middle of the archive.
      await pause(400 + (kill * 2160) / KILLS);
    }
    const placed = await calls;
    await server.ready();
    await server.until('all calls to be in the list', 90_000, async () => (await list()).length === before + CALLS);
    await expectAll(placed);
  });
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
