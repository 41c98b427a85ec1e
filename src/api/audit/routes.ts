import { narrowingOf } from '../../access/rules.ts';
import type { AuditFilter, AuditRow } from '../../access/audit.ts';
import { EarshotError } from '../../base/errors.ts';
import type { App } from '../app.ts';
import type { ApiContext } from '../context.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { periodOf } from '../period.ts';
import { guarded, named } from '../schema.ts';
import { type AuditEntry, AuditPage, AuditQuery } from './schema.ts';

const PAGE = 50;

export function auditRoutes(app: App, context: ApiContext): void {
  app.get(
    '/audit',
    {
      config: { access: 'audit.read' },
      schema: {
        operationId: 'listAudit',
        tags: ['audit'],
        summary: 'Who did what: sign-ins, plays, downloads, changes and refusals, newest first',
        querystring: AuditQuery,
        response: { 200: named(AuditPage), ...guarded(503) },
      },
    },
    async (request) => {
      const limit = request.query.limit ?? PAGE;
      const rows = await context.access.audit.list({
        ...filterOf(request.query, narrowingOf(request.actor).accountIds),
        limit: limit + 1,
      });
      const page = rows.slice(0, limit);
      const last = page.at(-1);
      const next = rows.length > limit && last !== undefined ? writeCursor([last.id], request.query) : null;
      return { items: page.map(entryOf), next };
    },
  );
}

function filterOf(query: AuditQuery, accountIds: readonly string[] | null): Omit<AuditFilter, 'limit'> {
  return {
    accountIds,
    ...periodOf(query),
    ...(query.action === undefined ? {} : { action: query.action }),
    ...(query.subject === undefined ? {} : { subject: query.subject }),
    ...(query.outcome === undefined ? {} : { outcome: query.outcome }),
    ...(query.cursor === undefined ? {} : { before: positionOf(query.cursor, query) }),
  };
}

function positionOf(cursor: string, query: AuditQuery): string {
  const [id] = readCursor(cursor, query);
  if (typeof id !== 'string' || !/^\d{1,18}$/.test(id)) {
    throw new EarshotError('BAD_REQUEST', 'the cursor cannot be read.', { key: 'cursor' });
  }
  return id;
}

function entryOf(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    at: row.at.toISOString(),
    actor: { ...row.actor },
    action: row.action,
    outcome: row.outcome,
    accountId: row.accountId,
    subject: row.subject,
    address: row.address,
    detail: row.detail,
  };
}
