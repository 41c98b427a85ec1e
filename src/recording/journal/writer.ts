import { join } from 'node:path';
import type { Clock, Timer } from '../../base/clock.ts';
import { EarshotError, messageOf, systemCode } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { JournalEntry } from '../../link/journal.ts';
import type { LogFiles, SyncedFile } from '../log/files.ts';
import { JournalIndex } from './file-index.ts';
import { encodeFrame } from './frame.ts';
import { journalGeneration, journalName, journalNames, journalNumber } from './names.ts';

export interface JournalWriterOptions {
  readonly folder: string;
  readonly files: LogFiles;
  readonly clock: Clock;
  readonly log: Log;
  /** The journal is synced up to here; for the service. */
  readonly onMoved?: (file: string, offset: number) => void;
  readonly onAlarm?: (alarm: {
    readonly code: 'journal-write';
    readonly text: string;
    readonly active: boolean;
  }) => void;
  /** Where the entries of former files stand; those to come are added. */
  readonly index?: JournalIndex;
  /** A file that is larger is followed by the next. */
  readonly fileBytes?: number;
  /** How long an append may wait for the disk before it is refused; its entry stays queued. */
  readonly timeoutMs?: number;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: Timer;
}

interface Item {
  /** Null = waits for those before it. */
  readonly entry: JournalEntry | null;
  readonly frame: Buffer;
  readonly waiting: Waiting | null;
}

const LAZY_MS = 200;
const RETRY_MS = 200;
const TIMEOUT_MS = 5000;
const FILE_BYTES = 4 * 1024 * 1024;

/** A file of the journal that is there, empty, and can be written to. */
interface OpenFile {
  readonly name: string;
  readonly file: SyncedFile;
}

/**
 * The recorder's journal. One commit at a time: all that came since the last one began goes out as one write, which returns when it is on the disk,
 * so that an idle disk serves an entry at once and a busy one many together. The next file is made while the present one is half full:
 * no call waits for it.
 *
 * ```
 *          append                     write returned, queue empty
 *  idle ───────────► committing ───────────────────────────────────► idle
 *                      │    ▲
 *            the write │    │ after RETRY_MS, in a new file, with everything that was not synced
 *            failed    ▼    │
 *                     waiting
 * ```
 */
export class JournalWriter {
  /** Where everything that is on the disk stands. */
  readonly index: JournalIndex;
  readonly #options: JournalWriterOptions;
  #number: number;
  #file: SyncedFile | null = null;
  #name = '';
  /** The file to come, or null where it could not be made in advance. */
  #next: Promise<OpenFile | null> | null = null;
  /** Files that are done with. */
  #closing: Promise<unknown> = Promise.resolve();
  #offset = 0;
  #bytes = 0;
  #queue: Item[] = [];
  #committing: Promise<void> | null = null;
  #lazy: Timer | null = null;
  #isFailing = false;
  #isClosed = false;

  private constructor(options: JournalWriterOptions, number: number) {
    this.#options = options;
    this.#number = number;
    this.index = options.index ?? new JournalIndex();
  }

  /** Begins behind the files that are there. What a killed recorder wrote last and did not sync counts from now on: it is brought to the disk. */
  static async open(options: JournalWriterOptions): Promise<JournalWriter> {
    const { folder, files, log } = options;
    const names = journalNames(await files.list(folder));
    // The last one may have been made in advance.
    for (const name of names.filter((name) => journalGeneration(name) === 0).slice(-2)) {
      await files
        .sync(join(folder, name))
        .catch((error: unknown) =>
          log.warn({ file: name, error: messageOf(error) }, 'a journal file cannot be synced'),
        );
    }
    return new JournalWriter(options, journalNumber(names.at(-1) ?? '0'));
  }

