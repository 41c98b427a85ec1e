import type { Migration, MigrationProvider } from 'kysely/migration';
import * as initial from './0001-initial.ts';
import * as directory from './0002-directory.ts';
import * as calls from './0003-calls.ts';
import * as levels from './0004-levels.ts';

/** All migrations by name, oldest first. One that was released is never changed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
  '0002-directory': directory,
  '0003-calls': calls,
  '0004-levels': levels,
};

/** Migrations out of the program itself: no folder is read at run time. */
export const provider: MigrationProvider = {
  getMigrations: () => Promise.resolve({ ...migrations }),
};
