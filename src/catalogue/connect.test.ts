import { sql } from 'kysely';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isConnectionError } from './connect.ts';
import { withCatalogue } from './testing.ts';

it('a server that dies between two queries of a transaction fails the next query, and not the process', async () => {
  await withCatalogue(async ({ catalogue }) => {
    const transaction = catalogue.db.transaction().execute(async (within) => {
      const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(within);
      await sql`select pg_terminate_backend(${rows[0]!.pid})`.execute(catalogue.db);
      // Long enough that the end of the connection comes while nothing is asked of it.
      await pause(300);
      await sql`select 1`.execute(within);
    });
    const error: unknown = await transaction.catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(Error);
    expect(isConnectionError(error)).toBe(true);
    await catalogue.ping();
  });
});
