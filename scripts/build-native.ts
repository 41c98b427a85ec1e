/**
 * Builds the add-ons (native/*.c) for this machine, unless they are there; `npm start` and the tests run it first. Where they cannot be built, the recorder
 * receives and seals with what Node brings, so that only the tests take that for a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { addonNames, addonPath, addonSource } from '../src/base/addon.ts';

// Vitest's own loader has no import.meta.resolve.
const require = createRequire(import.meta.url);
// Now: a function that Node does not have is missed when the add-on is loaded, not when it is called.
const FLAGS = ['-O2', '-std=gnu11', '-Wall', '-Wextra', '-fPIC', '-shared', '-fvisibility=hidden', '-Wl,-z,now'];

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

/** @returns whether they are there now */
export function buildAddons(): boolean {
  if (process.platform !== 'linux') return false;
  const missing = addonNames().filter((name) => !existsSync(addonPath(name)));
  if (missing.length === 0) return true;
  const cc = compiler();
  if (cc === undefined) return false;
  for (const name of missing) build(cc, name);
  return true;
}

function build(cc: string, name: string): void {
  const target = addonPath(name);
  mkdirSync(dirname(target), { recursive: true });
  const made = `${target}.${process.pid}`;
  const { status } = spawnSync(cc, [...FLAGS, '-I', headers(), '-o', made, addonSource(name)], { stdio: 'inherit' });
  if (status !== 0) {
    rmSync(made, { force: true });
    throw new Error(`native/${name}.c could not be built.`);
  }
  renameSync(made, target);
}

/** For vitest. */
export function setup(): void {
  buildAddons();
}

const WITHOUT = 'The recorder will receive and seal with what Node brings, which carries fewer calls.';

if (import.meta.filename === process.argv[1]) {
  try {
    if (!buildAddons()) console.log(`No C compiler. ${WITHOUT}`);
  } catch (error) {
    console.log(`${String(error)} ${WITHOUT}`);
  }
}
