import { type Kysely, sql } from 'kysely';
import type { JsonValue } from '../base/json.ts';
import type { Schema } from '../catalogue/schema.ts';
import { type Actor, signatureOf } from './actor.ts';
import type { AuditFilter, AuditRecord, AuditRow, Outcome, SystemActor } from './audit.ts';

/** What stands beside the columns of the table, in its `detail`. Entries of other rooms may have only some of it. */
interface StoredDetail {
  readonly outcome?: string;
  readonly name?: string | null;
  readonly address?: string | null;
  readonly more?: JsonValue;
}

export async function writeAudit(db: Kysely<Schema>, entry: AuditRecord & { readonly at: Date }): Promise<void> {
  const { kind, id, name } = signed(entry.actor);
  const detail = { outcome: entry.outcome, name, address: entry.address, more: entry.detail ?? {} };
  await db
    .insertInto('audit')
    .values({
      account_id: entry.accountId,
      at: entry.at,
      actor: id === null ? kind : `${kind}:${id}`,
      action: entry.action,
      subject: entry.subject ?? '',
      detail: JSON.stringify(detail),
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
    .select(sql<string | null>`coalesce(users.login, tokens.name)`.as('name'))
    .orderBy('audit.id', 'desc')
    .limit(filter.limit);
  if (filter.accountId !== null) query = query.where('audit.account_id', '=', filter.accountId);
  if (filter.from !== undefined) query = query.where('at', '>=', filter.from);
  if (filter.to !== undefined) query = query.where('at', '<', filter.to);
  if (filter.action !== undefined) query = query.where('action', '=', filter.action);
  if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject);
  if (filter.outcome !== undefined) query = query.where(sql`coalesce(detail->>'outcome', 'done')`, '=', filter.outcome);
  if (filter.before !== undefined) query = query.where('audit.id', '<', Number(filter.before));
  const rows = await query.execute();
  return rows.map((row) => {
    const detail = detailOf(row.detail);
    return {
      id: String(row.id),
      at: row.at,
      actor: { ...actorOf(row.actor), name: detail.name ?? row.name },
      action: row.action,
      outcome: outcomeOf(detail.outcome),
      accountId: row.account_id,
      subject: row.subject === '' ? null : row.subject,
      address: detail.address ?? null,
      detail: detail.outcome === undefined ? row.detail : (detail.more ?? {}),
    };
  });
}

function detailOf(value: unknown): StoredDetail {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
}

function actorOf(text: string): { kind: AuditRow['actor']['kind']; id: string | null } {
  const [kind = '', id = null] = text.split(':', 2);
  switch (kind) {
    case 'user':
    case 'token':
    case 'operator':
    case 'anonymous':
      return { kind, id };
    default:
      return { kind: 'system', id: null };
  }
}

function outcomeOf(text: string | undefined): Outcome {
  return text === 'refused' || text === 'failed' ? text : 'done';
}
