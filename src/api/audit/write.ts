import type { FastifyRequest } from 'fastify';
import type { Outcome } from '../../access/audit.ts';
import { accountOf } from '../../access/rules.ts';
import { MAIN_ACCOUNT } from '../../access/store.ts';
import type { JsonValue } from '../../base/json.ts';
import type { ApiContext } from '../context.ts';

/** Writes what the caller of this request did, or was refused, to the audit log. */
export function auditOf(
  context: ApiContext,
  request: FastifyRequest,
  action: string,
  outcome: Outcome,
  subject: string | null,
  detail: JsonValue = {},
): Promise<void> {
  return context.access.audit.write({
    actor: request.actor,
    action,
    outcome,
    accountId: accountOf(request.actor) ?? MAIN_ACCOUNT,
    subject,
    address: request.ip,
    detail,
  });
}
