import type { JournalEntry } from '../../link/journal.ts';

/**
 * Drops entries that were met before: when the journal moves to a new file, or a sync failed, entries are written again. Entries of
 * a call carry `n`, which counts up.
 */
export class SeenEntries {
  readonly #lastN = new Map<string, number>();

  isNew(entry: JournalEntry): boolean {
    return entry.kind === 'node' || entry.n > (this.#lastN.get(entry.callId) ?? 0);
  }

  add(entry: JournalEntry): void {
    if (entry.kind === 'node') return;
    this.#lastN.set(entry.callId, Math.max(entry.n, this.#lastN.get(entry.callId) ?? 0));
  }

  /** Nothing of these calls will be repeated any more. */
  forget(callIds: Iterable<string>): void {
    for (const callId of callIds) this.#lastN.delete(callId);
  }
}