  /** Where the journal stands: bytes of the present file that are on the disk. */
  get position(): { readonly file: string; readonly offset: number } {
    return { file: this.#name, offset: this.#offset };
  }

  /** How much this writer has brought to the disk. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Resolves when the entry is on the disk.
   * @throws EarshotError UNAVAILABLE when the disk does not take it in time; it is still queued and may come to the disk later
   */
  append(entry: JournalEntry): Promise<void> {
    return this.#push(entry, encodeFrame(entry));
  }

  /**
   * Resolves when all that was appended before is on the disk.
   * @throws EarshotError UNAVAILABLE when the disk does not take it in time
   */
  async flush(): Promise<void> {
    if (this.#queue.length > 0 || this.#committing !== null) await this.#push(null, Buffer.alloc(0));
  }

  #push(entry: JournalEntry | null, frame: Buffer): Promise<void> {
    const { clock, timeoutMs = TIMEOUT_MS } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = clock.after(timeoutMs, () => reject(tooSlow(timeoutMs)));
      this.#queue.push({ entry, frame, waiting: { resolve, reject, timer } });
      this.#start();
    });
  }

  /** Writes the entry with the next commit, within {@link LAZY_MS}: for what can be lost with the last moment before a crash. */
  appendLazy(entry: JournalEntry): void {
    this.#queue.push({ entry, frame: encodeFrame(entry), waiting: null });
    this.#lazy ??= this.#options.clock.after(LAZY_MS, () => this.#start());
  }

  /** Commits what waits and closes the file. */
  async close(): Promise<void> {
    if (this.#queue.length > 0) this.#start();
    this.#isClosed = true;
    await this.#committing;
    this.#lazy?.cancel();
    await this.#file?.close();
    this.#file = null;
    await this.#discardNext();
    await this.#closing;
  }

  #start(): void {
    this.#lazy?.cancel();
    this.#lazy = null;
    if (this.#isClosed) return;
    this.#committing ??= this.#commitAll();
  }

  async #commitAll(): Promise<void> {
    // A turn of the event loop: what one batch of messages brings belongs to one commit.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const items = this.#queue;
      this.#queue = [];
      try {
        if (items.some(({ entry }) => entry !== null)) await this.#commit(items);
        this.#recovered();
        for (const { waiting } of items) settle(waiting);
      } catch (error) {
        this.#queue = [...items, ...this.#queue];
        await this.#failed(error);
        if (this.#isClosed) break;
        await this.#pause(RETRY_MS);
      }
    }
    // In the same turn that saw the queue empty: whoever comes later starts anew.
    this.#committing = null;
  }

  /** Writes the items in their order; all of them are on the disk when it resolves. */
  async #commit(items: readonly Item[]): Promise<void> {
    const { files, folder, onMoved, fileBytes = FILE_BYTES } = this.#options;
    const isNew = this.#file === null && !(await this.#takeNext());
    this.#file ??= await this.#create();
    const length = items.reduce((sum, { frame }) => sum + frame.length, 0);
    const written = await this.#file.append(
      items.map(({ frame }) => frame),
      this.#offset,
    );
    if (written !== length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
    if (isNew) await files.syncFolder(folder);
    this.#index(items);
    this.#bytes += length;
    onMoved?.(this.#name, this.#offset);
    if (this.#offset >= fileBytes / 2) this.#next ??= this.#makeNext();
    if (this.#offset >= fileBytes) this.#endFile();
  }

  /** They are on the disk. */
  #index(items: readonly Item[]): void {
    for (const { entry, frame } of items) {
      if (entry === null) continue;
      this.index.add(this.#name, entry, { at: this.#offset, length: frame.length });
      this.#offset += frame.length;
    }
  }

  #endFile(): void {
    const file = this.#file;
    this.#file = null;
    // All of it is on the disk, so nothing is lost with what goes wrong here.
    const before = this.#closing;
    this.#closing = Promise.all([before, file?.close().catch(() => undefined)]).then(() => undefined);
  }

  async #create(): Promise<SyncedFile> {
    this.#name = journalName(++this.#number);
    this.#offset = 0;
    return this.#options.files.createSynced(join(this.#options.folder, this.#name));
  }

  /** Never rejects: what goes wrong here goes wrong again, and is told, when the file is needed. */
  async #makeNext(): Promise<OpenFile | null> {
    const { files, folder } = this.#options;
    const name = journalName(++this.#number);
    try {
      const file = await files.createSynced(join(folder, name));
      await files.syncFolder(folder).catch((error: unknown) => file.close().then(() => Promise.reject(error as Error)));
      return { name, file };
    } catch {
      return null;
    }
  }

  /** @returns whether there was one that is sure to be in its folder */
  async #takeNext(): Promise<boolean> {
    const next = await this.#next;
    this.#next = null;
    if (next === null) return false;
    this.#file = next.file;
    this.#name = next.name;
    this.#offset = 0;
    return true;
  }

  async #discardNext(): Promise<void> {
    const made = this.#next;
    // Nobody may take it any more.
    this.#next = null;
    const next = await made;
    if (next === null) return;
    await next.file.close().catch(() => undefined);
    await this.#options.files.unlink(join(this.#options.folder, next.name)).catch(() => undefined);
  }

  /** A failed sync may have thrown pages away, and would say yes when asked again: the file is left as it is. */
  async #failed(cause: unknown): Promise<void> {
    const reason = systemCode(cause) ?? messageOf(cause);
    const file = this.#file;
    const [name, synced] = [this.#name, this.#offset];
    this.#file = null;
    this.#options.log.error({ file: name, reason }, 'the journal failed; it goes on in a new file');
    if (!this.#isFailing) {
      this.#options.onAlarm?.({
        code: 'journal-write',
        text: `the journal cannot be written (${reason}).`,
        active: true,
      });
    }
    this.#isFailing = true;
    await file?.close().catch(() => undefined);
    // Nothing in it is known to be on the disk, and all of it comes again: a full disk wants the room back.
    if (synced === 0 && name !== '')
      await this.#options.files.unlink(join(this.#options.folder, name)).catch(() => undefined);
  }

  #recovered(): void {
    if (!this.#isFailing) return;
    this.#isFailing = false;
    this.#options.onAlarm?.({ code: 'journal-write', text: 'the journal is being written again.', active: false });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#options.clock.after(ms, resolve));
  }
}

function settle(waiting: Waiting | null): void {
  waiting?.timer.cancel();
  waiting?.resolve();
}

function tooSlow(ms: number): EarshotError {
  return new EarshotError('UNAVAILABLE', `the disk did not take the journal within ${ms} ms.`, {
    remedy: 'Look at the disk that holds the data folder: full, failing or too slow.',
  });
}
