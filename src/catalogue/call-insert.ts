import type { Pool } from 'pg';
import type { AuditInput } from './audit.ts';
import { searchText } from './searchtext.ts';
import { insertFrom, runAlone, type Statement, takeNew } from './statement.ts';
import { cleanOrNull } from './text.ts';
import type { CallInput, OwnerInput } from './types.ts';

/**
 * Puts a call with its details into the catalogue, or brings it up to date: all or nothing, the same however often it is tried.
 * @param audit what to note when the call is new here
 */
export async function recordCall(pool: Pool, input: CallInput, audit: readonly AuditInput[] = []): Promise<void> {
  await runAlone(pool, RECORD_CALL, { ...callRows(input), audit: audit.map(auditRow) });
}

/** Each column of a call that its row tells. */
const CALL_COLUMNS = [
  'id',
  'account_id',
  'conversation_id',
  'node_id',
  'protocol',
  'trunk',
  'started_at',
  'ended_at',
  'end_reason',
  'direction',
  'verdict',
  'reason',
  'owner_kind',
  'owner_user_id',
  'owner_name',
  'group_id',
  'vendor_ids',
  'parties',
  'search',
] as const;

/** What a statement with {@link callParts} is given of a call. */
export function callRows(input: CallInput) {
  return {
    call: rowOf(input),
    history: input.history,
    callEvents: input.events,
    callUsers: usersOf(input),
  };
}

/**
 * Parts of a `with` that write a call from a row `given(input)` of JSON, if there is one. `call` tells whether it is new. Several recordings of one
 * call and several calls of one conversation arrive in any order.
 * @param hasRecordings says so in its row; else what it says is left
 */
export function callParts(hasRecordings: boolean): string {
  const columns = hasRecordings ? [...CALL_COLUMNS, 'has_recordings'] : CALL_COLUMNS;
  const extra = hasRecordings ? ', true as has_recordings' : '';
  return `
    row as (select r.*, input from given, jsonb_populate_record(null::calls, input->'call') r),
    conversation as (
      insert into conversations (id, account_id, started_at) select conversation_id, account_id, started_at from row
      on conflict (id) do update set started_at = excluded.started_at
      where conversations.started_at > excluded.started_at),
    call as (
      ${insertFrom('calls', columns, `(select ${CALL_COLUMNS.join(', ')}${extra} from row) as row`)}
      on conflict (id) do update set ${takeNew(columns.filter((column) => column !== 'id'))}
      returning id, xmax = 0 as is_new),
    call_detail as (
      insert into call_details (call_id, history, events) select id, input->'history', input->'callEvents' from row
      on conflict (call_id) do update set ${takeNew(['history', 'events'])}),
    call_user as (
      insert into call_users (call_id, user_id, account_id, started_at)
      select id, user_id, account_id, started_at from row, jsonb_array_elements_text(input->'callUsers') user_id
      on conflict (call_id, user_id) do update set ${takeNew(['account_id', 'started_at'])}),
    former_user as (
      delete from call_users using row
      where call_users.call_id = row.id and not input->'callUsers' ? call_users.user_id)`;
}

const RECORD_CALL: Statement = {
  name: 'earshot-record-call',
  text: `
    with given as (select $1::jsonb as input), ${callParts(false)},
    noted as (
      insert into audit (account_id, actor, action, subject, detail)
      select a.account_id, a.actor, a.action, a.subject, a.detail
      from given, call, jsonb_populate_recordset(null::audit, input->'audit') a where call.is_new)
    select is_new from call`,
};

function auditRow({ accountId, detail = {}, ...entry }: AuditInput) {
  return { account_id: accountId, ...entry, detail };
}

function rowOf(input: CallInput): Record<(typeof CALL_COLUMNS)[number], unknown> {
  return {
    id: input.id,
    account_id: input.accountId,
    conversation_id: input.conversationId,
    node_id: input.nodeId,
    protocol: input.protocol,
    trunk: input.trunk,
    started_at: input.startedAt,
    ended_at: input.endedAt,
    end_reason: input.endReason,
    direction: input.direction,
    verdict: input.verdict,
    reason: input.reason,
    ...ownerColumns(input.owner),
    vendor_ids: input.vendorIds,
    parties: input.parties,
    search: searchText(input.parties),
  };
}

export function ownerColumns(owner: OwnerInput) {
  return {
    owner_kind: owner.kind,
    owner_user_id: owner.userId,
    owner_name: owner.name,
    group_id: owner.groupId,
  };
}

/** Users of the directory that take part or own it, each once. */
export function usersOf({ parties, owner }: Pick<CallInput, 'parties' | 'owner'>): string[] {
  const users = new Set([...parties.map(({ userId }) => userId), owner.userId].map(cleanOrNull));
  return [...users].filter((id) => id !== null);
}
