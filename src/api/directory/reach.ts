import type { FastifyRequest } from 'fastify';
import { actorText, signatureOf } from '../../access/actor.ts';
import { type Action, may, type Subject } from '../../access/rules.ts';
import { EarshotError } from '../../base/errors.ts';
import type { Account, Author } from '../../directory/values.ts';
import { auditOf } from '../audit/write.ts';
import type { ApiContext } from '../context.ts';

/**
 * The account, if it is there and within the caller's reach. Out of reach looks the same as not there: ids of other accounts are not to be
 * learned.
 * @throws EarshotError NOT_FOUND
 */
export async function reachAccount(
  context: ApiContext,
  request: FastifyRequest,
  accountId: string,
  action: Action,
  more: Pick<Subject, 'userIds'> = {},
): Promise<Account> {
  const account = await context.directory.account(accountId);
  if (account !== undefined && may(request.actor, action, { accountId, brandId: account.brandId, ...more }))
    return account;
  // Also where there is none: the audit log that the caller may read must not tell the one from the other.
  await auditOf(context, request, action, 'refused', accountId);
  throw noAccount();
}

function noAccount(): EarshotError {
  return new EarshotError('NOT_FOUND', 'there is no such account.', { key: 'accountId' });
}

/** @throws EarshotError NOT_ALLOWED, and the attempt is on record */
export async function need(
  context: ApiContext,
  request: FastifyRequest,
  action: Action,
  subject: Subject,
  words: string,
): Promise<void> {
  if (may(request.actor, action, subject)) return;
  await auditOf(context, request, action, 'refused', subject.accountId ?? subject.brandId ?? null);
  throw new EarshotError('NOT_ALLOWED', `you may not ${words}.`);
}

/** In whose name a change is made. */
export function authorOf(request: FastifyRequest): Author {
  const { kind, name } = signatureOf(request.actor);
  return { id: actorText(request.actor), name: name ?? kind, address: request.ip };
}
