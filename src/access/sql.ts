import type { Kysely } from 'kysely';
import type { Schema } from '../catalogue/schema.ts';
import { listAudit, writeAudit } from './sql-audit.ts';
import { linkStore } from './sql-links.ts';
import { peopleStore } from './sql-people.ts';
import { sessionStore } from './sql-sessions.ts';
import { tokenStore } from './sql-tokens.ts';
import type { AccessStore } from './store.ts';

/** The store in PostgreSQL, on the tables of the catalogue. */
export function sqlAccessStore(db: Kysely<Schema>): AccessStore {
  return {
    ...peopleStore(db),
    ...sessionStore(db),
    ...tokenStore(db),
    ...linkStore(db),
    writeAudit: (entry) => writeAudit(db, entry),
    listAudit: (filter) => listAudit(db, filter),
  };
}
