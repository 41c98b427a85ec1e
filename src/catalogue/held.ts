import { sql, type Kysely } from 'kysely';
import type { JsonValue } from '../base/json.ts';
import { recordAudit, type AuditInput } from './audit.ts';
import { isWhole, within, type Reach } from './reach.ts';
import type { Schema } from './schema.ts';
import { json } from './text.ts';
import type { CallInput, CallParty } from './types.ts';

/** A call that has ended and that live-keep holds sealed (S8). */
export interface HeldCall {
  readonly callId: string;
  readonly accountId: string;
  /** Destroyed then unless somebody asked before. */
  readonly until: Date;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly direction: CallInput['direction'];
  readonly parties: readonly CallParty[];
  /** Users of the directory that take part in it or own it. */
  readonly userIds: readonly string[];
  readonly vendorIds: Readonly<Record<string, string>>;
  /** The decision that held at the end, `Decision` of policy; it tells who may keep the call. */
  readonly decision: JsonValue;
}

export type Choice = 'keep' | 'drop' | 'expired';

/** What became of a held call: null while nobody asked and its time is not over. */
export interface Holding {
  readonly until: Date;
  readonly choice: Choice | null;
  /** Who chose, as given. */
  readonly asker: JsonValue | null;
}

/** Notes that a call is held until then; one that is noted already stays as it is. Its row in the journal must be there. */
export async function holdCall(
  db: Kysely<Schema>,
  held: { readonly callId: string; readonly accountId: string; readonly until: Date },
): Promise<Holding> {
  const row = { call_id: held.callId, account_id: held.accountId, until: held.until };
  await db
    .insertInto('held_calls')
    .values(row)
    .onConflict((conflict) => conflict.column('call_id').doNothing())
    .execute();
  return (await holdingOf(db, held.callId)) ?? { until: held.until, choice: null, asker: null };
}

/** @returns null when it is not held */
export async function holdingOf(db: Kysely<Schema>, callId: string): Promise<Holding | null> {
  const row = await db
    .selectFrom('held_calls')
    .select(['until', 'choice', 'asker'])
    .where('call_id', '=', callId)
    .executeTakeFirst();
  return row ?? null;
}

export interface HeldChoice {
  readonly callId: string;
  readonly choice: Choice;
  readonly asker: JsonValue;
  /** As the audit log names him. */
  readonly actor: string;
}

/**
 * Takes the first word on a held call, with an audit entry: of any number of askers, and the end of the time, just one is first.
 * @returns false when it is not held, its time is over, or another word came before
 */
export async function chooseHeld(db: Kysely<Schema>, choice: HeldChoice, now: Date): Promise<boolean> {
  const isExpiry = choice.choice === 'expired';
  return db.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('held_calls')
      .set({ choice: choice.choice, asker: json(choice.asker), chosen_at: now })
      .where('call_id', '=', choice.callId)
      .where('choice', 'is', null)
      .where('until', isExpiry ? '<=' : '>', now)
      .returning('account_id')
      .executeTakeFirst();
    if (row === undefined) return false;
    const action = choice.choice === 'keep' ? 'call.kept' : 'call.destroyed';
    await recordAudit(transaction, {
      accountId: row.account_id,
      actor: choice.actor,
      action,
      subject: choice.callId,
      detail: { choice: choice.choice },
    });
    return true;
  });
}

/** What was held is archived or destroyed. @param audit what to note where no word on it was noted before */
export async function releaseHeld(db: Kysely<Schema>, callId: string, audit: readonly AuditInput[]): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const row = await transaction
      .deleteFrom('held_calls')
      .where('call_id', '=', callId)
      .returning('choice')
      .executeTakeFirst();
    if (row?.choice === null) for (const entry of audit) await recordAudit(transaction, entry);
  });
}

/** Calls that wait for a word, the most urgent first; at most 1,000. */
export async function heldCalls(db: Kysely<Schema>, reach: Reach, callId?: string): Promise<HeldCall[]> {
  const rows = await db
    .selectFrom('held_calls')
    .innerJoin('calls', 'calls.id', 'held_calls.call_id')
    .innerJoin('call_details', 'call_details.call_id', 'calls.id')
    .where('held_calls.choice', 'is', null)
    .where(within(reach, 'held_calls.account_id'))
    .$if(callId !== undefined, (query) => query.where('calls.id', '=', callId!))
    .$if(!isWhole(reach), (query) =>
      query.where(
        sql<boolean>`exists (select 1 from call_users where call_id = calls.id and user_id = ${reach.userId!})`,
      ),
    )
    .orderBy('held_calls.until')
    .limit(1000)
    .select(['calls.id', 'calls.account_id', 'held_calls.until', 'calls.started_at', 'calls.ended_at'])
    .select(['calls.direction', 'calls.parties', 'calls.vendor_ids'])
    .select(sql<JsonValue>`call_details.history -> -1 -> 'decision'`.as('decision'))
    .select(
      sql<string[]>`array(select user_id from call_users where call_id = calls.id order by user_id)`.as('userIds'),
    )
    .execute();
  return rows.map((row) => ({
    callId: row.id,
    accountId: row.account_id,
    until: row.until,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    direction: row.direction,
    parties: row.parties,
    userIds: row.userIds,
    vendorIds: row.vendor_ids,
    decision: row.decision,
  }));
}
