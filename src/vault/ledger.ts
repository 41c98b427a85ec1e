import type { FileHandle } from 'node:fs/promises';
import { open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EarshotError, systemCode } from '../base/errors.ts';
import { diskError, makeFolder, syncFolder } from './durable.ts';
import { FIRST, type LedgerEntry, parseEntry, readLines, writeEntry } from './ledger-entry.ts';
import type { Signer } from './signing.ts';
import { sha256 } from './signing.ts';

/** The newest entry: whoever keeps it elsewhere can prove that nothing after or before it was taken away. */
export interface LedgerHead {
  readonly sequence: number;
  /** SHA-256 of the entry's line, hex. */
  readonly hash: string;
}

export interface LedgerRecord {
  readonly kind: 'kept' | 'deleted';
  readonly recordingId: string;
  /** SHA-256 of the manifest or tombstone, hex. */
  readonly sha256: string;
}

interface Waiting {
  readonly record: LedgerRecord;
  readonly at: number;
  readonly resolve: (head: LedgerHead) => void;
  readonly reject: (error: unknown) => void;
}

/** So many of the newest entries are remembered: a retry after a crash does not write its own again. */
const REMEMBERED = 5000;
/** At some 400 bytes an entry. */
const TAIL_BYTES = 1024 * 1024;

export function ledgerPath(dataDir: string, nodeId: string): string {
  return join(dataDir, 'vault', 'ledger', `${encodeURIComponent(nodeId)}.jsonl`);
}

/**
 * A node's ledger: one signed line for each recording kept or deleted, chained by hashes. Append only; one writer. What `append` has
 * promised is synced; entries that come together share a sync.
 */
export class Ledger {
  readonly #handle: FileHandle;
  readonly #signer: Signer;
  readonly #recent: Map<string, LedgerHead>;
  #head: LedgerHead;
  #waiting: Waiting[] = [];
  #flushing: Promise<void> | null = null;
  #failed: unknown = null;

  private constructor(
    handle: FileHandle,
    signer: Signer,
    state: { head: LedgerHead; size: number; recent: Map<string, LedgerHead> },
  ) {
    this.#handle = handle;
    this.#signer = signer;
    this.#head = state.head;
    this.#recent = state.recent;
  }

  /**
   * Opens or begins a ledger. A last line that a power cut tore was never promised to anybody: it is cut off. Any other damage is left as it is
   * and found by {@link verifyLedger}; the chain goes on from the last line.
   * @throws EarshotError MANIFEST_CORRUPT when the last whole line is not a ledger's; DATA_UNWRITABLE
   */
  static async open(path: string, signer: Signer): Promise<Ledger> {
    try {
      await makeFolder(dirname(path));
      const state = await readState(path);
      const handle = await open(path, 'a', 0o600);
      if ((await handle.stat()).size > state.size) await handle.truncate(state.size);
      await handle.sync();
      await syncFolder(dirname(path));
      return new Ledger(handle, signer, state);
    } catch (error) {
      throw diskError(error, path);
    }
  }

  get head(): LedgerHead {
    return this.#head;
  }

  /**
   * Adds an entry, durably; one that was added lately is not added again.
   * @throws EarshotError UNAVAILABLE after a failed write: the state on disk is not known until the ledger is opened anew
   */
  append(record: LedgerRecord, at: number): Promise<LedgerHead> {
    const known = this.#recent.get(nameOf(record));
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, at, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  async close(): Promise<void> {
    await this.#flushing;
    await this.#handle.close();
  }

  async #flush(): Promise<void> {
    // Let whoever asks in the same turn share the sync.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const done = await this.#write(batch);
        batch.forEach(({ resolve }, index) => resolve(done[index] ?? this.#head));
      } catch (error) {
        this.#failed ??= error;
        for (const { reject } of batch) reject(unavailable(error));
      }
    }
    this.#flushing = null;
  }

  async #write(batch: readonly Waiting[]): Promise<LedgerHead[]> {
    // A failed sync is never trusted again: which bytes reached the disk is unknown.
    if (this.#failed !== null) throw this.#failed;
    const fresh = new Map<string, LedgerHead>();
    let head = this.#head;
    let text = '';
    const done = batch.map(({ record, at }) => {
      const known = this.#recent.get(nameOf(record)) ?? fresh.get(nameOf(record));
      if (known !== undefined) return known;
      const line = writeEntry({ sequence: head.sequence + 1, at, ...record, previous: head.hash }, this.#signer);
      text += `${line}\n`;
      head = { sequence: head.sequence + 1, hash: sha256(Buffer.from(line)) };
      fresh.set(nameOf(record), head);
      return head;
    });
    if (text !== '') {
      await this.#handle.appendFile(text);
      await this.#handle.datasync();
    }
    this.#head = head;
    for (const [name, at] of fresh) remember(this.#recent, name, at);
    return done;
  }
}

function unavailable(cause: unknown): EarshotError {
  return new EarshotError('UNAVAILABLE', 'the ledger cannot be written.', {
    remedy: 'Look after the disk, then restart the service.',
    cause,
  });
}

function nameOf(record: LedgerRecord): string {
  return `${record.kind}:${record.recordingId}:${record.sha256}`;
}

function remember(recent: Map<string, LedgerHead>, name: string, head: LedgerHead): void {
  recent.set(name, head);
  if (recent.size <= REMEMBERED) return;
  for (const oldest of recent.keys()) {
    recent.delete(oldest);
    break;
  }
}

/** What the end of the file tells: a ledger grows for years, and only verification reads it whole. */
async function readState(path: string): Promise<{ head: LedgerHead; size: number; recent: Map<string, LedgerHead> }> {
  const recent = new Map<string, LedgerHead>();
  const start = Math.max(0, (await sizeOf(path)) - TAIL_BYTES);
  let head: LedgerHead = FIRST;
  let size = start;
  let last: LedgerEntry | null = null;
  let isFirst = true;
  for await (const { line, end, whole } of readLines(path, start)) {
    if (!whole) break;
    size = end;
    // Reading began somewhere within a line.
    const isCut = isFirst && start > 0;
    isFirst = false;
    last = isCut ? null : parseEntry(line);
    if (last === null) continue;
    head = { sequence: last.sequence, hash: sha256(Buffer.from(line)) };
    remember(recent, nameOf(last), head);
  }
  if (size > 0 && last === null) {
    throw new EarshotError('MANIFEST_CORRUPT', `the last line of the ledger ${path} is not an entry.`, {
      remedy: 'Bring the ledger back from a backup, or move it away to begin a new one.',
    });
  }
  return { head, size, recent };
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw error;
  }
}
