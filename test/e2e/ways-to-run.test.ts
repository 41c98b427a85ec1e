import { chmodSync, chownSync, mkdirSync, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { TestServer } from './server.ts';

/** An ordinary user without a name. */
const UID = 12_345;

interface Listed {
  readonly durationMs: number;
  readonly parties: readonly unknown[];
}

const isRoot = process.getuid?.() === 0;
const servers: TestServer[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

/** Starts, places the built-in test call, and gives what the command lists within a minute of readiness. */
async function firstCall(server: TestServer): Promise<Listed[]> {
  servers.push(server);
  await server.start();
  const ready = performance.now();
  await server.cli('call', '--seconds', '10');
  let listed: Listed[] = [];
  await server.until('the call to be in the list', 60_000 - (performance.now() - ready), async () => {
    listed = JSON.parse(await server.cli('recordings', 'list', '--json')) as Listed[];
    return listed.length > 0;
  });
  return listed;
}

function expectTheCall(listed: readonly Listed[]): void {
  expect(listed).toHaveLength(1);
  expect(listed[0]!.parties).toHaveLength(2);
  expect(Math.abs(listed[0]!.durationMs - 10_000)).toBeLessThanOrEqual(100);
}

describe('a fresh installation records the built-in test call', () => {
  // oxlint-disable-next-line vitest/expect-expect -- expectTheCall asserts
  it.runIf(isRoot)('as root, in a folder that others cannot enter', async () => {
    const closed = mkdtempSync(join(tmpdir(), 'earshot-closed-'));
    expect(statSync(closed).mode & 0o077).toBe(0);
    expectTheCall(await firstCall(new TestServer({ basePort: 25_000, dataDir: join(closed, 'data') })));
    expect(statSync(closed).mode & 0o077, 'it is left closed').toBe(0);
  });

  // oxlint-disable-next-line vitest/expect-expect -- expectTheCall asserts
  it('as an ordinary user', async () => {
    const home = mkdtempSync(join(tmpdir(), 'earshot-home-'));
    const dataDir = join(home, 'data');
    mkdirSync(dataDir);
    const options = { basePort: 25_000, dataDir, env: { HOME: home } };
    if (!isRoot) {
      expectTheCall(await firstCall(new TestServer(options)));
      return;
    }
    for (const path of [home, dataDir]) {
      chownSync(path, UID, UID);
      chmodSync(path, 0o700);
    }
    expectTheCall(await firstCall(new TestServer({ ...options, uid: UID })));
  });
});
