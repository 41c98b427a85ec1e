import { sql, type ExpressionBuilder, type Kysely } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import type { JsonValue } from '../base/json.ts';
import { pageOf, pageSize, readCursor, type Page } from './cursor.ts';
import { isWhole, within, type Reach } from './reach.ts';
import type { PageRequest } from './recordings.ts';
import type { Schema } from './schema.ts';
import { textPatterns } from './searchtext.ts';
import type { CallInput, CallParty, OwnerInput, RecordingInput } from './types.ts';

/** A call as the journal shows it: one row, whatever became of it. */
export interface CallSummary extends Omit<CallInput, 'history' | 'events'> {
  /** Its recordings that are still there, first to last. */
  readonly recordings: readonly CallRecording[];
  /** Not null: live-keep holds it until then, unless somebody asks to keep or drop it. */
  readonly heldUntil: Date | null;
}

export interface CallRecording {
  readonly id: string;
  readonly recordId: number;
  /** Number within the call, from 1. */
  readonly recording: number;
  readonly by: RecordingInput['by'];
  readonly asker: string | null;
  readonly durationMs: number;
}

/** A call with everything that is kept of it. */
export interface CallDetail extends CallSummary {
  /** Users of the directory that take part in it or own it. */
  readonly userIds: readonly string[];
  /** Every state of the facts with its decision, `{at, mono, facts, decision}`, oldest first; of long calls the first and the latest. */
  readonly history: JsonValue;
  readonly events: CallInput['events'];
}

/** All that are given must hold. */
export interface CallFilter extends Reach {
  /** Started at or after. */
  readonly from?: Date | undefined;
  /** Started before. */
  readonly to?: Date | undefined;
  /** Names and numbers. */
  readonly text?: string | undefined;
  readonly verdict?: readonly CallInput['verdict'][] | undefined;
  readonly direction?: readonly CallInput['direction'][] | undefined;
  /** Whether there is a recording of it now. */
  readonly recorded?: boolean | undefined;
  readonly conversationId?: string | undefined;
}

/**
 * A page of calls, recorded or not, newest first.
 * @throws EarshotError BAD_REQUEST for a foreign cursor
 */
export async function listCalls(
  db: Kysely<Schema>,
  filter: CallFilter,
  page: PageRequest = {},
): Promise<Page<CallSummary>> {
  const limit = pageSize(page.limit);
  const { time, id } = orderOf(filter);
  let query = matching(db, filter)
    .selectAll('calls')
    .select((from) => [recordingsOf(from), heldUntil(from)])
    .orderBy(sql.ref(time), 'desc')
    .orderBy(sql.ref(id), 'desc')
    .limit(limit + 1);
  if (page.cursor !== undefined) {
    const after = readCursor(page.cursor);
    query = query.where(sql<boolean>`(${sql.ref(time)}, ${sql.ref(id)}) < (${after.at}, ${after.id})`);
  }
  const rows = await query.execute();
  return pageOf(rows.map(summaryOf), limit, (call) => ({ at: call.startedAt, id: call.id }));
}

/** One call with its details, or null. */
export async function getCall(db: Kysely<Schema>, reach: Reach, id: string): Promise<CallDetail | null> {
  const row = await matching(db, reach)
    .leftJoin('call_details', 'call_details.call_id', 'calls.id')
    .where('calls.id', '=', id)
    .selectAll('calls')
    .select(['call_details.history', 'call_details.events'])
    .select((from) => [recordingsOf(from), heldUntil(from), userIdsOf(from)])
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    ...summaryOf(row),
    userIds: row.user_ids,
    history: row.history ?? [],
    events: (row.events ?? []).map((event) => ({ ...event, at: new Date(event.at) })),
  };
}

/** A call as the impact of other settings is judged by. */
export interface PastCallRow {
  readonly id: string;
  readonly startedAt: Date;
  readonly parties: readonly CallParty[];
  /** The facts at each of its moments, oldest first; `CallFacts` of policy. */
  readonly history: JsonValue[];
}

/** The last calls of an account with their facts, the newest first. */
export async function pastCalls(db: Kysely<Schema>, accountId: string, limit = 1000): Promise<PastCallRow[]> {
  const rows = await db
    .selectFrom('calls')
    .innerJoin('call_details', 'call_details.call_id', 'calls.id')
    .where('calls.account_id', '=', accountId)
    .orderBy('calls.started_at', 'desc')
    .orderBy('calls.id', 'desc')
    .limit(limit)
    .select(['calls.id', 'calls.started_at as startedAt', 'calls.parties'])
    .select(sql<JsonValue[]>`jsonb_path_query_array(call_details.history, '$[*].facts')`.as('history'))
    .execute();
  return rows;
}

function orderOf(reach: Reach): { time: string; id: string } {
  // A user's own calls are found, and put in order, by the index of his part in them.
  return isWhole(reach) ? { time: 'calls.started_at', id: 'calls.id' } : { time: 'own.started_at', id: 'own.call_id' };
}

