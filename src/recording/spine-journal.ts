import type { JournalEntry } from '../link/journal.ts';
import { makesVoid } from '../link/recordings.ts';
import type { JournalPort } from './ports.ts';

/** What this needs of the journal's writer. */
export interface MovableJournal extends JournalPort {
  /** Begins a new file with these entries and removes the files before it. */
  compact(live: readonly JournalEntry[]): Promise<void>;
}

export interface JournalMove {
  /** Everything that the journal's files hold. */
  readonly read: () => Promise<readonly JournalEntry[]>;
  /** Calls whose entries must stay, and whether a call is done but may still have records in the audio log; asked at the last moment. */
  readonly kept: () => ReadonlySet<string>;
  readonly isDone: (callId: string) => boolean;
  /** First entry of each file. */
  readonly nodeEntry: () => JournalEntry;
}

/**
 * The journal as the spine writes it, able to move to a new file while calls go on: what is appended while the old files are read goes
 * to the new file as well, so that no entry falls between the two.
 */
export class SpineJournal implements JournalPort {
  readonly #journal: MovableJournal;
  #meanwhile: JournalEntry[] | null = null;

  constructor(journal: MovableJournal) {
    this.#journal = journal;
  }

  append(entry: JournalEntry): Promise<void> {
    this.#meanwhile?.push(entry);
    return this.#journal.append(entry);
  }

  appendLazy(entry: JournalEntry): void {
    this.#meanwhile?.push(entry);
    this.#journal.appendLazy(entry);
  }

  /** Moves to a new file that holds only what is still needed. */
  async move({ read, kept, isDone, nodeEntry }: JournalMove): Promise<void> {
    this.#meanwhile = [];
    try {
      // When this is on the disk, so is everything that was queued before we began to listen.
      await this.#journal.append(nodeEntry());
      const entries = [...(await read()), ...this.#meanwhile];
      await this.#journal.compact([nodeEntry(), ...stillNeeded(entries, kept(), isDone)]);
    } finally {
      this.#meanwhile = null;
    }
  }
}

/** What still counts of a call that is done: that it is, and that some of it was void and must go soon. */
function isOfDone(entry: JournalEntry): boolean {
  return entry.kind === 'archived' || (entry.kind === 'recording' && makesVoid(entry.step));
}

/**
 * Entries of calls that are kept, each once; of a session's saved dialogs only the last. Of a call that is done, that it was archived, as
 * long as the audio log holds records of it: else it would look like a call that the journal lost.
 */
export function stillNeeded(
  entries: readonly JournalEntry[],
  kept: ReadonlySet<string>,
  isDone: (callId: string) => boolean,
): JournalEntry[] {
  const lastDialog = new Map<string, number>();
  for (const entry of entries) {
    if (entry.kind === 'dialog') lastDialog.set(`${entry.callId} ${entry.sessionId}`, entry.n);
  }
  const seen = new Map<string, number>();
  return entries.filter((entry) => {
    if (entry.kind === 'node' || entry.n <= (seen.get(entry.callId) ?? 0)) return false;
    seen.set(entry.callId, entry.n);
    if (!kept.has(entry.callId)) return isOfDone(entry) && isDone(entry.callId);
    return entry.kind !== 'dialog' || lastDialog.get(`${entry.callId} ${entry.sessionId}`) === entry.n;
  });
}
