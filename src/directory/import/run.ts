import { type ChangeParts, type Outcome, tryChange } from '../change/change.ts';
import type { Draft } from '../change/draft.ts';
import type { HistoryKind, ImportCounts, ImportResult } from '../port.ts';
import type { Author } from '../values.ts';
import { diffOf, type Report } from './report.ts';
import { handMadeWarning } from './sync.ts';

export interface ImportPlan {
  readonly author: Author;
  readonly accountId: string;
  readonly isTrial: boolean;
  /** Whether what was made by hand is given to the source that names it. */
  readonly adopt: boolean;
  readonly head: { readonly kind: HistoryKind; readonly entryId: string; readonly name: string };
  readonly action: string;
  /** What is wrong before anything is looked at, and what the source itself warns of. */
  readonly report: Report;
  /** Turns what was read into edits. */
  readonly work: (draft: Draft, report: Report) => void;
  /** The word of the source for a field. */
  readonly headingOf: (field: string) => string | null;
}

/** Leaves the transaction without a trace. */
class Refused extends Error {
  readonly draft: Draft;
  constructor(draft: Draft) {
    super('refused');
    this.draft = draft;
  }
}

/** All of it or nothing: with any fault, in any row, nothing is written. */
export async function runImport(parts: ChangeParts, plan: ImportPlan): Promise<ImportResult> {
  const { report } = plan;
  if (report.faults.length > 0) return refusal(report);
  let outcome: Outcome;
  try {
    outcome = await tryChange(parts, {
      author: plan.author,
      accountId: plan.accountId,
      action: plan.action,
      isTrial: plan.isTrial,
      edit: (draft) => {
        plan.work(draft, report);
        if (report.faults.length > 0) throw new Refused(draft);
        return { ...plan.head, summary: { ...countsOf(draft, report) } };
      },
    });
  } catch (error) {
    if (error instanceof Refused) return refusal(report, error.draft);
    throw error;
  }
  const { draft, faults, warnings, changeId } = outcome;
  report.faults.push(...faults.map((fault) => report.told(fault, plan.headingOf)));
  if (report.faults.length > 0) return refusal(report, draft);
  return {
    applied: !plan.isTrial,
    counts: countsOf(draft, report),
    ...diffOf(draft),
    errors: [],
    warnings: [...handMadeWarning(report.handMade, plan.adopt), ...report.warnings, ...warnings],
    changeId,
  };
}

function countsOf(draft: Draft, report: Report): ImportCounts {
  const { created, changed, deleted } = diffOf(draft);
  const touched = draft.edits.filter(({ kind, id, after }) => after !== null && report.isMeant(kind, id)).length;
  return {
    created: created.length,
    changed: changed.length,
    deleted: deleted.length,
    unchanged: Math.max(0, report.rows - touched),
  };
}

function refusal(report: Report, draft?: Draft): ImportResult {
  const nothing = { created: [], changed: [], deleted: [] };
  const counts = { created: 0, changed: 0, deleted: 0, unchanged: 0 };
  return {
    applied: false,
    counts: draft === undefined ? counts : countsOf(draft, report),
    ...(draft === undefined ? nothing : diffOf(draft)),
    errors: report.faults.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)),
    warnings: report.warnings,
    changeId: null,
  };
}
