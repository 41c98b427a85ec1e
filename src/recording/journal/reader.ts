import { join } from 'node:path';
import { systemCode } from '../../base/errors.ts';
import type { JournalEntry } from '../../link/journal.ts';
import { systemFiles, type LogFiles } from '../log/files.ts';
import { decodeFrames } from './frame.ts';
import { journalNames } from './names.ts';
import { SeenEntries } from './seen.ts';

export interface JournalDamage {
  readonly file: string;
  readonly from: number;
  /** First byte after the damage; the file's size when it reaches to the end. */
  readonly to: number;
}

export interface JournalContents {
  /** In the order of writing, repetitions dropped. */
  readonly entries: readonly JournalEntry[];
  /** What could not be read. A torn end is ordinary after a crash; damage before it is not. */
  readonly damages: readonly JournalDamage[];
}

/** Reads the whole journal, for recovery. A folder that is not there holds nothing. */
export async function readJournal(folder: string, files: LogFiles = systemFiles): Promise<JournalContents> {
  const entries: JournalEntry[] = [];
  const damages: JournalDamage[] = [];
  const seen = new SeenEntries();
  for (const file of journalNames(await listOrNone(folder, files))) {
    const bytes = await readWhole(join(folder, file), files);
    if (bytes === null) continue;
    const read = decodeFrames(bytes);
    for (const entry of read.entries) {
      if (seen.isNew(entry)) entries.push(entry);
      seen.add(entry);
    }
    for (const damage of read.damages) damages.push({ file, ...damage });
    if (read.end < bytes.length) damages.push({ file, from: read.end, to: bytes.length });
  }
  return { entries, damages };
}

export async function listOrNone(folder: string, files: LogFiles): Promise<string[]> {
  try {
    return await files.list(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function readWhole(path: string, files: LogFiles): Promise<Buffer | null> {
  try {
    const file = await files.openRead(path);
    try {
      return await file.read(0, await file.size());
    } finally {
      await file.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
