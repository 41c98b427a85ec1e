import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describe as sdpOf } from '../e2e/recorded-session.ts';
import { TestServer } from '../e2e/server.ts';
import { WirePeer } from '../e2e/wire-peer.ts';
import { AlarmListener } from './alarm-listener.ts';
import { LONG } from './counts.ts';
import { shown } from './shown.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-alarms-'));
const certificate = join(folder, 'soon.crt');
const key = join(folder, 'soon.key');
const offset = join(folder, 'offset');
const FAKETIME = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
const setsClock = existsSync(FAKETIME);

/** Everything that can be amiss at once: a full disk, certificates that run out, a clock that may be set. */
const server = new TestServer({
  basePort: 28_000,
  env: {
    EARSHOT_LOG: 'info',
    EARSHOT_MIN_FREE_MB: '9000000',
    ...Object.fromEntries(
      ['SIP', 'HTTP'].flatMap((of) => [
        [`EARSHOT_${of}_CERT`, certificate],
        [`EARSHOT_${of}_KEY`, key],
      ]),
    ),
    ...(setsClock
      ? {
          LD_PRELOAD: FAKETIME,
          FAKETIME_TIMESTAMP_FILE: offset,
          FAKETIME_NO_CACHE: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
          DONT_FAKE_MONOTONIC: '1',
          NO_FAKE_STAT: '1',
        }
      : {}),
  },
});
let listener: AlarmListener;

beforeAll(async () => {
  const parameters = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '10'];
  execFileSync('openssl', [...parameters, '-subj', '/CN=soon', '-keyout', key, '-out', certificate], { stdio: 'pipe' });
  writeFileSync(offset, '+0\n');
  await server.start();
  listener = await AlarmListener.open(server);
});

afterAll(async () => {
  listener.close();
  await server.remove();
  rmSync(folder, { recursive: true });
});

/** It stands in the log, in the metrics and in the status, and whoever listens to events was told. */
function expectRaised(code: string): Promise<void> {
  const target = 'event, metric, status and one line in the log';
  return shown(
    `alarm ${code}`,
    target,
    () => listener.raised.get(code) ?? 'none',
    () => expectTold(code),
  );
}

async function expectTold(code: string): Promise<void> {
  await server.until(`the event of ${code}`, 15_000, () => listener.raised.has(code));
  expect(listener.raised.get(code)).toMatch(/\w.*\.$/);
  const { alarms } = await server.api<{ alarms: { code: string }[] }>('GET', '/status');
  expect(alarms.map((alarm) => alarm.code)).toContain(code);
  expect((await server.api<Buffer>('GET', '/metrics')).toString()).toContain(`earshot_alarm{code="${code}"} 1`);
  const logged = (): string[] =>
    server.output.split('\n').filter((line) => line.includes(`"code":"${code}"`) && line.includes('"msg":"alarm"'));
  await server.until(`the log line of ${code}`, 5000, () => logged().length > 0);
  expect(logged().map((line) => (JSON.parse(line) as { level: number }).level)).toEqual([50]);
}

describe('an alarm is told as event, metric, status and log line', () => {
  it.each(['disk-short', 'sip-certificate-old', 'http-certificate-old'])(
    'of what is amiss from the start on: %s',
    expectRaised,
  );

  it('of refused calls', async () => {
    const peer = await WirePeer.open(server.sipPort);
    const refusal = await peer.ask('INVITE', ['Content-Type: application/sdp'], sdpOf([30_000, 30_002]));
    expect(refusal.status).toBe(503);
    peer.close();
    await expectRaised('calls-refused');
  });

  it('of datagrams that the kernel threw away, as nobody read them', async () => {
    const socket = createSocket('udp4');
    const pid = server.pidOf('recorder');
    process.kill(pid, 'SIGSTOP');
    try {
      const datagram = Buffer.alloc(1400, 'x');
      for (let round = 0; round < 60; round++) {
        for (let one = 0; one < 200; one++) socket.send(datagram, server.sipPort, '127.0.0.1');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    } finally {
      process.kill(pid, 'SIGCONT');
      socket.close();
    }
    await expectRaised('packets-lost');
  });

  it.runIf(setsClock)('of a clock that was set', async () => {
    writeFileSync(offset, '+3600\n');
    await expectRaised('clock-step');
  });

  it.runIf(LONG)('and of its end: refused calls, a minute after the last', async () => {
    await server.until('the end of the alarm', 75_000, () => listener.cleared.has('calls-refused'));
    expect(server.output).toMatch(/"code":"calls-refused","msg":"alarm is over"/);
    expect((await server.api<Buffer>('GET', '/metrics')).toString()).not.toContain('code="calls-refused"');
  });
});
