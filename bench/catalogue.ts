/**
 * How fast the catalogue answers. Fills a database of its own with made-up recordings and times the lists and searches that people make.
 *
 *   node bench/catalogue.ts [--rows 100000] [--rounds 40] [--limit-ms 100]
 *
 * Exit code 1 when the p95 of all queries together is over the limit.
 */
import { mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { sql } from 'kysely';
import { silentLog } from '../src/base/log.ts';
import { Catalogue, MAIN_ACCOUNT } from '../src/catalogue/catalogue.ts';
import { startEmbedded } from '../src/catalogue/embedded/server.ts';
import { writeCursor } from '../src/catalogue/cursor.ts';
import type { RecordingFilter } from '../src/catalogue/recordings.ts';
import { percentile } from './percentile.ts';

const accountIds = [MAIN_ACCOUNT];

export interface CatalogueTimes {
  readonly fillSeconds: number;
  /** Of every query, ms. */
  readonly all: readonly number[];
  /** By the name of the query. */
  readonly byQuery: ReadonlyMap<string, readonly number[]>;
}

/** Fills an embedded database of its own with so many recordings, and asks each query so many times. */
export async function measureCatalogue(rows: number, rounds: number): Promise<CatalogueTimes> {
  const dataDir = join(tmpdir(), `earshot-bench-${process.pid}`);
  mkdirSync(dataDir, { mode: 0o711 });
  const server = await startEmbedded({ dataDir, log: silentLog, niceness: 0 });
  try {
    const catalogue = await Catalogue.open({ target: server.target, log: silentLog });
    try {
      const fillMs = await timed(() => fill(catalogue, rows));
      return { fillSeconds: fillMs / 1000, ...(await measure(catalogue, rows, rounds)) };
    } finally {
      await catalogue.close();
    }
  } finally {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

interface Query {
  readonly name: string;
  /** Parameters differ from round to round, so that no answer is just repeated. */
  readonly filter: (round: number) => Partial<RecordingFilter>;
  /** Share of the list that lies before the page, 0 to 1. */
  readonly deep?: number;
}

/** The newest made-up recording; one starts every 40 s before it. */
function newest(): Date {
  return new Date('2026-11-01T00:00:00Z');
}

function daysAgo(days: number): Date {
  return new Date(newest().getTime() - days * 86_400_000);
}

function queries(numbers: readonly string[], rows: number): Query[] {
  const pick = (list: readonly string[], round: number): string => list[round % list.length]!;
  return [
    { name: 'first page', filter: () => ({}) },
    { name: 'page at half', filter: () => ({}), deep: 0.5 },
    { name: 'page at the end', filter: () => ({}), deep: 0.999 },
    { name: 'direction and date', filter: (n) => ({ direction: ['OUT'], from: daysAgo(20 + n), to: daysAgo(10 + n) }) },
    { name: 'rare direction', filter: () => ({ direction: ['DIALIN'] }) },
    { name: 'long calls', filter: () => ({ durationMinMs: 3_500_000 }) },
    { name: 'common name', filter: (n) => ({ text: pick(['smith', 'anna', 'garcia', 'müller'], n) }) },
    { name: 'rare name', filter: (n) => ({ text: `zz${(n * 7919) % rows}` }) },
    { name: 'name not there', filter: (n) => ({ text: pick(['xylophon', 'qwertz', 'jjj'], n) }) },
    { name: 'two common words', filter: (n) => ({ text: pick(['anna smith', 'peter garcia', 'mar ber'], n) }) },
    { name: 'two words, no match', filter: (n) => ({ text: pick(['anna dialtone', 'smith 99999999'], n) }) },
    { name: 'words never together', filter: (n) => ({ text: pick(['smith garcia', 'kim tanaka', 'jones brown'], n) }) },
    { name: 'whole number', filter: (n) => ({ number: pick(numbers, n) }) },
    { name: 'number suffix of 4', filter: (n) => ({ numberSuffix: String((n * 37) % 10_000).padStart(4, '0') }) },
    { name: 'number suffix of 2', filter: (n) => ({ numberSuffix: String(n % 100).padStart(2, '0') }) },
    { name: 'one letter', filter: (n) => ({ text: pick(['a', 's', 'q', 'x'], n) }) },
    { name: 'two letters', filter: (n) => ({ text: pick(['an', 'zz', 'qx', '15'], n) }) },
    { name: 'three letters', filter: (n) => ({ text: pick(['ann', 'mit', '555', 'ber'], n) }) },
    { name: 'name and old date', filter: (n) => ({ text: pick(['smith', 'anna'], n), to: daysAgo(30) }) },
    { name: 'name and duration', filter: () => ({ text: 'smith', durationMinMs: 3_000_000 }) },
    { name: 'extension', filter: (n) => ({ party: String(100 + (n % 400)) }) },
  ];
}

async function measure(
  catalogue: Catalogue,
  rows: number,
  rounds: number,
): Promise<Pick<CatalogueTimes, 'all' | 'byQuery'>> {
  const byQuery = new Map<string, number[]>();
  for (const query of queries(await someNumbers(catalogue, rounds), rows)) {
    const cursor = query.deep === undefined ? undefined : cursorAt(query.deep, rows);
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const filter = { accountIds, ...query.filter(round) };
      times.push(await timed(() => catalogue.listRecordings(filter, { cursor })));
    }
    byQuery.set(query.name, times);
  }
  return { all: [...byQuery.values()].flat(), byQuery };
}

async function someNumbers(catalogue: Catalogue, count: number): Promise<string[]> {
  const parties = await catalogue.db
    .selectFrom('parties')
    .select('number')
    .where('position', '=', 0)
    .orderBy(sql`hashtext(recording_id)`)
    .limit(count)
    .execute();
  return parties.map((party) => party.number ?? '');
}

function cursorAt(share: number, rows: number): string {
  const at = new Date(newest().getTime() - Math.round(share * rows) * 40_000);
  return writeCursor({ at, id: 'z' });
}

/** Recordings as a company of 400 extensions has them: some names and numbers often, most seldom. */
async function fill(catalogue: Catalogue, count: number): Promise<void> {
  const { rows: indexes } = await sql<{ text: string }>`
    select indexdef as text from pg_indexes where indexname = 'recordings_search'`.execute(catalogue.db);
  await sql`drop index recordings_search`.execute(catalogue.db);
  await catalogue.db.connection().execute((db) => fillTables(db, count));
  for (const { text } of indexes) await sql.raw(text).execute(catalogue.db);
  for (const table of ['recordings', 'parties', 'calls', 'conversations']) {
    await sql.raw(`vacuum analyze ${table}`).execute(catalogue.db);
  }
}

async function fillTables(db: Catalogue['db'], count: number): Promise<void> {
  const first =
    "array['Anna','Peter','Maria','Ivan','Chen','Fatima','José','Jörg','Linda','Omar','Yuki','Ann','Bob','Carol','Dave','Eve']";
  const last =
    "array['Smith','Garcia','Müller','Nowak','Rossi','Kim','Tanaka','Silva','Weber','Berg','Bergmann','Jones','Brown','Lee','Khan','Novak']";
  await sql
    .raw(
      `
    create temporary table made as
    select n, lpad(n::text, 26, '0') as id,
      timestamptz '2026-11-01 00:00:00Z' - n * interval '40 seconds' as started_at,
      (${first})[1 + (hashint4(n) & 15)] || ' ' || (${last})[1 + (hashint4(n * 3) & 15)]
        || case when n % 5 = 0 then ' zz' || n else '' end as name,
      '1555' || lpad((abs(hashint4(n % (${count} / 4 + 1))::bigint) % 10000000)::text, 7, '0') as number,
      (100 + abs(hashint4(n + 1)::bigint) % 400)::text as extension,
      case when n % 1000 = 0 then 'DIALIN' when n % 10 < 5 then 'IN' when n % 10 < 9 then 'OUT' else 'INTERNAL' end as direction,
      case when n % 997 = 0 then 3600000 else 5000 + abs(hashint4(n + 7)::bigint) % 600000 end::int as duration_ms
    from generate_series(1, ${count}) as n`,
    )
    .execute(db);
  const insert = (statement: string): Promise<unknown> => sql.raw(statement).execute(db);
  await insert(`insert into conversations (id, account_id, started_at) select id, 'main', started_at from made`);
  await insert(`insert into calls (id, account_id, conversation_id, node_id, protocol, trunk, started_at, ended_at)
    select id, 'main', id, 'node-1', 'siprec', 'default', started_at, started_at + duration_ms * interval '1 ms' from made`);
  await insert(`insert into recordings (id, record_id, call_id, account_id, conversation_id, node_id, direction, protocol, trunk,
      started_at, ended_at, duration_ms, end_reason, container, codec, channels, object_key, object_bytes, manifest_key,
      manifest_sha256, retain_until, search)
    select id, n, id, 'main', id, 'node-1', direction, 'siprec', 'default', started_at,
      started_at + duration_ms * interval '1 ms', duration_ms, 'bye', 'wav', 'PCMU', 2, 'objects/' || id, duration_ms * 16,
      'manifests/' || id, repeat('0', 64), started_at + interval '90 days',
      ' ' || translate(lower(name), 'éöü', 'eou') || ' ' || number || ' ' || extension || ' ' from made`);
  await insert(`insert into parties (recording_id, account_id, position, name, number, digits, role, channel)
    select id, 'main', 0, name, '+' || number, number, 'caller', 0 from made union all
    select id, 'main', 1, null, extension, extension, 'callee', 1 from made`);
}

function line(name: string, times: readonly number[]): string {
  const figures = [percentile(times, 0.5), percentile(times, 0.95), percentile(times, 0.99), Math.max(...times)];
  return name.padEnd(24) + figures.map((ms) => ms.toFixed(1).padStart(9)).join('');
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '100000' },
      rounds: { type: 'string', default: '40' },
      'limit-ms': { type: 'string', default: '100' },
    },
  });
  const { fillSeconds, all, byQuery } = await measureCatalogue(Number(values.rows), Number(values.rounds));
  console.log(`${Number(values.rows).toLocaleString('en')} recordings made in ${fillSeconds.toFixed(1)} s`);
  console.log('query'.padEnd(24) + ['p50', 'p95', 'p99', 'max'].map((name) => name.padStart(9)).join('') + '   (ms)');
  for (const [name, times] of byQuery) console.log(line(name, times));
  console.log(line('all', all));
  process.exitCode = percentile(all, 0.95) <= Number(values['limit-ms']) ? 0 : 1;
}
