import { join } from 'node:path';
import type { Clock, Timer } from '../../base/clock.ts';
import { EarshotError, messageOf, systemCode } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { JournalEntry } from '../../link/journal.ts';
import type { AppendFile, LogFiles } from '../log/files.ts';
import { encodeFrame } from './frame.ts';
import { journalName, journalNames, journalNumber } from './names.ts';

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
  /** How long an append may wait for the disk before it is refused; its entry stays queued. */
  readonly timeoutMs?: number;
}

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: Timer;
}

/** A frame, or the order to begin a new file with these frames and remove all before it. */
type Item = { readonly frame: Buffer; readonly waiting: Waiting | null } | Compaction;

interface Compaction {
  readonly live: readonly Buffer[];
  readonly waiting: Waiting | null;
}

const LAZY_MS = 200;
const RETRY_MS = 200;
const TIMEOUT_MS = 5000;

/**
 * The recorder's journal. One commit at a time: all that came since the last one began goes out as one write and one fdatasync,
 * so that an idle disk serves an entry at once and a busy one many together.
 *
 * ```
 *          append                    fdatasync returned, queue empty
 *  idle ───────────► committing ───────────────────────────────────► idle
 *                      │    ▲
 *        write or sync │    │ after RETRY_MS, in a new file, with everything that was not synced
 *        failed        ▼    │
 *                     waiting
 * ```
 */
export class JournalWriter {
  readonly #options: JournalWriterOptions;
  #number: number;
  #file: AppendFile | null = null;
  #name = '';
  #offset = 0;
  #queue: Item[] = [];
  #committing: Promise<void> | null = null;
  #lazy: Timer | null = null;
  #isFailing = false;
  #isClosed = false;

  private constructor(options: JournalWriterOptions, number: number) {
    this.#options = options;
    this.#number = number;
  }

  /** Begins behind the files that are there; they are read by others and removed by the next {@link compact}. */
  static async open(options: JournalWriterOptions): Promise<JournalWriter> {
    const names = journalNames(await options.files.list(options.folder));
    return new JournalWriter(options, journalNumber(names.at(-1) ?? '0'));
  }

  /** Where the journal stands: bytes of the present file that are on the disk. */
  get position(): { readonly file: string; readonly offset: number } {
    return { file: this.#name, offset: this.#offset };
  }

  /**
   * Resolves when the entry is on the disk.
   * @throws EarshotError UNAVAILABLE when the disk does not take it in time; it is still queued and may come to the disk later
   */
  append(entry: JournalEntry): Promise<void> {
    return this.#enqueue((waiting) => ({ frame: encodeFrame(entry), waiting }));
  }

  /** Writes the entry with the next commit, within {@link LAZY_MS}: for what can be lost with the last moment before a crash. */
  appendLazy(entry: JournalEntry): void {
    this.#queue.push({ frame: encodeFrame(entry), waiting: null });
    this.#lazy ??= this.#options.clock.after(LAZY_MS, () => this.#start());
  }

  /**
   * Moves to a new file that begins with these entries, and removes all files before it once that is on the disk. Entries appended
   * before the call must be among them as far as they are still needed.
   */
  compact(liveEntries: readonly JournalEntry[]): Promise<void> {
    const live = liveEntries.map(encodeFrame);
    return this.#enqueue((waiting) => ({ live, waiting }));
  }

  /** Commits what waits and closes the file. */
  async close(): Promise<void> {
    if (this.#queue.length > 0) this.#start();
    this.#isClosed = true;
    await this.#committing;
    this.#lazy?.cancel();
    await this.#file?.close();
    this.#file = null;
  }

  #enqueue(make: (waiting: Waiting) => Item): Promise<void> {
    const { clock, timeoutMs = TIMEOUT_MS } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = clock.after(timeoutMs, () => reject(tooSlow(timeoutMs)));
      this.#queue.push(make({ resolve, reject, timer }));
      this.#start();
    });
  }

  #start(): void {
    this.#lazy?.cancel();
    this.#lazy = null;
    this.#committing ??= this.#commitAll();
  }

  async #commitAll(): Promise<void> {
    // A turn of the event loop: what one batch of messages brings belongs to one commit.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const items = this.#queue;
      this.#queue = [];
      try {
        await this.#commit(items);
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
    let frames: Buffer[] = [];
    for (const item of items) {
      if ('frame' in item) {
        frames.push(item.frame);
        continue;
      }
      await this.#write(frames);
      frames = [];
      await this.#compact(item.live);
    }
    await this.#write(frames);
  }

  async #write(frames: readonly Buffer[]): Promise<void> {
    if (frames.length === 0) return;
    const { files, folder, onMoved } = this.#options;
    const isNew = this.#file === null;
    this.#file ??= await this.#create();
    const length = frames.reduce((sum, frame) => sum + frame.length, 0);
    const written = await this.#file.writev(frames, this.#offset);
    if (written !== length) throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
    await this.#file.datasync();
    if (isNew) await files.syncFolder(folder);
    this.#offset += length;
    onMoved?.(this.#name, this.#offset);
  }

  async #compact(live: readonly Buffer[]): Promise<void> {
    const { files, folder, log } = this.#options;
    await this.#file?.close();
    this.#file = null;
    await this.#write(live);
    const keep = this.#file === null ? this.#number + 1 : this.#number;
    for (const name of journalNames(await files.list(folder))) {
      if (journalNumber(name) >= keep) continue;
      await files
        .unlink(join(folder, name))
        .catch((error: unknown) => log.warn({ file: name, error: messageOf(error) }, 'an old journal file stays'));
    }
  }

  async #create(): Promise<AppendFile> {
    this.#name = journalName(++this.#number);
    this.#offset = 0;
    return this.#options.files.create(join(this.#options.folder, this.#name));
  }

  /** A failed fdatasync may have thrown pages away, and would say yes when asked again: the file is left as it is. */
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
