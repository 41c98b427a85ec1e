import type { FastifyRequest } from 'fastify';
import type { Outcome } from '../../access/audit.ts';
import { reachOf } from '../../access/rules.ts';
import type { JsonValue } from '../../base/json.ts';
import type { ApiContext } from '../context.ts';

/**
 * Writes what the caller of this request did, or was refused, to the audit log: under the account that is concerned, where it is known,
 * else under his own. Left out and refused: his own, so that an attempt on another account is not told to that account's people.
 */
export function auditOf(
  context: ApiContext,
  request: FastifyRequest,
  action: string,
  outcome: Outcome,
  subject: string | null,
  detail: JsonValue = {},
  accountId: string | null = ownAccount(request),
): Promise<void> {
  return context.access.audit.write({
    actor: request.actor,
    action,
    outcome,
    accountId,
    subject,
    address: request.ip,
    detail,
  });
}

function ownAccount({ actor }: FastifyRequest): string | null {
  const reach = reachOf(actor);
  return reach.kind === 'account' || reach.kind === 'user' ? reach.accountId : null;
}