function matching(db: Kysely<Schema>, filter: CallFilter) {
  const nothing = sql<boolean>`false`;
  const patterns = textPatterns(filter.text ?? '');
  const { time } = orderOf(filter);
  const { from, to, verdict, direction, recorded, conversationId } = filter;
  return db
    .selectFrom('calls')
    .$if(isWhole(filter), (query) => query.where(within(filter, 'calls.account_id')))
    .$if(!isWhole(filter), (query) =>
      query
        .innerJoin('call_users as own', 'own.call_id', 'calls.id')
        .where('own.user_id', '=', filter.userId!)
        .where(within(filter, 'own.account_id')),
    )
    .$if(from !== undefined, (query) => query.where(sql.ref(time), '>=', from!))
    .$if(to !== undefined, (query) => query.where(sql.ref(time), '<', to!))
    .$if(verdict !== undefined, (query) => query.where(oneOf('calls.verdict', verdict!)))
    .$if(direction !== undefined, (query) => query.where(oneOf('calls.direction', direction!)))
    .$if(recorded !== undefined, (query) => query.where('calls.has_recordings', '=', recorded!))
    .$if(conversationId !== undefined, (query) => query.where('calls.conversation_id', '=', conversationId!))
    .where((is) =>
      is.and(
        patterns.map((any) =>
          any.length === 0 ? nothing : is.or(any.map((like) => is('calls.search', 'like', like))),
        ),
      ),
    );
}

function oneOf(column: string, values: readonly string[]) {
  const [only] = values;
  if (values.length === 1) return sql<boolean>`${sql.ref(column)} = ${only}`;
  return sql<boolean>`${sql.ref(column)} = any(${[...values]})`;
}

/** The recordings in the same query: no second one for each row. */
function recordingsOf(from: ExpressionBuilder<Schema, 'calls'>) {
  return jsonArrayFrom(
    from
      .selectFrom('recordings')
      .select(['id', 'record_id as recordId', 'recording', 'by', 'asker', 'duration_ms as durationMs'])
      .whereRef('recordings.call_id', '=', 'calls.id')
      .orderBy('recording'),
  ).as('recordings');
}

function heldUntil(from: ExpressionBuilder<Schema, 'calls'>) {
  return from
    .selectFrom('held_calls')
    .select('until')
    .whereRef('held_calls.call_id', '=', 'calls.id')
    .where('choice', 'is', null)
    .as('held_until');
}

function userIdsOf(from: ExpressionBuilder<Schema, 'calls'>) {
  return sql<string[]>`array(
    select user_id from call_users where call_id = ${from.ref('calls.id')} order by user_id)`.as('user_ids');
}

interface Row {
  id: string;
  account_id: string;
  conversation_id: string;
  node_id: string;
  protocol: string;
  trunk: string;
  started_at: Date;
  ended_at: Date;
  end_reason: string;
  direction: CallInput['direction'];
  verdict: CallInput['verdict'];
  reason: string;
  owner_kind: OwnerInput['kind'];
  owner_user_id: string | null;
  owner_name: string | null;
  group_id: string | null;
  vendor_ids: Record<string, string>;
  parties: CallParty[];
  recordings: CallRecording[];
  held_until: Date | null;
}

function summaryOf(row: Row): CallSummary {
  return {
    id: row.id,
    accountId: row.account_id,
    conversationId: row.conversation_id,
    nodeId: row.node_id,
    protocol: row.protocol,
    trunk: row.trunk,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    endReason: row.end_reason,
    direction: row.direction,
    verdict: row.verdict,
    reason: row.reason,
    owner: { kind: row.owner_kind, userId: row.owner_user_id, name: row.owner_name, groupId: row.group_id },
    vendorIds: row.vendor_ids,
    parties: row.parties,
    recordings: row.recordings,
    heldUntil: row.held_until,
  };
}

/** Days for which each account keeps calls without a recording; null = it says nothing, or nothing that is a number of days. */
export async function notRecordedDays(db: Kysely<Schema>): Promise<{ accountId: string; days: number | null }[]> {
  const days = sql<JsonValue>`policy -> 'notRecordedDays'`.as('days');
  const rows = await db.selectFrom('accounts').select(['id', days]).execute();
  return rows.map((row) => ({
    accountId: row.id,
    days: typeof row.days === 'number' && row.days >= 0 ? Math.min(row.days, 36_500) : null,
  }));
}

/**
 * Forgets calls of an account that ended before and of which there is no recording; a few at a time. @returns how many
 * Calls that live-keep holds are not over yet.
 */
export async function forgetCalls(
  db: Kysely<Schema>,
  { accountId, before, limit = 500 }: { accountId: string; before: Date; limit?: number },
): Promise<number> {
  return db.transaction().execute(async (transaction) => {
    const old = transaction
      .selectFrom('calls')
      .select('id')
      .where('account_id', '=', accountId)
      .where('has_recordings', '=', false)
      .where('ended_at', '<', before)
      .where(sql<boolean>`not exists (select 1 from held_calls where call_id = calls.id)`)
      .limit(limit);
    const gone = await transaction
      .deleteFrom('calls')
      .where('id', 'in', old)
      .returning(['id', 'conversation_id'])
      .execute();
    const conversations = [...new Set(gone.map((call) => call.conversation_id))];
    if (conversations.length > 0) {
      await sql`delete from conversations c where id = any(${conversations})
        and not exists (select 1 from calls where conversation_id = c.id)`.execute(transaction);
    }
    return gone.length;
  });
}
