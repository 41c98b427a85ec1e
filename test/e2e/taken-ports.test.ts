import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accountOf, placeNoise } from '../faults/placed-calls.ts';
import { RecordingClient } from './recording-client.ts';
import { TestServer } from './server.ts';

const BASE = 26_200;
const FIRST = BASE + 100;
const PORTS = 24;

/** Another program has some of our ports, and then all of them. */
describe('media ports that another program has', () => {
  const server = new TestServer({
    basePort: BASE,
    env: { EARSHOT_RTP_PORTS: `${FIRST}-${FIRST + PORTS - 1}`, EARSHOT_RTP_REST: '1' },
  });
  const others: Socket[] = [];
  let client: RecordingClient;

  beforeAll(async () => {
    await server.start();
    client = await RecordingClient.open(server, 'udp');
  }, 120_000);

  afterAll(async () => {
    await client.close();
    for (const other of others) other.close();
    await server.remove();
  });

  async function take(port: number): Promise<void> {
    const socket = createSocket('udp4');
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    others.push(socket);
  }

  it('are passed over, and the answer names those that were bound', async () => {
    for (const port of [0, 5, 9]) await take(FIRST + port);
    const call = await placeNoise(client, 1, 100);
    await server.until('the call to be archived', 30_000, async () => (await accountOf(server, [call])).found === 1);
    expect(await accountOf(server, [call])).toMatchObject({ found: 1, twice: 0, missingPackets: 0, wrongPackets: 0 });
    expect(server.output).toContain('a port of a call is taken by somebody else');
  });

  it('leave a call refused with 503, and nothing of it behind', async () => {
    for (let port = 0; port < PORTS; port++) await take(FIRST + port).catch(() => undefined);
    await expect(placeNoise(client, 2, 10)).rejects.toThrow(/503/);
    const { recorder } = await server.api<{ recorder: { figures: Record<string, number> } }>('GET', '/status');
    expect(recorder.figures['calls_opened_total']).toBe(1);
    const isOver = async (): Promise<boolean> => {
      const { figures } = (await server.api<{ recorder: { figures: Record<string, number> } }>('GET', '/status'))
        .recorder;
      return (
        figures['calls_unarchived'] === 0 && figures['rtp_ports_used'] === 0 && figures['calls_refused_total'] === 1
      );
    };
    await server.until('the call to be forgotten', 10_000, isOver);
    expect((await server.api<{ items: unknown[] }>('GET', '/recordings?limit=10')).items).toHaveLength(1);
  });
});
