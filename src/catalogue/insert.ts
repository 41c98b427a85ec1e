import type { Kysely, Transaction } from 'kysely';
import type { Pool } from 'pg';
import { EarshotError, systemCode } from '../base/errors.ts';
import { callParts, callRows, ownerColumns, usersOf } from './call-insert.ts';
import { CHANGES_CHANNEL } from './changes.ts';
import type { Schema } from './schema.ts';
import { digitsOf, searchText } from './searchtext.ts';
import { insertFrom, runAlone, runWithin, type Statement } from './statement.ts';
import type { RecordingInput } from './types.ts';

/** `deleted`: there is a tombstone; what was deleted does not come back by a late retry or a rebuild. */
export type InsertOutcome = 'inserted' | 'existing' | 'deleted';

/** Further rows of the same transaction, e.g. jobs; run only when the recording is new. */
export type AlongWith = (transaction: Transaction<Schema>) => Promise<void>;

/**
 * Puts a recording with its call, conversation, parties, tracks and events into the catalogue: all or nothing, once however often it is
 * tried.
 * @throws EarshotError CONFLICT when another recording has the RecordID
 */
export async function insertRecording(
  { pool, db }: { readonly pool: Pool; readonly db: Kysely<Schema> },
  input: RecordingInput,
  alongWith?: AlongWith,
): Promise<InsertOutcome> {
  try {
    if (alongWith === undefined) return (await runAlone<Outcome>(pool, INSERT, rowsOf(input))).outcome;
    return await db.transaction().execute(async (transaction) => {
      const { outcome } = await runWithin<Outcome>(transaction, INSERT, rowsOf(input));
      if (outcome === 'inserted') await alongWith(transaction);
      return outcome;
    });
  } catch (error) {
    if (systemCode(error) !== UNIQUE_VIOLATION) throw error;
    throw new EarshotError('CONFLICT', `RecordID ${input.recordId} belongs to another recording than ${input.id}.`, {
      cause: error,
    });
  }
}

interface Outcome {
  readonly outcome: InsertOutcome;
}

const UNIQUE_VIOLATION = '23505';

/** The columns that the rows below tell. */
const COLUMNS = {
  recordings: [
    'id',
    'record_id',
    'call_id',
    'account_id',
    'conversation_id',
    'node_id',
    'direction',
    'protocol',
    'trunk',
    'started_at',
    'ended_at',
    'duration_ms',
    'end_reason',
    'container',
    'codec',
    'channels',
    'object_key',
    'object_bytes',
    'manifest_key',
    'manifest_sha256',
    'retain_until',
    'warnings',
    'vendor_ids',
    'search',
    'recording',
    'by',
    'asker',
    'asker_user_id',
    'owner_kind',
    'owner_user_id',
    'owner_name',
    'group_id',
    'pauses',
    'deliveries',
  ],
  parties: ['position', 'name', 'number', 'digits', 'aor', 'role', 'channel', 'user_id', 'user_name'],
  tracks: ['channel', 'label', 'codec', 'packets', 'lost', 'duplicates', 'reordered', 'silent_ms', 'detail'],
  events: ['position', 'at', 'offset_ms', 'type', 'text'],
} as const;

/** Rows of a table that belong to the recording, where it is new; their ids are those of the recording. */
function details(table: 'parties' | 'tracks' | 'events'): string {
  const columns = COLUMNS[table].map((column) => `r."${column}"`).join(', ');
  const rows = `fresh, jsonb_populate_recordset(null::${table}, fresh.input->'${table}') r`;
  const source = `(select fresh.id as recording_id, fresh.account_id, ${columns} from ${rows}) as details`;
  return insertFrom(table, ['recording_id', 'account_id', ...COLUMNS[table]], source);
}

/* `given` is empty where there is a tombstone; `fresh` is where the recording was there already. */
const INSERT: Statement = {
  name: 'earshot-insert-recording',
  text: `
    with asked as (select $1::jsonb as input),
    tombstone as (select 1 from tombstones, asked where id = input->'recording'->>'id'),
    given as (select input from asked where not exists (select 1 from tombstone)), ${callParts(true)},
    inserted as (
      ${insertFrom('recordings', COLUMNS.recordings, `(select r.* from given, jsonb_populate_record(null::recordings, input->'recording') r) as row`)}
      on conflict (id) do nothing returning id, account_id, started_at),
    fresh as (select inserted.*, input from inserted, given),
    party as (${details('parties')}), track as (${details('tracks')}), event as (${details('events')}),
    recording_user as (
      insert into recording_users (recording_id, user_id, account_id, started_at)
      select id, user_id, account_id, started_at from fresh, jsonb_array_elements_text(input->'users') user_id),
    noted as (
      insert into audit (account_id, actor, action, subject, detail)
      select account_id, 'system', 'recording.created', id, input->'audit' from fresh),
    told as (
      insert into changes (account_id, kind, subject) select account_id, 'recording.created', id from fresh)
    select
      case when exists (select 1 from fresh) then 'inserted'
        when exists (select 1 from tombstone) then 'deleted' else 'existing' end as outcome,
      (select pg_notify('${CHANGES_CHANNEL}', '') from fresh) as woken`,
};

function rowsOf(input: RecordingInput) {
  const { recordId, callId, manifestSha256 } = input;
  return {
    ...callRows(input.call),
    recording: recordingRow(input),
    parties: input.parties.map(({ userId, userName, ...party }) => ({
      ...party,
      digits: party.number === null ? null : digitsOf(party.number),
      user_id: userId,
      user_name: userName,
    })),
    tracks: input.tracks.map(({ silentMs, ...track }) => ({ ...track, silent_ms: Math.round(silentMs) })),
    events: input.events.map(({ offsetMs, ...event }, position) => ({
      ...event,
      position,
      offset_ms: Math.round(offsetMs),
    })),
    users: usersOf(input),
    audit: { recordId, callId, manifestSha256 },
  };
}

function recordingRow(input: RecordingInput): Record<(typeof COLUMNS.recordings)[number], unknown> {
  return {
    id: input.id,
    record_id: input.recordId,
    call_id: input.callId,
    account_id: input.accountId,
    conversation_id: input.conversationId,
    node_id: input.nodeId,
    direction: input.direction,
    protocol: input.protocol,
    trunk: input.trunk,
    started_at: input.startedAt,
    ended_at: input.endedAt,
    duration_ms: Math.round(input.durationMs),
    end_reason: input.endReason,
    container: input.container,
    codec: input.codec,
    channels: input.channels,
    object_key: input.objectKey,
    object_bytes: input.objectBytes,
    manifest_key: input.manifestKey,
    manifest_sha256: input.manifestSha256,
    retain_until: input.retainUntil,
    warnings: input.warnings,
    vendor_ids: input.vendorIds,
    search: searchText(input.parties),
    recording: input.recording,
    by: input.by,
    asker: input.asker,
    asker_user_id: input.askerUserId,
    ...ownerColumns(input.owner),
    pauses: input.pauses,
    deliveries: input.deliveries,
  };
}
