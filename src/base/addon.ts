import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { messageOf } from './errors.ts';

const NATIVE = new URL('../../native/', import.meta.url).pathname;

/** Names of the add-ons that there are: `receiver` is native/receiver.c. */
export function addonNames(): string[] {
  return readdirSync(NATIVE)
    .filter((file) => file.endsWith('.c'))
    .map((file) => file.slice(0, -2));
}

export function addonSource(name: string): string {
  return join(NATIVE, `${name}.c`);
}

/** Where the add-on of this very source and machine is built: another version's is never loaded. */
export function addonPath(name: string): string {
  const version = createHash('sha256')
    .update(readFileSync(addonSource(name)))
    .digest('hex')
    .slice(0, 16);
  return join(NATIVE, 'build', `${name}-${version}-${process.platform}-${process.arch}.node`);
}

export type LoadedAddon<T> = { readonly addon: T } | { readonly addon: null; readonly reason: string };

/** The add-on, where it was built and can be used here; else why not. */
export function loadAddon<T>(name: string): LoadedAddon<T> {
  if (process.platform !== 'linux') return { addon: null, reason: `it is not for ${process.platform}` };
  try {
    const path = addonPath(name);
    if (!existsSync(path)) return { addon: null, reason: 'it has not been built here' };
    return { addon: createRequire(import.meta.url)(path) as T };
  } catch (error) {
    return { addon: null, reason: `it cannot be loaded: ${messageOf(error)}` };
  }
}
