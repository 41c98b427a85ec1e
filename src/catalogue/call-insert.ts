import { sql, type Kysely, type Transaction } from 'kysely';
import { recordAudit, type AuditInput } from './audit.ts';
import type { Schema } from './schema.ts';
import { searchText } from './searchtext.ts';
import { clean, cleanOrNull, json } from './text.ts';
import type { CallInput, OwnerInput } from './types.ts';

/**
 * Puts a call with its details into the catalogue, or brings it up to date: all or nothing, the same however often it is tried.
 * @param audit what to note when the call is new here
 */
export async function recordCall(
  db: Kysely<Schema>,
  input: CallInput,
  audit: readonly AuditInput[] = [],
): Promise<void> {
  await db.transaction().execute((transaction) => writeCall(transaction, input, audit));
}

/** The same within a transaction. */
export async function writeCall(
  transaction: Transaction<Schema>,
  input: CallInput,
  audit: readonly AuditInput[] = [],
): Promise<void> {
  await joinConversation(transaction, input);
  const row = rowOf(input);
  const { is_new: isNew } = await transaction
    .insertInto('calls')
    .values({ id: input.id, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .returning(sql<boolean>`xmax = 0`.as('is_new'))
    .executeTakeFirstOrThrow();
  const details = { history: json(input.history), events: json(input.events) };
  await transaction
    .insertInto('call_details')
    .values({ call_id: input.id, ...details })
    .onConflict((conflict) => conflict.column('call_id').doUpdateSet(details))
    .execute();
  const users = usersOf(input).map((userId) => ({
    call_id: input.id,
    user_id: userId,
    account_id: input.accountId,
    started_at: input.startedAt,
  }));
  if (!isNew) await transaction.deleteFrom('call_users').where('call_id', '=', input.id).execute();
  if (users.length > 0) await transaction.insertInto('call_users').values(users).execute();
  if (isNew) for (const entry of audit) await recordAudit(transaction, entry);
}

/** Several recordings of one call and several calls of one conversation arrive in any order. */
async function joinConversation(transaction: Transaction<Schema>, input: CallInput): Promise<void> {
  await transaction
    .insertInto('conversations')
    .values({ id: input.conversationId, account_id: input.accountId, started_at: input.startedAt })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet({ started_at: sql`excluded.started_at` })
        .whereRef('conversations.started_at', '>', sql`excluded.started_at`),
    )
    .execute();
}

function rowOf(input: CallInput) {
  return {
    account_id: input.accountId,
    conversation_id: input.conversationId,
    node_id: input.nodeId,
    protocol: input.protocol,
    trunk: clean(input.trunk),
    started_at: input.startedAt,
    ended_at: input.endedAt,
    end_reason: input.endReason,
    direction: input.direction,
    verdict: input.verdict,
    reason: clean(input.reason),
    ...ownerColumns(input.owner),
    vendor_ids: json(input.vendorIds),
    parties: json(input.parties),
    search: searchText(input.parties),
  };
}

export function ownerColumns(owner: OwnerInput) {
  return {
    owner_kind: owner.kind,
    owner_user_id: cleanOrNull(owner.userId),
    owner_name: cleanOrNull(owner.name),
    group_id: cleanOrNull(owner.groupId),
  };
}

/** Users of the directory that take part or own it, each once. */
export function usersOf({ parties, owner }: Pick<CallInput, 'parties' | 'owner'>): string[] {
  const users = new Set([...parties.map(({ userId }) => userId), owner.userId]);
  users.delete(null);
  return [...users].filter((id) => id !== null).map(clean);
}
