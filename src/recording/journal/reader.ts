import { join } from 'node:path';
import { systemCode } from '../../base/errors.ts';
import type { JournalEntry } from '../../link/journal.ts';
import { systemFiles, type LogFiles } from '../log/files.ts';
import { readingPast } from '../log/read-past.ts';
import { JournalIndex } from './file-index.ts';
import { decodeFrames } from './frame.ts';
import { journalGeneration, journalNames } from './names.ts';

export interface JournalDamage {
  readonly file: string;
  readonly from: number;
  /** First byte after the damage; the file's size when it reaches to the end. */
  readonly to: number;
}

export interface JournalContents {
  /** In the order of writing, repetitions dropped; those of one call in the order of their numbers, whatever happened to the files. */
  readonly entries: readonly JournalEntry[];
  /** What could not be read. A torn end is ordinary after a crash; damage before it is not. */
  readonly damages: readonly JournalDamage[];
  /** Where each entry stands, repeated ones as well. */
  readonly index: JournalIndex;
}

/** Reads the whole journal, for recovery. A folder that is not there holds nothing. */
export async function readJournal(folder: string, files: LogFiles = systemFiles): Promise<JournalContents> {
  const entries: JournalEntry[] = [];
  const damages: JournalDamage[] = [];
  const index = new JournalIndex();
  const order = new EntryOrder();
  for (const file of journalNames(await listOrNone(folder, files))) {
    const whole = await readWhole(join(folder, file), files);
    if (whole === null) continue;
    const { bytes } = whole;
    index.addFile(file, bytes.length, whole.lostBytes > 0);
    const read = decodeFrames(bytes);
    for (const [at, entry] of read.entries.entries()) {
      index.add(file, entry, read.places[at]!);
      const place = order.placeOf(entry, journalGeneration(file) > 0);
      if (place === 'repeated') continue;
      entries.push(entry);
      // Nobody writes so: bytes of the file were moved.
      if (place === 'moved') damages.push({ file, from: 0, to: bytes.length });
    }
    for (const damage of read.damages) damages.push({ file, ...damage });
    if (read.end < bytes.length) damages.push({ file, from: read.end, to: bytes.length });
  }
  return { entries: order.isBroken ? inOrder(entries) : entries, damages, index };
}

/**
 * Tells repetitions, which are ordinary, from entries that stand behind later ones of their call. These are ordinary where the later ones are a
 * copy of what is left of the call, and the recorder ended before all of the files went that it was made from.
 */
class EntryOrder {
  readonly #numbers = new Map<string, Set<number>>();
  readonly #highest = new Map<string, number>();
  readonly #copied = new Set<string>();
  isBroken = false;

  placeOf(entry: JournalEntry, isCopy: boolean): 'next' | 'repeated' | 'late' | 'moved' {
    if (entry.kind === 'node') return 'next';
    const { callId, n } = entry;
    if (isCopy) this.#copied.add(callId);
    const numbers = this.#numbers.get(callId) ?? new Set();
    this.#numbers.set(callId, numbers);
    if (numbers.has(n)) return 'repeated';
    numbers.add(n);
    const highest = this.#highest.get(callId) ?? 0;
    this.#highest.set(callId, Math.max(highest, n));
    if (n > highest) return 'next';
    this.isBroken = true;
    return this.#copied.has(callId) ? 'late' : 'moved';
  }
}

function inOrder(entries: readonly JournalEntry[]): JournalEntry[] {
  const number = (entry: JournalEntry): number => (entry.kind === 'node' ? 0 : entry.n);
  return entries.toSorted((a, b) => number(a) - number(b));
}

export async function listOrNone(folder: string, files: LogFiles): Promise<string[]> {
  try {
    return await files.list(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function readWhole(path: string, files: LogFiles): Promise<{ bytes: Buffer; lostBytes: number } | null> {
  try {
    const file = await readingPast(files).openRead(path);
    try {
      const bytes = await file.read(0, await file.size());
      return { bytes, lostBytes: file.lostBytes };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
