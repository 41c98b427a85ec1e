import { join } from 'node:path';
import type { Clock, Timer } from '../../base/clock.ts';
import { messageOf, systemCode } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { JournalEntry } from '../../link/journal.ts';
import { systemFiles, type LogFiles } from '../log/files.ts';
import { readingPast } from '../log/read-past.ts';
import { decodeFrames } from './frame.ts';
import { journalNames } from './names.ts';
import { listOrNone } from './reader.ts';
import { SeenEntries } from './seen.ts';

export interface TailOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly files?: LogFiles;
  /** How often to look when nobody says that the journal moved. */
  readonly pollMs?: number;
}

export interface JournalTail {
  /** The recorder says how far the journal is synced. The present file is read no further than that. */
  moved(file: string, offset: number): void;
  /** The recorder is away: what stands in the files is what it will find itself, so read all of it. */
  recorderAway(): void;
  /** Reads now. Resolves when all that may be read was handed over. */
  catchUp(): Promise<void>;
  stop(): void;
}

const POLL_MS = 1000;
/** So long the disk is asked for the same again before it counts as lost. */
const PATIENCE_MS = 60_000;
/** Read at once; more where a single frame is longer. */
const CHUNK_BYTES = 4 * 1024 * 1024;

/**
 * Follows the journal from its beginning: each entry once, in the order of writing, across changes of file. Files may vanish at any
 * time; what they held stands in the file that replaced them.
 * @param onEntry awaited before the next entry; when it throws, the entry comes again
 */
export function tailJournal(options: TailOptions, onEntry: (entry: JournalEntry) => void | Promise<void>): JournalTail {
  const tail = new Tail(options, onEntry);
  tail.poll();
  return tail;
}

class Tail implements JournalTail {
  readonly #options: TailOptions;
  readonly #files: LogFiles;
  readonly #past: ReturnType<typeof readingPast>;
  /** Files that the disk does not give, and `Clock.mono()` since when. */
  readonly #refused = new Map<string, number>();
  readonly #onEntry: (entry: JournalEntry) => void | Promise<void>;
  readonly #seen = new SeenEntries();
  /** How far each file was read. */
  readonly #offsets = new Map<string, number>();
  /** Which calls each file names. */
  readonly #callsIn = new Map<string, Set<string>>();
  #bound: { file: string; offset: number } | null = null;
  #reading: Promise<void> | null = null;
  #again = false;
  #timer: Timer | null = null;
  #isStopped = false;

  constructor(options: TailOptions, onEntry: (entry: JournalEntry) => void | Promise<void>) {
    this.#options = options;
    this.#files = options.files ?? systemFiles;
    this.#past = readingPast(this.#files);
    this.#onEntry = onEntry;
  }

  moved(file: string, offset: number): void {
    this.#bound = { file, offset };
    this.#wake();
  }

  recorderAway(): void {
    this.#bound = null;
    this.#wake();
  }

  async catchUp(): Promise<void> {
    // A reading under way may have passed the place already: the one after it has not.
    await this.#reading;
    await this.#read();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  poll(): void {
    if (this.#isStopped) return;
    this.#wake();
    this.#timer = this.#options.clock.after(this.#options.pollMs ?? POLL_MS, () => this.poll());
  }

  #wake(): void {
    this.#read().catch((error: unknown) =>
      this.#options.log.warn({ error: messageOf(error) }, 'the journal cannot be read; trying again'),
    );
  }

  #read(): Promise<void> {
    if (this.#reading !== null) {
      this.#again = true;
      return this.#reading;
    }
    this.#reading = this.#readAll();
    return this.#reading;
  }

  async #readAll(): Promise<void> {
    try {
      do {
        this.#again = false;
        const names = journalNames(await listOrNone(this.#options.folder, this.#files));
        // One went meanwhile: what took its place comes before the files behind it.
        if (!(await this.#readFiles(names))) this.#again = true;
        // Not while a file is still unread: it repeats what the removed ones held.
        else if (this.#bound === null || (names.at(-1) ?? '') <= this.#bound.file) this.#forgetVanished(names);
      } while (this.#again && !this.#isStopped);
    } finally {
      this.#reading = null;
    }
  }

  async #take(name: string, entry: JournalEntry): Promise<void> {
    if (this.#seen.isNew(entry)) await this.#onEntry(entry);
    this.#seen.add(entry);
    if (entry.kind === 'node') return;
    const calls = this.#callsIn.get(name) ?? new Set();
    this.#callsIn.set(name, calls.add(entry.callId));
  }

  /** What stood in removed files only will not be repeated; nothing of it is remembered. */
  #forgetVanished(names: readonly string[]): void {
    const vanished = [...this.#callsIn].filter(([name]) => !names.includes(name));
    for (const [name] of vanished) {
      this.#callsIn.delete(name);
      this.#offsets.delete(name);
    }
    const left = [...this.#callsIn.values()];
    for (const [, calls] of vanished) {
      this.#seen.forget([...calls].filter((callId) => !left.some((others) => others.has(callId))));
    }
  }

  /** @returns false when one of them is not there any more; those behind it are not read then */
  async #readFiles(names: readonly string[]): Promise<boolean> {
    for (const at of names.keys()) if (!(await this.#readFile(names, at))) return false;
    return true;
  }

  /**
   * What stands in a file was written when the one before it was whole; and that may have grown since it was read, as the next file is made in
   * advance.
   * @returns false when one of them is not there any more
   */
  async #readFile(names: readonly string[], at: number): Promise<boolean> {
    const name = names[at]!;
    const bound = this.#bound;
    // A file behind the published one is being made; its entries count once it is published.
    if (bound !== null && name > bound.file) return true;
    // What the disk does not give may come at another time; but not for ever may all that stands behind it wait.
    const now = this.#options.clock.mono();
    const files = now - (this.#refused.get(name) ?? now) < PATIENCE_MS ? this.#files : this.#past;
    try {
      const file = await files.openRead(join(this.#options.folder, name));
      try {
        const size = await file.size();
        const end = bound !== null && name === bound.file ? Math.min(size, bound.offset) : size;
        if (end <= (this.#offsets.get(name) ?? 0)) return true;
        if (at > 0 && !(await this.#readFile(names, at - 1))) return false;
        await this.#readUpTo(name, end, (from, length) => file.read(from, length));
      } finally {
        await file.close();
      }
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EIO' && !this.#refused.has(name)) this.#refused.set(name, now);
      if (code !== 'ENOENT') throw error;
      return false;
    }
    this.#refused.delete(name);
    return true;
  }

  async #readUpTo(name: string, end: number, read: (from: number, length: number) => Promise<Buffer>): Promise<void> {
    let length = CHUNK_BYTES;
    for (let from = this.#offsets.get(name) ?? 0; from < end && !this.#isStopped;) {
      const bytes = await read(from, Math.min(length, end - from));
      const frames = decodeFrames(bytes);
      for (const entry of frames.entries) await this.#take(name, entry);
      if (frames.damages.length > 0)
        this.#options.log.warn({ file: name }, 'a damaged part of the journal was passed over');
      if (frames.end === 0) {
        // Not one whole frame in sight: a longer look, or the rest is not written yet.
        if (from + bytes.length >= end) return;
        length *= 2;
        continue;
      }
      from += frames.end;
      length = CHUNK_BYTES;
      this.#offsets.set(name, from);
    }
  }
}
