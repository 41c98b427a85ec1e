import type { Kysely } from 'kysely';
import { EarshotError } from '../../base/errors.ts';
import type { Schema } from '../../catalogue/schema.ts';
import { compile } from '../../policy/compile.ts';
import { snapshotFault } from '../../policy/snapshot.ts';
import { accountSettings } from '../assemble.ts';
import { editedContent, type Draft } from '../change/draft.ts';
import { clashFaults, foreignNumberWarnings, macFaults, overlapWarnings } from './clashes.ts';
import type { Fault } from './fault.ts';
import { referenceFaults } from './references.ts';
import { policyFaults, valueFaults } from './value.ts';

export interface Checked {
  readonly faults: readonly Fault[];
  readonly warnings: readonly string[];
}

/** All that must hold before a change is written: each value, what it names, what it collides with, and that policy can decide by it. */
export async function checkDraft(db: Kysely<Schema>, draft: Draft): Promise<Checked> {
  const { account } = draft;
  const faults: Fault[] = [
    ...policyFaults(draft.policy).map((fault) => ({ kind: 'account' as const, id: account.id, ...fault })),
    ...draft.edits.flatMap(({ kind, id, after }) =>
      after === null ? [] : valueFaults(kind, after.value).map((fault) => ({ kind, id, ...fault })),
    ),
    ...referenceFaults(draft),
    ...clashFaults(draft),
    ...(await macFaults(db, draft)),
  ];
  if (faults.length > 0) return { faults, warnings: [] };
  const unusable = policyFault(draft);
  if (unusable !== null) return { faults: [unusable], warnings: [] };
  return { faults, warnings: [...overlapWarnings(draft), ...(await foreignNumberWarnings(db, draft))] };
}

/**
 * The last word: the very checks that the recorder makes, and the compilation that it decides by. What was there before has passed them,
 * each entry by itself, so that one change of a large account does not wait for all of it.
 */
function policyFault(draft: Draft): Fault | null {
  const { id, brandId } = draft.account;
  const settings = {
    version: 0,
    accounts: [accountSettings({ ...draft.fields, id, brandId, entries: editedContent(draft) })],
  };
  const fault = snapshotFault(settings);
  if (fault !== null)
    return { kind: 'account', id, field: null, message: `The settings would not be usable: ${fault}.` };
  try {
    compile(settings);
    return null;
  } catch (error) {
    if (!(error instanceof EarshotError)) throw error;
    return { kind: 'account', id, field: null, message: error.message };
  }
}
