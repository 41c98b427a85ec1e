import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run } from './program.ts';
import { TestServer } from './server.ts';

const isRoot = process.getuid?.() === 0;
/** An ordinary user: nobody. */
const ORDINARY = 65_534;

let folder: string;
const running = new TestServer({ basePort: 22_900, env: { EARSHOT_RTP_PORTS: '22910-22929' } });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-start-'));
  chmodSync(folder, 0o711);
  await running.start();
});

afterAll(async () => {
  await running.remove();
  rmSync(folder, { recursive: true });
});

interface Attempt {
  readonly code: number | null;
  /** What a person reads: standard error without the log's lines. */
  readonly lines: readonly string[];
  readonly seconds: number;
}

/** Starts on ports of its own, where `env` does not say otherwise, and waits for the end. */
async function attempt(env: NodeJS.ProcessEnv, uid?: number): Promise<Attempt> {
  const server = new TestServer({
    basePort: 22_940,
    dataDir: env['EARSHOT_DATA'] ?? join(folder, 'data'),
    env: { EARSHOT_RTP_PORTS: '22950-22969', EARSHOT_LOG: 'silent', ...env },
    ...(uid === undefined ? {} : { uid }),
  });
  const before = performance.now();
  const child = server.launch();
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const overdue = setTimeout(() => child.kill(), 20_000);
  await once(child, 'close');
  clearTimeout(overdue);
  expect(leftovers(server), 'nothing goes on running').toEqual([]);
  return {
    code: child.exitCode,
    lines: errors.split('\n').filter((line) => line !== ''),
    seconds: (performance.now() - before) / 1000,
  };
}

/** Roles of this data folder whose process is still there; those of the server that runs in it aside. */
function leftovers(server: TestServer): string[] {
  if (server.dataDir === running.dataDir) return [];
  return (['recorder', 'service', 'postgres'] as const).filter((role) => {
    if (role === 'postgres' && !existsSync(join(server.dataDir, 'postgres', 'postmaster.pid'))) return false;
    const pid = server.pidOf(role);
    return pid > 0 && existsSync(`/proc/${pid}`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').length > 0;
  });
}

/** One clear line with the key and what to do, and an exit code that tells of it, soon. */
function expectRefusal({ code, lines, seconds }: Attempt, key: string, ...words: RegExp[]): void {
  expect(lines).toHaveLength(1);
  const [line = ''] = lines;
  expect(line).toMatch(/^[A-Z_]+ /);
  expect(line).toContain(` ${key}:`);
  for (const word of words) expect(line).toMatch(word);
  expect(line, 'what to do').toMatch(/ must |[.:] (?:Give|Mend|Stop|Choose|Free|Check|Look) [^.]*\S.*\.$/);
  expect(code).not.toBeNull();
  expect(code).not.toBe(0);
  expect(seconds).toBeLessThan(15);
}

describe('a bad setting', () => {
  it.each([
    ['EARSHOT_MAX_CALLS', 'many', /"many".*whole number/],
    ['EARSHOT_SIP_PORT', '99999', /"99999".*65535/],
    ['EARSHOT_RTP_PORTS', '22951-22960', /even/],
    ['EARSHOT_LOG', 'loud', /"loud".*debug/],
    ['DATABASE_URL', 'mysql://127.0.0.1/earshot', /postgres:\/\//],
    ['DATABASE_URL', 'the database', /not a URL/],
  ])('in the environment (%s=%s) is named', async (name, value, words) => {
    expectRefusal(await attempt({ [name]: value }), name, words);
    expect(existsSync(join(folder, 'data')), 'nothing was begun').toBe(false);
  });

  it.each([
    ['sip.port', 'sip:\n  port: none\n', /"none".*whole number/],
    ['sip.prot', 'sip:\n  prot: 5060\n', /not a setting/],
    ['trunks[0].addresses', 'trunks:\n  - name: a\n    addresses: everywhere\n', /"everywhere"/],
    ['EARSHOT_CONFIG', 'sip: [', /not valid YAML/],
  ])('in the file (%s) is named', async (key, text, words) => {
    const file = join(folder, 'earshot.yaml');
    writeFileSync(file, text);
    expectRefusal(await attempt({ EARSHOT_CONFIG: file, EARSHOT_SIP_PORT: undefined }), key, words);
  });

  it('that names a file which is not there is named', async () => {
    expectRefusal(await attempt({ EARSHOT_CONFIG: join(folder, 'none.yaml') }), 'EARSHOT_CONFIG', /none\.yaml/);
  });
});

describe('what another program holds', () => {
  it.each([
    ['EARSHOT_HTTP_PORT', () => running.httpPort],
    ['EARSHOT_SIP_PORT', () => running.sipPort],
    ['EARSHOT_SIP_TLS_PORT', () => running.tlsPort],
  ])('port of %s is named', async (name, port) => {
    expectRefusal(await attempt({ [name]: String(port()) }), name, /PORT_IN_USE/, new RegExp(String(port())));
  });

  it('data folder of a running server is left alone', async () => {
    const refused = await attempt({ EARSHOT_DATA: running.dataDir });
    expectRefusal(refused, 'EARSHOT_DATA', /DATA_LOCKED/, new RegExp(`process ${running.pid}\\b`));
    await running.ready(1000);
  });

  it('database that nobody answers for is named', async () => {
    const refused = await attempt({ DATABASE_URL: 'postgres://earshot:secret@127.0.0.1:22999/earshot' });
    expectRefusal(refused, 'DATABASE_URL', /127\.0\.0\.1:22999/);
    expect(refused.lines.join()).not.toContain('secret');
  });
});

describe('a data folder', () => {
  it('that this user may not write to is named', async () => {
    const locked = join(folder, 'locked');
    mkdirSync(locked, { mode: 0o555 });
    const refused = await attempt({ EARSHOT_DATA: locked }, isRoot ? ORDINARY : undefined);
    expectRefusal(refused, 'EARSHOT_DATA', /DATA_UNWRITABLE/, /EACCES/);
  });

  it.runIf(isRoot)('that is full is named', async () => {
    const full = join(folder, 'full');
    await mounted(full, 'size=8m', async () => {
      const { bavail, bsize } = statfsSync(full);
      writeFileSync(join(full, 'ballast'), Buffer.alloc(bavail * bsize));
      expectRefusal(await attempt({ EARSHOT_DATA: full }), 'EARSHOT_DATA', /DISK_FULL/, /space|free/);
    });
  });

  it.runIf(isRoot)('with too little room for a database is named', async () => {
    const small = join(folder, 'small');
    await mounted(small, 'size=64m', async () => {
      expectRefusal(await attempt({ EARSHOT_DATA: small }), 'EARSHOT_DATA', /DISK_FULL/, /200 MB/);
    });
  });

  it.runIf(isRoot)('on a read-only disk is named', async () => {
    const frozen = join(folder, 'frozen');
    await mounted(frozen, 'ro,size=300m', async () => {
      expectRefusal(await attempt({ EARSHOT_DATA: frozen }), 'EARSHOT_DATA', /DATA_UNWRITABLE/, /EROFS/);
    });
  });
});

async function mounted(path: string, options: string, use: () => Promise<void>): Promise<void> {
  mkdirSync(path);
  await run('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path]);
  try {
    await use();
  } finally {
    await run('umount', [path]);
  }
}
