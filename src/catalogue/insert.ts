import type { Kysely, Transaction } from 'kysely';
import { EarshotError, systemCode } from '../base/errors.ts';
import { ownerColumns, usersOf, writeCall } from './call-insert.ts';
import { announce } from './changes.ts';
import type { Schema } from './schema.ts';
import { digitsOf, searchText } from './searchtext.ts';
import { clean, cleanOrNull, json } from './text.ts';
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
  db: Kysely<Schema>,
  input: RecordingInput,
  alongWith?: AlongWith,
): Promise<InsertOutcome> {
  try {
    return await db.transaction().execute((transaction) => insertWithin(transaction, input, alongWith));
  } catch (error) {
    if (systemCode(error) !== UNIQUE_VIOLATION) throw error;
    throw new EarshotError('CONFLICT', `RecordID ${input.recordId} belongs to another recording than ${input.id}.`, {
      cause: error,
    });
  }
}

const UNIQUE_VIOLATION = '23505';

async function insertWithin(
  transaction: Transaction<Schema>,
  input: RecordingInput,
  alongWith: AlongWith | undefined,
): Promise<InsertOutcome> {
  const tombstone = await transaction
    .selectFrom('tombstones')
    .select('id')
    .where('id', '=', input.id)
    .executeTakeFirst();
  if (tombstone !== undefined) return 'deleted';
  await writeCall(transaction, input.call);
  const row = await transaction
    .insertInto('recordings')
    .values(recordingRow(input))
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .executeTakeFirst();
  if (row === undefined) return 'existing';
  await transaction.updateTable('calls').set({ has_recordings: true }).where('id', '=', input.callId).execute();
  await insertDetails(transaction, input);
  await transaction
    .insertInto('audit')
    .values({
      account_id: input.accountId,
      actor: 'system',
      action: 'recording.created',
      subject: input.id,
      detail: JSON.stringify({ recordId: input.recordId, callId: input.callId, manifestSha256: input.manifestSha256 }),
    })
    .execute();
  await announce(transaction, input.accountId, 'recording.created', input.id);
  await alongWith?.(transaction);
  return 'inserted';
}

function recordingRow(input: RecordingInput) {
  return {
    id: input.id,
    record_id: input.recordId,
    call_id: input.callId,
    account_id: input.accountId,
    conversation_id: input.conversationId,
    node_id: input.nodeId,
    direction: input.direction,
    protocol: input.protocol,
    trunk: clean(input.trunk),
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
    warnings: json(input.warnings),
    vendor_ids: json(input.vendorIds),
    search: searchText(input.parties),
    recording: input.recording,
    by: input.by,
    asker: cleanOrNull(input.asker),
    asker_user_id: cleanOrNull(input.askerUserId),
    ...ownerColumns(input.owner),
    pauses: json(input.pauses),
    deliveries: json(input.deliveries),
  };
}

async function insertDetails(transaction: Transaction<Schema>, input: RecordingInput): Promise<void> {
  const owner = { recording_id: input.id, account_id: input.accountId };
  const parties = input.parties.map((party) => ({
    ...owner,
    position: party.position,
    name: cleanOrNull(party.name),
    number: cleanOrNull(party.number),
    digits: party.number === null ? null : digitsOf(party.number),
    aor: cleanOrNull(party.aor),
    role: party.role,
    channel: party.channel,
    user_id: cleanOrNull(party.userId),
    user_name: cleanOrNull(party.userName),
  }));
  const tracks = input.tracks.map(({ silentMs, detail, ...track }) => ({
    ...owner,
    ...track,
    label: clean(track.label),
    silent_ms: Math.round(silentMs),
    detail: json(detail),
  }));
  const events = input.events.map((event, position) => ({
    ...owner,
    position,
    at: event.at,
    offset_ms: Math.round(event.offsetMs),
    type: event.type,
    text: clean(event.text),
  }));
  const users = usersOf(input).map((userId) => ({
    recording_id: input.id,
    user_id: userId,
    account_id: input.accountId,
    started_at: input.startedAt,
  }));
  if (users.length > 0) await transaction.insertInto('recording_users').values(users).execute();
  if (parties.length > 0) await transaction.insertInto('parties').values(parties).execute();
  if (tracks.length > 0) await transaction.insertInto('tracks').values(tracks).execute();
  for (const batch of batches(events)) await transaction.insertInto('events').values(batch).execute();
}

/** A statement takes 65,535 parameters; a long call may have more events than fit into one. */
function* batches<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += 1000) yield rows.slice(start, start + 1000);
}
