import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../../base/log.ts';
import { clientConfig } from '../connect.ts';
import { binariesIn, installedBinaries, mendLinks } from './binaries.ts';
import { embeddedTarget, layoutOf } from './layout.ts';
import { isAlive } from './postmaster.ts';
import { startEmbedded, type EmbeddedServer } from './server.ts';

let folder: string;
let servers: EmbeddedServer[] = [];
const isRoot = process.getuid?.() === 0;

beforeEach(() => {
  folder = mkdtempSync('/tmp/earshot-embedded-');
  chmodSync(folder, 0o711);
});
afterEach(async () => {
  for (const server of servers) await server.stop();
  servers = [];
  rmSync(layoutOf(folder).socket, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

async function start(dataDir = folder): Promise<EmbeddedServer> {
  const server = await startEmbedded({ dataDir, log: silentLog });
  servers.push(server);
  return server;
}

async function query<T extends object>(text: string, dataDir = folder): Promise<T[]> {
  const client = new Client(clientConfig(embeddedTarget(dataDir)));
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

/** Starts a server by a process of its own, as the supervisor does, under another uid if wanted; returns what it printed. */
function startElsewhere(dataDir: string, uid?: number): string {
  const program = `
    const { startEmbedded } = await import(${JSON.stringify(join(import.meta.dirname, 'server.ts'))});
    const { silentLog } = await import(${JSON.stringify(join(import.meta.dirname, '../../base/log.ts'))});
    const server = await startEmbedded({ dataDir: ${JSON.stringify(dataDir)}, log: silentLog });
    console.log(server.pid, server.runner, process.getuid());
    process.kill(process.pid, 'SIGKILL');`;
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    cwd: '/',
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  expect(result.stderr).toBe('');
  return result.stdout.trim();
}

/** Not so where the program itself lies in a folder that is closed to others. */
function othersCanReadUs(): boolean {
  const program = `await import(${JSON.stringify(join(import.meta.dirname, 'server.ts'))})`;
  const options = { cwd: '/', uid: 54_321, gid: 54_321 };
  return isRoot && spawnSync(process.execPath, ['--input-type=module', '-e', program], options).status === 0;
}

describe('the embedded server', { timeout: 60_000 }, () => {
  it('keeps what was committed through kill -9 of its parent and of itself', async () => {
    const [pid] = startElsewhere(folder).split(' ').map(Number);
    const adopted = await start();
    expect(adopted).toMatchObject({ adopted: true, pid });
    await query('create table kept (n int); insert into kept values (1)');
    process.kill(adopted.pid, 'SIGKILL');
    await adopted.exited;
    const next = await start();
    expect(next).toMatchObject({ adopted: false });
    expect(await query('select n from kept')).toEqual([{ n: 1 }]);
  });

  it('waits for the end of one that is being stopped, and starts anew', async () => {
    const first = await start();
    const busy = new Client(clientConfig(first.target));
    busy.on('error', () => undefined);
    await busy.connect();
    // Smart shutdown: it takes no new sessions and waits for this one.
    process.kill(first.pid, 'SIGTERM');
    const next = start();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await busy.end();
    expect((await next).pid).not.toBe(first.pid);
  });

  it('ends backends that outlived their postmaster instead of failing beside them', async () => {
    const first = await start();
    const busy = new Client(clientConfig(first.target));
    busy.on('error', () => undefined);
    await busy.connect();
    const spinning = busy.query('do $$ begin loop null; end loop; end $$').catch(() => undefined);
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const next = await start();
    expect(isAlive(next.pid)).toBe(true);
    await spinning;
    await busy.end().catch(() => undefined);
  });

  it('is not taken in by a pid file whose pid another program has now', async () => {
    const first = await start();
    await first.stop();
    const file = join(folder, 'postgres', 'postmaster.pid');
    writeFileSync(file, `${process.pid}\n${join(folder, 'postgres')}\n1\n5432\n/tmp\n\n 1 1\nready\n`);
    expect(await start()).toMatchObject({ adopted: false });
  });

  it('has UTF-8, checksums, fsync, a private socket only, and a role that is not its administrator', async () => {
    const server = await start();
    const show = async (name: string): Promise<unknown> => Object.values((await query(`show ${name}`))[0]!)[0];
    expect(await show('server_encoding')).toBe('UTF8');
    expect(await show('data_checksums')).toBe('on');
    expect(await show('fsync')).toBe('on');
    expect(await show('listen_addresses')).toBe('');
    expect(statSync(server.target.folder).mode & 0o777).toBe(0o700);
    expect(statSync(layoutOf(folder).password).mode & 0o777).toBe(0o600);
    await expect(query(`copy (select 1) to program 'true'`)).rejects.toThrow(/permission denied/);
    const wrong = new Client({ ...clientConfig(server.target), password: 'wrong' });
    await expect(wrong.connect()).rejects.toThrow(/password authentication failed/);
  });

  it('does not open the folder of another major version and says what to do', async () => {
    mkdirSync(join(folder, 'postgres'));
    writeFileSync(join(folder, 'postgres', 'PG_VERSION'), '17\n');
    await expect(start()).rejects.toMatchObject({
      code: 'DATABASE_VERSION',
      remedy: expect.stringContaining('earshot backup'),
    });
  });

  it('begins again where initdb was cut off', async () => {
    mkdirSync(join(folder, 'postgres.new', 'base'), { recursive: true });
    await start();
    expect(await query('select 1 as n')).toEqual([{ n: 1 }]);
  });

  it('says that secrets and database are not of the same backup', async () => {
    await (await start()).stop();
    rmSync(layoutOf(folder).password);
    await expect(start()).rejects.toMatchObject({ code: 'KEY_MISSING' });
  });

  it('takes a short private folder for its socket where the path would be too long', async () => {
    const deep = join(folder, 'd'.repeat(100));
    mkdirSync(deep, { mode: 0o711 });
    const server = await start(deep);
    expect(server.target.folder.length).toBeLessThan(60);
    expect(statSync(server.target.folder).mode & 0o777).toBe(0o700);
    expect(await query('select 1 as n', deep)).toEqual([{ n: 1 }]);
    await server.stop();
    rmSync(server.target.folder, { recursive: true });
  });
});

describe.runIf(isRoot)('as root', { timeout: 60_000 }, () => {
  it('runs as another user where that one can pass', async () => {
    const server = await start();
    expect(server.runner).toBe('user');
    expect(statSync(join(folder, 'postgres')).uid).not.toBe(0);
  });

  it('runs in a folder that others cannot enter', async () => {
    chmodSync(folder, 0o700);
    const server = await start();
    // A container may forbid namespaces.
    expect(['namespace', 'capability']).toContain(server.runner);
    await server.stop();
    expect(await start()).toMatchObject({ runner: server.runner });
  });

  it('runs with one capability where the folder is closed and somebody else’s', async () => {
    const closed = join(folder, 'closed');
    mkdirSync(join(closed, 'data'), { recursive: true });
    chownSync(closed, 12_345, 12_345);
    chmodSync(closed, 0o700);
    expect(await start(join(closed, 'data'))).toMatchObject({ runner: 'capability' });
  });

  it.runIf(othersCanReadUs())('runs for an ordinary user, known to the system or not', async () => {
    for (const uid of [65_534, 54_321]) {
      const dataDir = join(folder, String(uid));
      mkdirSync(dataDir);
      chownSync(dataDir, uid, uid);
      const [pid] = startElsewhere(dataDir, uid).split(' ').map(Number);
      expect(startElsewhere(dataDir, uid)).toBe(`${pid} unknown ${uid}`);
      expect(await start(dataDir)).toMatchObject({ adopted: true, pid });
    }
  });

  it('copies binaries that its user cannot reach', async () => {
    const native = join(folder, 'closed', 'package', 'native');
    cpSync(installedBinaries().folder, native, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a'),
    });
    writeFileSync(join(native, '..', 'package.json'), '{"version":"1.2.3"}');
    chmodSync(join(folder, 'closed'), 0o700);
    const server = await startEmbedded({ dataDir: folder, log: silentLog, binaries: binariesIn(native) });
    servers.push(server);
    expect(server.runner).toBe('user');
    expect(readlinkSync(`/proc/${server.pid}/exe`)).toBe(
      join(folder, 'postgres.bin', '18-1.2.3', 'native', 'bin', 'postgres'),
    );
  });
});

describe('library links', () => {
  it('are made where the install script was not run, and mended where they point nowhere', () => {
    const native = join(folder, 'native');
    mkdirSync(join(native, 'lib'), { recursive: true });
    const links = [1, 2].map((n) => ({ source: `native/lib/lib${n}.so.1.2`, target: `native/lib/lib${n}.so` }));
    writeFileSync(join(native, 'pg-symlinks.json'), JSON.stringify(links));
    for (const n of [1, 2]) writeFileSync(join(native, 'lib', `lib${n}.so.1.2`), String(n));
    symlinkSync('nowhere', join(native, 'lib', 'lib2.so'));
    expect(mendLinks(binariesIn(native))).toBe(true);
    expect([1, 2].map((n) => readFileSync(join(native, 'lib', `lib${n}.so`), 'utf8'))).toEqual(['1', '2']);
  });
});
