import { JournalFold, type CallState } from '../link/fold.ts';
import type { JournalEntry } from '../link/journal.ts';
import { makesVoid } from '../link/recordings.ts';

/** What the journal of a former recorder tells. */
export interface FormerLife {
  readonly calls: ReadonlyMap<string, CallState>;
  /** Calls that were archived; of some nothing else is left in the journal. */
  readonly archived: ReadonlySet<string>;
  /** Those of them of which something was void. */
  readonly voided: ReadonlySet<string>;
  /** Entries of calls whose opening is not there: it was damaged. */
  readonly fragments: ReadonlyMap<string, readonly JournalEntry[]>;
}

export function readFormerLife(entries: Iterable<JournalEntry>): FormerLife {
  const fold = new JournalFold();
  const archived = new Set<string>();
  const voided = new Set<string>();
  const fragments = new Map<string, JournalEntry[]>();
  for (const entry of entries) {
    if (entry.kind === 'node') continue;
    if (entry.kind === 'archived') archived.add(entry.callId);
    if (entry.kind === 'recording' && makesVoid(entry.step)) voided.add(entry.callId);
    fold.apply(entry);
    if (fold.calls.has(entry.callId)) continue;
    const found = fragments.get(entry.callId) ?? [];
    found.push(entry);
    fragments.set(entry.callId, found);
  }
  for (const callId of archived) fragments.delete(callId);
  return { calls: fold.calls, archived, voided: archived.intersection(voided), fragments };
}
