import { mkdtempSync, rmSync } from 'node:fs';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { silentLog } from '../base/log.ts';
import { Catalogue, MAIN_ACCOUNT, UNASSIGNED_ACCOUNT } from './catalogue.ts';
import { openConnection } from './connect.ts';
import { type EmbeddedServer, startEmbedded } from './embedded/server.ts';
import { migrations } from './migrations/index.ts';

let dataDir: string;
let server: EmbeddedServer;
beforeAll(async () => {
  dataDir = mkdtempSync('/tmp/earshot-migrations-');
  server = await startEmbedded({ dataDir, log: silentLog });
}, 60_000);
afterAll(async () => {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
  rmSync(server.target.folder, { recursive: true, force: true });
});

/** What the first version left: a recording that is there, with its call, and the tombstone of another. */
const OLD_DATA = `
insert into conversations (id, account_id, started_at) values ('c1', 'main', '2026-03-01T09:00:00Z');
insert into calls (id, account_id, conversation_id, node_id, protocol, trunk, started_at, ended_at)
  select id, 'main', 'c1', 'node-1', 'siprec', 'sbc', '2026-03-01T09:00:00Z', '2026-03-01T09:01:00Z' from (values ('c1'), ('c2')) as calls (id);
insert into recordings (id, record_id, call_id, account_id, conversation_id, node_id, direction, protocol, trunk, started_at, ended_at,
    duration_ms, end_reason, container, codec, channels, object_bytes, manifest_key, manifest_sha256, search)
  values ('r1', 1, 'c1', 'main', 'c1', 'node-1', 'OUT', 'siprec', 'sbc', '2026-03-01T09:00:00Z', '2026-03-01T09:01:00Z',
    60000, 'bye', 'wav', 'PCMU', 2, 1, 'manifests/r1.json', 'x', ' alice 100 ');
insert into parties (recording_id, account_id, position, name, number, role) values ('r1', 'main', 0, 'Alice', '100', 'caller');
insert into tombstones (id, record_id, account_id, call_id, started_at, duration_ms, manifest_key, manifest_sha256, reason, actor, deleted_at)
  values ('r2', 2, 'main', 'c2', now(), 1, 'manifests/r2.json', 'x', 'user', 'a', now());
`;

it('a database of the first version keeps all that is in it', { timeout: 60_000 }, async () => {
  const { db } = openConnection(server.target, silentLog, 2);
  const first = { getMigrations: async () => ({ '0001-initial': migrations['0001-initial']! }) };
  const { error } = await new Migrator({ db, provider: first }).migrateToLatest();
  expect(error).toBeUndefined();
  await sql.raw(OLD_DATA).execute(db);
  await db.destroy();
  const catalogue = await Catalogue.open({ target: server.target, log: silentLog });
  const reach = { accountIds: [MAIN_ACCOUNT] };
  expect(await catalogue.getRecording(reach, 'r1')).toMatchObject({
    recording: 1,
    by: 'policy',
    asker: null,
    pauses: [],
  });
  const { items } = await catalogue.listCalls(reach, { limit: 10 });
  expect(items.map(({ id, verdict, recordings }) => [id, verdict, recordings.length])).toEqual([
    ['c2', 'record', 0],
    ['c1', 'record', 1],
  ]);
  expect(items[1]).toMatchObject({ direction: 'OUT', endReason: 'bye', parties: [{ name: 'Alice', userId: null }] });
  expect((await catalogue.listCalls({ ...reach, text: 'alice', recorded: true })).items).toHaveLength(1);
  expect((await catalogue.listTombstones(reach)).items[0]).toMatchObject({ id: 'r2', callId: 'c2' });
  expect(await catalogue.accountExists(UNASSIGNED_ACCOUNT)).toBe(true);
  await catalogue.close();
});
