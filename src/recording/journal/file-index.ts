import type { JournalEntry } from '../../link/journal.ts';
import { makesVoid } from '../../link/recordings.ts';
import { journalGeneration, journalName, journalNumber } from './names.ts';

/** Where an entry's frame stands in its file, bytes. */
export interface FramePlace {
  readonly at: number;
  readonly length: number;
}

/** An entry of a call as the index knows it; the rest of it is in the file. */
export interface IndexedEntry extends FramePlace {
  readonly callId: string;
  readonly n: number;
  /** Of a saved dialog, its session: the next one takes its place. */
  readonly dialogOf: string | null;
  /** Still counts when the call is done: that it is, or that some of it was void and must go soon. */
  readonly isMark: boolean;
}

/** One file of the journal and whose entries it holds. */
export class JournalFile {
  readonly name: string;
  readonly calls = new Map<string, IndexedEntry[]>();
  bytes = 0;
  /** Something in it is not as it was written: it stays until the next start looks into it. */
  isDamaged = false;

  constructor(name: string) {
    this.name = name;
  }
}

/** Which calls' entries must stay. Asked at the last moment. */
export interface Standing {
  /** A call that runs, or is not archived yet. */
  readonly isKept: (callId: string) => boolean;
  /** A call that is done, of which the audio log may still hold records: without a mark it would look like one that the journal lost. */
  readonly isDone: (callId: string) => boolean;
}

/** Where each entry of the journal stands, so that what is over can go without being read again. */
export class JournalIndex {
  /** In their order. The last one may still grow. */
  #files: JournalFile[] = [];
  readonly #filesOf = new Map<string, Set<JournalFile>>();
  #generation = 0;

  get files(): readonly JournalFile[] {
    return this.#files;
  }

  /** Notes an entry that is on the disk, in each file that it stands in: one of them may be less durable than it looks. Files come in the order of their names. */
  add(name: string, entry: JournalEntry, { at, length }: FramePlace): void {
    const file = this.#file(name);
    file.bytes = Math.max(file.bytes, at + length);
    if (entry.kind !== 'node') this.#hold(file, indexed(entry, { at, length }));
  }

  /**
   * A file that is there, and takes so much room even where nothing in it can be read.
   * @param isUnreadable the disk did not give part of it; it may hold entries that are not known here
   */
  addFile(name: string, bytes: number, isUnreadable = false): void {
    const file = this.#file(name);
    file.bytes = bytes;
    file.isDamaged = isUnreadable;
  }

  /** A name that nobody had, in the place of files of which this is the last. */
  nameBehind(file: JournalFile): string {
    return journalName(journalNumber(file.name), ++this.#generation);
  }

  /** These went, and what was needed of them, and of others that may not have gone yet, stands in another now. */
  replace(gone: readonly JournalFile[], by: JournalFile | null): void {
    const files = this.#files.filter((file) => !gone.includes(file));
    if (by !== null) files.push(by);
    this.#files = files.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const file of gone) for (const callId of file.calls.keys()) this.#leave(callId, file);
    for (const callId of by?.calls.keys() ?? []) this.#stand(callId, by!);
  }

  /**
   * What of a file must stay when it goes. While an older entry of a call is left in another file, what says that the call is done must not go
   * before it; also where both go, as they go one after the other.
   */
  needed(file: JournalFile, { isKept, isDone }: Standing): IndexedEntry[] {
    const needed: IndexedEntry[] = [];
    for (const [callId, entries] of file.calls) {
      if (isKept(callId)) needed.push(...entries);
      else if (isDone(callId) || (this.#filesOf.get(callId)?.size ?? 0) > 1)
        needed.push(...entries.filter(({ isMark }) => isMark));
    }
    return needed;
  }

  #file(name: string): JournalFile {
    const last = this.#files.at(-1);
    if (last?.name === name) return last;
    const file = new JournalFile(name);
    this.#files.push(file);
    this.#generation = Math.max(this.#generation, journalGeneration(name));
    return file;
  }

  #hold(file: JournalFile, entry: IndexedEntry): void {
    const entries = file.calls.get(entry.callId);
    if (entries !== undefined) {
      entries.push(entry);
      return;
    }
    file.calls.set(entry.callId, [entry]);
    this.#stand(entry.callId, file);
  }

  #stand(callId: string, file: JournalFile): void {
    const files = this.#filesOf.get(callId) ?? new Set();
    this.#filesOf.set(callId, files.add(file));
  }

  #leave(callId: string, file: JournalFile): void {
    const files = this.#filesOf.get(callId);
    files?.delete(file);
    if (files?.size === 0) this.#filesOf.delete(callId);
  }
}

function indexed(entry: Exclude<JournalEntry, { kind: 'node' }>, { at, length }: FramePlace): IndexedEntry {
  return {
    callId: entry.callId,
    n: entry.n,
    dialogOf: entry.kind === 'dialog' ? entry.sessionId : null,
    isMark: entry.kind === 'archived' || (entry.kind === 'recording' && makesVoid(entry.step)),
    at,
    length,
  };
}
