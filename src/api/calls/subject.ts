import type { Subject } from '../../access/rules.ts';
import type { LiveCall } from '../../link/messages.ts';

/** Whom a running call concerns: the users who may be its parties, and its owner. */
export function subjectOf({ decision }: Pick<LiveCall, 'decision'>): Subject & {
  readonly accountId: string;
  readonly userIds: readonly string[];
} {
  const { accountId, parties, owner } = decision;
  const userIds = new Set(parties.flatMap(({ userId }) => userId ?? []));
  if ('userId' in owner) userIds.add(owner.userId);
  return { accountId, userIds: [...userIds] };
}
