/**
 * Builds the batch receiver (native/receiver.c) for this machine, unless it is there; `npm start` and the tests run it first. Where it cannot be built, the recorder
 * receives with Node's own sockets, so that only the tests take that for a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ADDON_SOURCE, addonPath } from '../src/recording/capture/source/addon.ts';

// Vitest's own loader has no import.meta.resolve.
const require = createRequire(import.meta.url);
const FLAGS = ['-O2', '-std=gnu11', '-Wall', '-Wextra', '-fPIC', '-shared', '-fvisibility=hidden'];

/** The first compiler that runs; undefined: there is none. */
function compiler(): string | undefined {
  const named = process.env['CC'];
  return [...(named === undefined ? [] : [named]), 'cc', 'gcc', 'clang'].find(
    (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
  );
}

function headers(): string {
  return join(dirname(require.resolve('node-api-headers')), 'include');
}

/** @returns whether it is there now */
export function buildReceiver(): boolean {
  if (process.platform !== 'linux') return false;
  const target = addonPath();
  if (existsSync(target)) return true;
  const cc = compiler();
  if (cc === undefined) return false;
  mkdirSync(dirname(target), { recursive: true });
  const made = `${target}.${process.pid}`;
  const { status } = spawnSync(cc, [...FLAGS, '-I', headers(), '-o', made, ADDON_SOURCE], { stdio: 'inherit' });
  if (status !== 0) {
    rmSync(made, { force: true });
    throw new Error('the batch receiver could not be built.');
  }
  renameSync(made, target);
  return true;
}

/** For vitest. */
export function setup(): void {
  buildReceiver();
}

if (import.meta.filename === process.argv[1]) {
  try {
    if (!buildReceiver())
      console.log('No C compiler: the recorder will receive with Node’s own sockets, which carry fewer calls.');
  } catch (error) {
    console.log(`${String(error)} The recorder will receive with Node’s own sockets, which carry fewer calls.`);
  }
}
