import { sql, type ExpressionBuilder, type Kysely } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import { pageOf, pageSize, readCursor, type Page } from './cursor.ts';
import { isWhole, within, type Reach } from './reach.ts';
import type { Schema } from './schema.ts';
import { numberPatterns, suffixPatterns, textPatterns, type AnyOf } from './searchtext.ts';
import type { EventInput, OwnerInput, PartyInput, PauseInput, RecordingInput, TrackInput } from './types.ts';

/** A recording as lists show it. */
export interface RecordingSummary extends Omit<RecordingInput, 'tracks' | 'events' | 'call'> {
  readonly createdAt: Date;
  /** Users of the directory that take part in it or own it. */
  readonly userIds: readonly string[];
}

/** A recording with everything the catalogue knows of it. */
export interface RecordingDetail extends RecordingSummary {
  readonly tracks: readonly TrackInput[];
  readonly events: readonly EventInput[];
}

/** All that are given must hold. */
export interface RecordingFilter extends Reach {
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
  /** Only those of which nobody is known as the owner (D8). */
  readonly unassigned?: boolean | undefined;
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
  // A user's own rows are found, and put in order, by the index of his part in them.
  const [time, id] = isWhole(filter) ? ['recordings.started_at', 'recordings.id'] : OWN_ORDER;
  let query = matching(db, filter)
    .selectAll('recordings')
    .select((from) => [partiesOf(from), userIdsOf(from)])
    .orderBy(sql.ref(time!), 'desc')
    .orderBy(sql.ref(id!), 'desc')
    .limit(limit + 1);
  if (page.cursor !== undefined) {
    const after = readCursor(page.cursor);
    query = query.where(sql<boolean>`(${sql.ref(time!)}, ${sql.ref(id!)}) < (${after.at}, ${after.id})`);
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

const OWN_ORDER = ['own.started_at', 'own.recording_id'];

function matching(db: Kysely<Schema>, filter: RecordingFilter) {
  const nothing = sql<boolean>`false`;
  const time = isWhole(filter) ? 'recordings.started_at' : 'own.started_at';
  const patterns: AnyOf[] = [
    ...textPatterns(filter.text ?? ''),
    ...textPatterns(filter.party ?? ''),
    ...(filter.number === undefined ? [] : [numberPatterns(filter.number)]),
    ...(filter.numberSuffix === undefined ? [] : [suffixPatterns(filter.numberSuffix)]),
  ];
  const { from, to, direction, trunk, callId, conversationId, recordId, durationMinMs, durationMaxMs } = filter;
  return db
    .selectFrom('recordings')
    .$if(isWhole(filter), (query) => query.where(within(filter, 'recordings.account_id')))
    .$if(!isWhole(filter), (query) =>
      query
        .innerJoin('recording_users as own', 'own.recording_id', 'recordings.id')
        .where('own.user_id', '=', filter.userId!)
        .where(within(filter, 'own.account_id')),
    )
    .$if(filter.unassigned === true, (query) => query.where('recordings.owner_kind', '=', 'unassigned'))
    .$if(from !== undefined, (query) => query.where(sql.ref(time), '>=', from!))
    .$if(to !== undefined, (query) => query.where(sql.ref(time), '<', to!))
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
export async function getRecording(db: Kysely<Schema>, reach: Reach, id: string): Promise<RecordingDetail | null> {
  const row = await matching(db, reach)
    .where('recordings.id', '=', id)
    .selectAll('recordings')
    .select((from) => [partiesOf(from), userIdsOf(from)])
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
  reach: Reach,
  conversationId: string,
): Promise<RecordingSummary[]> {
  const rows = await matching(db, { ...reach, conversationId })
    .selectAll('recordings')
    .select((from) => [partiesOf(from), userIdsOf(from)])
    .orderBy('recordings.started_at')
    .orderBy('recordings.id')
    .limit(1000)
    .execute();
  return rows.map(summaryOf);
}

/** The parties in the same query: no second one for each row. */
function partiesOf(from: ExpressionBuilder<Schema, 'recordings'>) {
  return jsonArrayFrom(
    from
      .selectFrom('parties')
      .select(['position', 'name', 'number', 'aor', 'role', 'channel', 'user_id as userId', 'user_name as userName'])
      .whereRef('parties.recording_id', '=', 'recordings.id')
      .orderBy('position'),
  ).as('parties');
}

/** Likewise the users that it concerns. */
function userIdsOf(from: ExpressionBuilder<Schema, 'recordings'>) {
  return sql<string[]>`array(
    select user_id from recording_users where recording_id = ${from.ref('recordings.id')} order by user_id)`.as(
    'user_ids',
  );
}

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
  recording: number;
  by: RecordingInput['by'];
  asker: string | null;
  asker_user_id: string | null;
  owner_kind: OwnerInput['kind'];
  owner_user_id: string | null;
  owner_name: string | null;
  group_id: string | null;
  pauses: PauseInput[];
  deliveries: string[];
  parties: PartyInput[];
  user_ids: string[];
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
    recording: row.recording,
    by: row.by,
    asker: row.asker,
    askerUserId: row.asker_user_id,
    owner: { kind: row.owner_kind, userId: row.owner_user_id, name: row.owner_name, groupId: row.group_id },
    pauses: row.pauses,
    deliveries: row.deliveries,
    parties: row.parties,
    userIds: row.user_ids,
  };
}
