import { sql, type ExpressionBuilder, type Kysely } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { pageOf, pageSize, readCursor, type Page } from './cursor.ts';
import type { PartyTable, Schema } from './schema.ts';
import { numberPatterns, suffixPatterns, textPatterns, type AnyOf } from './searchtext.ts';
import type { EventInput, PartyInput, RecordingInput, TrackInput } from './types.ts';

/** A recording as lists show it. */
export interface RecordingSummary extends Omit<RecordingInput, 'tracks' | 'events'> {
  readonly createdAt: Date;
}

/** A recording with everything the catalogue knows of it. */
export interface RecordingDetail extends RecordingSummary {
  readonly tracks: readonly TrackInput[];
  readonly events: readonly EventInput[];
}

/** All that are given must hold. */
export interface RecordingFilter {
  readonly accountId: string;
  /** Started at or after. */
  readonly from?: Date | undefined;
  /** Started before. */
  readonly to?: Date | undefined;
  readonly direction?: readonly RecordingInput['direction'][] | undefined;
  /** Words of a name, or a number. */
  readonly party?: string | undefined;
  /** A number or a part of one. */
  readonly number?: string | undefined;
  /** The last digits of a number. */
  readonly numberSuffix?: string | undefined;
  /** The search box: names and numbers. */
  readonly text?: string | undefined;
  readonly durationMinMs?: number | undefined;
  readonly durationMaxMs?: number | undefined;
  readonly trunk?: string | undefined;
  readonly callId?: string | undefined;
  readonly conversationId?: string | undefined;
  readonly recordId?: number | undefined;
}

export interface PageRequest {
  readonly cursor?: string | undefined;
  /** 1 to 500, default 50. */
  readonly limit?: number | undefined;
}

/**
 * A page of recordings, newest first.
 * @throws EarshotError BAD_REQUEST for a foreign cursor
 */
export async function listRecordings(
  db: Kysely<Schema>,
  filter: RecordingFilter,
  page: PageRequest = {},
): Promise<Page<RecordingSummary>> {
  const limit = pageSize(page.limit);
  let query = matching(db, filter)
    .selectAll('recordings')
    .select((from) => partiesOf(from))
    .orderBy('recordings.started_at', 'desc')
    .orderBy('recordings.id', 'desc')
    .limit(limit + 1);
  if (page.cursor !== undefined) {
    const { at, id } = readCursor(page.cursor);
    query = query.where(sql<boolean>`(recordings.started_at, recordings.id) < (${at}, ${id})`);
  }
  const rows = await query.execute();
  return pageOf(rows.map(summaryOf), limit, (row) => ({ at: row.startedAt, id: row.id }));
}

