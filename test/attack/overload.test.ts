import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describe as sdpOf } from '../e2e/recorded-session.ts';
import { RecordingClient } from '../e2e/recording-client.ts';
import { type ServerOptions, TestServer } from '../e2e/server.ts';
import { Shelf } from '../e2e/shelf.ts';
import { WirePeer } from '../e2e/wire-peer.ts';
import { count, timeFor } from './counts.ts';
import { shown } from './shown.ts';
import { SetupLoad } from './setup-load.ts';
import { WitnessCall } from './witness-call.ts';

const servers: TestServer[] = [];

/** A server that is stopped after the test, whatever its end. */
async function started(options: Omit<ServerOptions, 'basePort'> = {}): Promise<TestServer> {
  const server = new TestServer({ basePort: 28_000, ...options });
  servers.push(server);
  await server.start();
  return server;
}

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

const RATE = 20;
const SECONDS = count('OVERLOAD_SECONDS', 4, 30);
const REFUSED_WITHIN_MS = 200;
/** Left for machines that do more than this at the same time. */
const STRAGGLERS = 0.02;

describe(`with a cap of ${RATE} new calls a second`, () => {
  const server = new TestServer({ basePort: 28_000, env: { EARSHOT_MAX_RATE: String(RATE) } });
  const shelf = new Shelf(server);
  let client: RecordingClient;

  beforeAll(async () => {
    await server.start();
    client = await RecordingClient.open(server, 'udp');
  });

  afterAll(async () => {
    await client.close();
    await server.stop();
  });

  it.each([2, 5, 10])(
    'an offer of %i times as many completes nine tenths of the cap or more, and a call in progress loses nothing',
    async (times) => {
      const witness = await WitnessCall.open(client, `+1555030${String(times).padStart(2, '0')}`, SECONDS);
      const load = await SetupLoad.open(server.sipPort, '127.0.0.1');
      const figures = await load.run(RATE * times, SECONDS);
      const late = figures.refusalMs.filter((ms) => ms > REFUSED_WITHIN_MS).length;
      await shown(
        `${times} times the cap of ${RATE} set-ups a second, for ${SECONDS} s`,
        `nine tenths of ${RATE * SECONDS} or more taken, the rest refused within ${REFUSED_WITHIN_MS} ms with Retry-After, no sample of a call lost`,
        `${figures.completed} taken, ${figures.refused} refused, ${late} of them late`,
        async () => {
          expect(figures.completed).toBeGreaterThanOrEqual(0.9 * RATE * SECONDS);
          // The slack of a second, and no more.
          expect(figures.completed).toBeLessThanOrEqual(RATE * (SECONDS + 2));
          expect(figures.completed + figures.refused).toBe(figures.offered);
          expect(figures.withoutRetryAfter).toBe(0);
          expect(late).toBeLessThanOrEqual(STRAGGLERS * figures.refused);
          await witness.expectUnharmed(shelf);
        },
      );
    },
    timeFor(SECONDS, 2000),
  );

  it('raises the alarm, in the status and as a metric', async () => {
    const { alarms } = await server.api<{ alarms: { code: string }[] }>('GET', '/status');
    expect(alarms.map(({ code }) => code)).toContain('calls-refused');
    const metrics = await server.api<Buffer>('GET', '/metrics');
    expect(metrics.toString()).toContain('earshot_alarm{code="calls-refused"} 1');
  });
});

describe('OPTIONS', () => {
  it('is answered 503 within a second of a stop, and so is an INVITE, while the running call goes on', async () => {
    const server = await started({ env: { EARSHOT_DRAIN_SECONDS: '4' } });
    const peer = await WirePeer.open(server.sipPort);
    const client = await RecordingClient.open(server, 'udp');
    const witness = await WitnessCall.open(client, '+15550311', 2);
    expect((await peer.ask('OPTIONS')).status).toBe(200);
    const stopped = server.stop();
    const from = performance.now();
    await server.until('OPTIONS to turn 503', 1000, async () => (await peer.ask('OPTIONS')).status === 503);
    const turnedMs = performance.now() - from;
    await shown('OPTIONS once it drains', '503 within a second', `after ${turnedMs.toFixed(0)} ms`, () =>
      expect(turnedMs).toBeLessThan(1000),
    );
    const offer = sdpOf([30_000, 30_002]);
    const refusal = await peer.ask('INVITE', ['Content-Type: application/sdp'], offer);
    expect([refusal.status, Number(refusal.headers.get('retry-after'))]).toEqual([503, expect.any(Number)]);
    await witness.end();
    await stopped;
    const again = await started({ dataDir: server.dataDir });
    const shelf = new Shelf(again);
    expect((await shelf.find('+15550311')).endReason).toBe('bye');
    peer.close();
    await client.close();
  });

  it('is answered 503 while the disk is short, and 200 while only the database is away', async () => {
    const short = await started({ env: { EARSHOT_MIN_FREE_MB: '9000000' } });
    const peer = await WirePeer.open(short.sipPort);
    const answer = await peer.ask('OPTIONS');
    expect([answer.status, Number(answer.headers.get('retry-after'))]).toEqual([503, 10]);
    await short.until('the alarm', 5000, async () => {
      const { alarms } = await short.api<{ alarms: { code: string }[] }>('GET', '/status');
      return alarms.some(({ code }) => code === 'disk-short');
    });
    await short.stop();
    const well = await started();
    process.kill(well.pidOf('postgres'), 'SIGSTOP');
    try {
      expect((await peer.ask('OPTIONS')).status).toBe(200);
    } finally {
      process.kill(well.pidOf('postgres'), 'SIGCONT');
    }
    peer.close();
  });
});

describe('an upgrade', () => {
  it('of a running server cuts no call: the successor goes on with it after a gap of two seconds at most', async () => {
    const server = await started();
    const client = await RecordingClient.open(server, 'udp');
    const witness = await WitnessCall.open(client, '+15550321', 8);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const before = { recorder: server.pidOf('recorder'), service: server.pidOf('service') };
    process.kill(server.pid, 'SIGUSR2');
    const renewed = (role: 'recorder' | 'service') => server.pidOf(role) !== before[role] && server.pidOf(role) > 0;
    await server.until('both to be renewed', 15_000, () => renewed('recorder') && renewed('service'));
    await server.ready();
    await witness.end();
    const shelf = new Shelf(server);
    const detail = await shelf.find('+15550321');
    expect(detail.endReason).toBe('bye');
    const gaps = detail.events.filter(({ type }) => type === 'capture-gap');
    const lost = 8 * 50 - detail.tracks[0]!.packets;
    await shown(
      'upgrade of recorder and service under a running call',
      'the call goes on, a declared gap of two seconds at most',
      `${lost * 20} ms missing, ${gaps.length} gap declared`,
      () => {
        expect(gaps).toHaveLength(1);
        expect(lost).toBeLessThan(2 * 50);
      },
    );
    await client.close();
  });
});
