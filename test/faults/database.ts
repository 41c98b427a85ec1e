import { setTimeout as pause } from 'node:timers/promises';
import { RecordingClient } from '../e2e/recording-client.ts';
import { TestServer } from '../e2e/server.ts';
import type { Finding } from './finding.ts';
import { accountOf, placeNoise, type PlacedCall } from './placed-calls.ts';

const CALLS = 10;
const PACKETS = 150;
const DOWN_MS = 20_000;

/** PostgreSQL stopped, then killed again and again, while calls come: none is refused, all are in the list after its return. */
export async function databaseAway(flaps: number): Promise<Finding[]> {
  const server = new TestServer({ basePort: 26_000 });
  await server.start();
  const client = await RecordingClient.open(server, 'udp');
  try {
    return [await down(server, client), await flapping(server, client, flaps)];
  } finally {
    await client.close();
    await server.stop();
  }
}

async function down(server: TestServer, client: RecordingClient): Promise<Finding> {
  const postgres = server.pidOf('postgres');
  process.kill(postgres, 'SIGSTOP');
  let placed: PromiseSettledResult<PlacedCall>[];
  try {
    placed = await placeAll(client, 100);
    await pause(DOWN_MS);
  } finally {
    process.kill(postgres, 'SIGCONT');
  }
  return settle(
    server,
    placed,
    `PostgreSQL answers nothing for ${(DOWN_MS / 1000).toFixed(0)} s and more, ${CALLS} calls`,
  );
}

async function flapping(server: TestServer, client: RecordingClient, flaps: number): Promise<Finding> {
  const placing = placeAll(client, 200);
  for (let flap = 0; flap < flaps; flap++) {
    const victim = server.pidOf('postgres');
    process.kill(victim, 'SIGKILL');
    await server.until('another PostgreSQL', 60_000, () => {
      const pid = pidOfPostgres(server);
      return pid !== null && pid !== victim;
    });
    await pause(300 + 400 * (flap % 4));
  }
  return settle(server, await placing, `PostgreSQL killed ${flaps} times, ${CALLS} calls meanwhile`);
}

/** Null while it has none: PostgreSQL is between two lives. */
function pidOfPostgres(server: TestServer): number | null {
  try {
    return server.pidOf('postgres');
  } catch {
    return null;
  }
}

function placeAll(client: RecordingClient, seed: number): Promise<PromiseSettledResult<PlacedCall>[]> {
  return Promise.allSettled(
    Array.from({ length: CALLS }, async (_, at) => {
      await pause(at * 300);
      return placeNoise(client, seed + at, PACKETS);
    }),
  );
}

async function settle(
  server: TestServer,
  placed: readonly PromiseSettledResult<PlacedCall>[],
  fault: string,
): Promise<Finding> {
  const taken = placed.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const began = performance.now();
  const inList = async (): Promise<boolean> => {
    const account = await accountOf(server, taken).catch(() => null);
    return account !== null && account.found === taken.length;
  };
  await server.until('all calls to be in the list', 120_000, inList);
  const seconds = (performance.now() - began) / 1000;
  const { missingPackets, undeclared, wrongPackets, twice } = await accountOf(server, taken);
  const refused = placed.length - taken.length;
  return {
    fault,
    target: 'no call refused, all in the list within 120 s, once; nothing missing that is not told, nothing wrong',
    found: `${refused} refused, all in the list after ${seconds.toFixed(0)} s, ${missingPackets} of ${taken.length * 2 * PACKETS} packets missing, ${undeclared} calls that do not tell, ${wrongPackets} wrong, ${twice} twice`,
    isMet: refused + undeclared + wrongPackets + twice === 0,
  };
}