/** How many match, counted up to a bound: lists say "1,000+" rather than wait. */
export async function countRecordings(db: Kysely<Schema>, filter: RecordingFilter, bound = 1000): Promise<number> {
  const some = matching(db, filter).select('recordings.id').limit(bound).as('some');
  const row = await db
    .selectFrom(some)
    .select((from) => from.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow();
  return row.n;
}

function matching(db: Kysely<Schema>, filter: RecordingFilter) {
  const nothing = sql<boolean>`false`;
  const patterns: AnyOf[] = [
    ...textPatterns(filter.text ?? ''),
    ...textPatterns(filter.party ?? ''),
    ...(filter.number === undefined ? [] : [numberPatterns(filter.number)]),
    ...(filter.numberSuffix === undefined ? [] : [suffixPatterns(filter.numberSuffix)]),
  ];
  const { from, to, direction, trunk, callId, conversationId, recordId, durationMinMs, durationMaxMs } = filter;
  return db
    .selectFrom('recordings')
    .where('recordings.account_id', '=', filter.accountId)
    .$if(from !== undefined, (query) => query.where('started_at', '>=', from!))
    .$if(to !== undefined, (query) => query.where('started_at', '<', to!))
    .$if(direction !== undefined, (query) => query.where(sql<boolean>`direction = any(${direction!})`))
    .$if(durationMinMs !== undefined, (query) => query.where('duration_ms', '>=', durationMinMs!))
    .$if(durationMaxMs !== undefined, (query) => query.where('duration_ms', '<=', durationMaxMs!))
    .$if(trunk !== undefined, (query) => query.where('trunk', '=', trunk!))
    .$if(callId !== undefined, (query) => query.where('call_id', '=', callId!))
    .$if(conversationId !== undefined, (query) => query.where('conversation_id', '=', conversationId!))
    .$if(recordId !== undefined, (query) => query.where('record_id', '=', recordId!))
    .where((is) =>
      is.and(
        patterns.map((any) => (any.length === 0 ? nothing : is.or(any.map((like) => is('search', 'like', like))))),
      ),
    );
}

const TRACK_COLUMNS = [
  'channel',
  'label',
  'codec',
  'packets',
  'lost',
  'duplicates',
  'reordered',
  'silent_ms',
  'detail',
] as const;

/** One recording with its details, or null. */
export async function getRecording(db: Kysely<Schema>, accountId: string, id: string): Promise<RecordingDetail | null> {
  const row = await db
    .selectFrom('recordings')
    .where('recordings.account_id', '=', accountId)
    .where('recordings.id', '=', id)
    .selectAll('recordings')
    .select((from) => partiesOf(from))
    .executeTakeFirst();
  if (row === undefined) return null;
  const [tracks, events] = await Promise.all([
    db.selectFrom('tracks').select(TRACK_COLUMNS).where('recording_id', '=', id).orderBy('channel').execute(),
    db.selectFrom('events').selectAll().where('recording_id', '=', id).orderBy('position').execute(),
  ]);
  return {
    ...summaryOf(row),
    tracks: tracks.map(({ silent_ms: silentMs, ...track }) => ({ ...track, silentMs })),
    events: events.map(({ at, offset_ms: offsetMs, type, text }) => ({ at, offsetMs, type, text })),
  };
}

/** All recordings of a conversation, oldest first (the calls that a transfer joins are shown together, S1). */
export async function recordingsOfConversation(
  db: Kysely<Schema>,
  accountId: string,
  conversationId: string,
): Promise<RecordingSummary[]> {
  const rows = await db
    .selectFrom('recordings')
    .where('recordings.account_id', '=', accountId)
    .where('conversation_id', '=', conversationId)
    .selectAll('recordings')
    .select((from) => partiesOf(from))
    .orderBy('started_at')
    .orderBy('id')
    .limit(1000)
    .execute();
  return rows.map(summaryOf);
}

/** The parties in the same query: no second one for each row. */
function partiesOf(from: ExpressionBuilder<Schema, 'recordings'>) {
  return jsonArrayFrom(
    from
      .selectFrom('parties')
      .select(['position', 'name', 'number', 'aor', 'role', 'channel'])
      .whereRef('parties.recording_id', '=', 'recordings.id')
      .orderBy('position'),
  ).as('parties');
}

type PartyRow = Pick<PartyTable, 'position' | 'name' | 'number' | 'aor' | 'role' | 'channel'>;

interface Row {
  id: string;
  record_id: number;
  call_id: string;
  account_id: string;
  conversation_id: string;
  node_id: string;
  direction: RecordingInput['direction'];
  protocol: string;
  trunk: string;
  started_at: Date;
  ended_at: Date;
  duration_ms: number;
  end_reason: string;
  container: RecordingInput['container'];
  codec: string;
  channels: number;
  object_key: string | null;
  object_bytes: number;
  manifest_key: string;
  manifest_sha256: string;
  retain_until: Date | null;
  warnings: string[];
  vendor_ids: Record<string, string>;
  created_at: Date;
  parties: PartyRow[];
}

function summaryOf(row: Row): RecordingSummary {
  return {
    id: row.id,
    recordId: row.record_id,
    callId: row.call_id,
    accountId: row.account_id,
    conversationId: row.conversation_id,
    nodeId: row.node_id,
    direction: row.direction,
    protocol: row.protocol,
    trunk: row.trunk,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    durationMs: row.duration_ms,
    endReason: row.end_reason,
    container: row.container,
    codec: row.codec,
    channels: row.channels,
    objectKey: row.object_key,
    objectBytes: row.object_bytes,
    manifestKey: row.manifest_key,
    manifestSha256: row.manifest_sha256,
    retainUntil: row.retain_until,
    warnings: row.warnings,
    vendorIds: row.vendor_ids,
    createdAt: row.created_at,
    parties: row.parties.map((party): PartyInput => party),
  };
}
