import { spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EarshotError } from '../../base/errors.ts';
import type { Binaries } from './binaries.ts';
import { POSTGRES_MAJOR } from './binaries.ts';
import type { Layout } from './layout.ts';
import { initdbsOn } from './postmaster.ts';
import { initdbArguments } from './parameters.ts';
import { wrapInitdb, type Runner } from './runner.ts';

/** @throws EarshotError DATABASE_VERSION when the data folder is another major version's */
export function checkVersion(layout: Layout): void {
  const file = join(layout.data, 'PG_VERSION');
  if (!existsSync(file)) return;
  const found = readFileSync(file, 'utf8').trim();
  if (found === String(POSTGRES_MAJOR)) return;
  throw new EarshotError(
    'DATABASE_VERSION',
    `${layout.data} was made by PostgreSQL ${found}; this Earshot brings PostgreSQL ${POSTGRES_MAJOR}.`,
    {
      key: 'EARSHOT_DATA',
      remedy:
        `Run \`earshot backup\` with the Earshot that brought PostgreSQL ${found}, move the folder away, ` +
        'and run `earshot restore` with this one.',
    },
  );
}

/** Fills a new data folder beside its final place and moves it there when it is whole. */
export async function initialise(layout: Layout, binaries: Binaries, runner: Runner, password: string): Promise<void> {
  // One whose parent was killed may still be at work there.
  for (const pid of initdbsOn(layout.fresh)) process.kill(pid, 'SIGKILL');
  rmSync(layout.fresh, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  mkdirSync(layout.fresh, { mode: 0o700 });
  chownSync(layout.fresh, runner.uid, runner.gid);
  const passwordFile = join(layout.socket, 'initdb-password');
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, `${password}\n`, { flag: 'wx', mode: 0o600 });
  try {
    chownSync(passwordFile, runner.uid, runner.gid);
    await run(wrapInitdb(runner, binaries.initdb, initdbArguments(layout.fresh, passwordFile)));
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(layout.fresh, layout.data);
}

function run(command: ReturnType<Runner['wrap']>): Promise<void> {
  const { file, args, ...options } = command;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const child = spawn(file, args, {
    ...options,
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-4000)));
  child.on('error', reject);
  child.on('close', (code) => (code === 0 ? resolve() : reject(initdbFailed(said))));
  return promise;
}

function initdbFailed(said: string): EarshotError {
  const line = said.split('\n').find((text) => /error|fatal|could not/i.test(text)) ?? said.split('\n')[0] ?? '';
  if (/No space left/.test(said)) {
    return new EarshotError('DISK_FULL', 'no space left to make the database.', {
      key: 'EARSHOT_DATA',
      remedy: 'Free at least 200 MB.',
    });
  }
  return new EarshotError('DATABASE_START', `initdb failed: ${line.trim()}.`, {
    remedy: 'Mend what it names, or set DATABASE_URL to a PostgreSQL server of your own.',
  });
}

/** Nothing of our own environment reaches the server: PG* variables and foreign locales change what it does. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' };
}
