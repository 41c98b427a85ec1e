import { mkdtempSync, rmSync } from 'node:fs';
import { Migrator } from 'kysely/migration';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { silentLog } from '../base/log.ts';
import { openConnection } from './connect.ts';
import { startEmbedded } from './embedded/server.ts';
import { provider } from './migrations/index.ts';

it(
  'makes the first administrator of an older installation its operator, and keeps all that was',
  { timeout: 60_000 },
  async () => {
    const dataDir = mkdtempSync('/tmp/earshot-levels-');
    const server = await startEmbedded({ dataDir, log: silentLog });
    const connection = openConnection(server.target, silentLog, 2);
    try {
      const { db } = connection;
      const migrator = new Migrator({ db, provider });
      expect((await migrator.migrateTo('0003-calls')).error).toBeUndefined();
      await sql.raw(BEFORE).execute(db);
      expect((await migrator.migrateToLatest()).error).toBeUndefined();
      const people = await db.selectFrom('users').select(['id', 'role', 'account_id']).orderBy('id').execute();
      expect(people).toEqual([
        { id: 'first', role: 'operator', account_id: null },
        { id: 'gone', role: 'administrator', account_id: 'main' },
        { id: 'second', role: 'administrator', account_id: 'main' },
      ]);
      const tokens = await db.selectFrom('tokens').select(['id', 'scope', 'account_id']).orderBy('id').execute();
      expect(tokens).toEqual([
        { id: 'figures', scope: 'metrics', account_id: null },
        { id: 'reader', scope: 'read', account_id: 'main' },
      ]);
      const audit = await db
        .selectFrom('audit')
        .select(['outcome', 'name', 'address', 'detail'])
        .orderBy('id')
        .execute();
      expect(audit).toEqual([
        { outcome: 'refused', name: 'alice', address: '192.0.2.1', detail: { i: 1 } },
        { outcome: 'done', name: null, address: null, detail: { callId: 'c' } },
      ]);
      expect(await db.selectFrom('sessions').select('user_id').execute()).toEqual([{ user_id: 'first' }]);
    } finally {
      await connection.db.destroy();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  },
);

const BEFORE = `
insert into users (id, account_id, login, name, role, created_at, disabled_at) values
  ('gone', 'main', 'carol', 'Carol', 'administrator', '2026-01-01', '2026-02-01'),
  ('first', 'main', 'alice', 'Alice', 'administrator', '2026-01-02', null),
  ('second', 'main', 'bob', 'Bob', 'administrator', '2026-01-03', null);
insert into sessions (hash, account_id, user_id, expires_at) values ('s', 'main', 'first', '2027-01-01');
insert into tokens (id, account_id, hash, name, role, user_id) values
  ('figures', 'main', 'h1', 'Figures', 'metrics', 'first'), ('reader', 'main', 'h2', 'Reader', 'read', 'second');
insert into audit (account_id, actor, action, subject, detail) values
  ('main', 'user:first', 'session.start', '', '{"outcome": "refused", "name": "alice", "address": "192.0.2.1", "more": {"i": 1}}'),
  ('main', 'system', 'recording.created', 'r', '{"callId": "c"}');
`;
