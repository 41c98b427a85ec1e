import type { Migration, MigrationProvider } from 'kysely/migration';
import * as initial from './0001-initial.ts';

/** All migrations by name, oldest first. One that was released is never changed. */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-initial': initial,
};

/** Migrations out of the program itself: no folder is read at run time. */
export const provider: MigrationProvider = {
  getMigrations: () => Promise.resolve({ ...migrations }),
};
