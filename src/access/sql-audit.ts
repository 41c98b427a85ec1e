import { type Kysely, sql } from 'kysely';
import type { Schema } from '../catalogue/schema.ts';
import { type Actor, signatureOf } from './actor.ts';
import type { AuditFilter, AuditRecord, AuditRow, Outcome, SystemActor } from './audit.ts';

export async function writeAudit(db: Kysely<Schema>, entry: AuditRecord & { readonly at: Date }): Promise<void> {
  const { kind, id, name } = signed(entry.actor);
  await db
    .insertInto('audit')
    .values({
      account_id: entry.accountId,
      at: entry.at,
      actor: id === null ? kind : `${kind}:${id}`,
      action: entry.action,
      subject: entry.subject ?? '',
      detail: JSON.stringify(entry.detail ?? {}),
      outcome: entry.outcome,
      name,
      address: entry.address,
    })
    .execute();
}

function signed(actor: Actor | SystemActor): AuditRow['actor'] {
  return actor.kind === 'system' ? { kind: 'system', id: null, name: null } : signatureOf(actor);
}

export async function listAudit(db: Kysely<Schema>, filter: AuditFilter): Promise<AuditRow[]> {
  let query = db
    .selectFrom('audit')
    .leftJoin('users', (join) => join.on('audit.actor', '=', sql`'user:' || users.id`))
    .leftJoin('tokens', (join) => join.on('audit.actor', '=', sql`'token:' || tokens.id`))
    .selectAll('audit')
    .select(sql<string | null>`coalesce(audit.name, users.login, tokens.name)`.as('actor_name'))
    .orderBy('audit.id', 'desc')
    .limit(filter.limit);
  if (filter.accountIds !== null) {
    query = query.where(sql<boolean>`audit.account_id = any(${[...filter.accountIds]}::text[])`);
  }
  if (filter.from !== undefined) query = query.where('at', '>=', filter.from);
  if (filter.to !== undefined) query = query.where('at', '<', filter.to);
  if (filter.action !== undefined) query = query.where('action', '=', filter.action);
  if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject);
  if (filter.outcome !== undefined) query = query.where('outcome', '=', filter.outcome);
  if (filter.before !== undefined) query = query.where('audit.id', '<', Number(filter.before));
  const rows = await query.execute();
  return rows.map((row) => ({
    id: String(row.id),
    at: row.at,
    actor: { ...actorOf(row.actor), name: row.actor_name },
    action: row.action,
    outcome: outcomeOf(row.outcome),
    accountId: row.account_id,
    subject: row.subject === '' ? null : row.subject,
    address: row.address,
    detail: row.detail,
  }));
}

function actorOf(text: string): { kind: AuditRow['actor']['kind']; id: string | null } {
  const [kind = '', id = null] = text.split(':', 2);
  switch (kind) {
    case 'user':
    case 'token':
    case 'phone':
    case 'operator':
    case 'anonymous':
      return { kind, id };
    default:
      return { kind: 'system', id: null };
  }
}

function outcomeOf(text: string): Outcome {
  return text === 'refused' || text === 'failed' ? text : 'done';
}
