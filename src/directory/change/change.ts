import type { Kysely, Transaction } from 'kysely';
import type { Clock } from '../../base/clock.ts';
import { opaqueId, type Random } from '../../base/ids.ts';
import type { Schema } from '../../catalogue/schema.ts';
import { checkDraft } from '../check/check.ts';
import { type Fault, faultError } from '../check/fault.ts';
import type { Author } from '../values.ts';
import { lockDirectory } from '../version.ts';
import type { Draft } from './draft.ts';
import { loadDraft } from './load.ts';
import { type Head, writeDraft } from './write.ts';

export interface ChangeParts {
  readonly db: Kysely<Schema>;
  readonly clock: Clock;
  readonly random: Random;
  /** Told after each commit, before the change is answered. */
  readonly onChanged: () => Promise<void>;
}

export interface Outcome {
  /** Null: nothing was changed, since there was nothing to change or something was wrong. */
  readonly changeId: string | null;
  readonly draft: Draft;
  readonly faults: readonly Fault[];
  readonly warnings: readonly string[];
}

export interface ChangePlan {
  readonly author: Author;
  readonly accountId: string;
  /** For the audit log, e.g. `users.changed`. */
  readonly action: string;
  /** Makes the edits. */
  readonly edit: (draft: Draft, transaction: Transaction<Schema>) => Head | Promise<Head>;
  /** Nothing is written; what would have been is in the draft. */
  readonly isTrial?: boolean;
  /** Within the transaction, once the change is written. */
  readonly also?: (transaction: Transaction<Schema>, changeId: string) => Promise<void>;
}

/**
 * One change of an account in one transaction, after every other: edit, check, write; or nothing of it.
 * @throws EarshotError of `edit`; faults are in the outcome
 */
export async function tryChange(parts: ChangeParts, plan: ChangePlan): Promise<Outcome> {
  const changeId = opaqueId(parts.random);
  const outcome = await parts.db.transaction().execute(async (transaction): Promise<Outcome> => {
    await lockDirectory(transaction);
    const draft = await loadDraft(transaction, plan.accountId, plan.author, new Date(parts.clock.now()));
    const head = await plan.edit(draft, transaction);
    if (draft.edits.length === 0 && !draft.isAccountChanged) return { changeId: null, draft, faults: [], warnings: [] };
    const { faults, warnings } = await checkDraft(transaction, draft);
    if (faults.length > 0 || plan.isTrial === true) return { changeId: null, draft, faults, warnings };
    await writeDraft(transaction, draft, { id: changeId, author: plan.author, head, action: plan.action });
    await plan.also?.(transaction, changeId);
    return { changeId, draft, faults, warnings };
  });
  if (outcome.changeId !== null) await parts.onChanged();
  return outcome;
}

/** The same where a person waits: the first fault is thrown. @throws EarshotError BAD_REQUEST, CONFLICT */
export async function makeChange(parts: ChangeParts, plan: ChangePlan): Promise<Outcome> {
  const outcome = await tryChange(parts, plan);
  const [fault] = outcome.faults;
  if (fault !== undefined) throw faultError(fault);
  return outcome;
}
