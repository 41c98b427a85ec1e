import { sql, type Kysely } from 'kysely';
import type { JsonValue } from '../base/json.ts';
import { pageOf, pageSize, readCursor, type Page } from './cursor.ts';
import type { PageRequest } from './recordings.ts';
import type { Schema } from './schema.ts';

export interface AuditInput {
  readonly accountId: string;
  /** A user's id, `token:<id>`, `system`, `retention` … */
  readonly actor: string;
  /** What was done, e.g. `recording.played`, `sign-in.refused`. */
  readonly action: string;
  /** The id of what it was done to. */
  readonly subject: string;
  readonly detail?: JsonValue;
}

export interface AuditEntry {
  readonly id: number;
  readonly accountId: string | null;
  readonly actor: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: JsonValue;
  readonly at: Date;
}

/** Adds to the audit log (F8); give a transaction to make it part of one. */
export async function recordAudit(db: Kysely<Schema>, entry: AuditInput): Promise<void> {
  await db
    .insertInto('audit')
    .values({
      account_id: entry.accountId,
      actor: entry.actor,
      action: entry.action,
      subject: entry.subject,
      detail: JSON.stringify(entry.detail ?? {}),
    })
    .execute();
}

/** A page of the audit log, newest first, of all subjects or of one. */
export async function listAudit(
  db: Kysely<Schema>,
  filter: { accountId: string; subject?: string | undefined },
  page: PageRequest = {},
): Promise<Page<AuditEntry>> {
  const limit = pageSize(page.limit);
  let query = db
    .selectFrom('audit')
    .select(['id', 'account_id', 'at', 'actor', 'action', 'subject', 'detail'])
    .where('account_id', '=', filter.accountId)
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (filter.subject !== undefined) query = query.where('subject', '=', filter.subject);
  if (page.cursor !== undefined) {
    const { at, id } = readCursor(page.cursor);
    query = query.where(sql<boolean>`(at, id) < (${at}, ${Number(id)})`);
  }
  const rows = await query.execute();
  const entries = rows.map(({ account_id: accountId, ...row }): AuditEntry => ({ accountId, ...row }));
  return pageOf(entries, limit, (entry) => ({ at: entry.at, id: String(entry.id) }));
}
