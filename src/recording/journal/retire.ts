import { join } from 'node:path';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { LogFiles } from '../log/files.ts';
import { JournalFile, type IndexedEntry, type JournalIndex, type Standing } from './file-index.ts';
import { isWholeFrame } from './frame.ts';
import type { JournalWriter } from './writer.ts';

export interface Retirement {
  readonly folder: string;
  readonly files: LogFiles;
  readonly log: Log;
  readonly index: JournalIndex;
  /** The file that is being written; it and what comes behind it stay. */
  readonly present: string;
  readonly standing: Standing;
  /** Also files of which much is needed: part of them is damaged, and the damage is to be left behind. */
  readonly isDamaged: boolean;
}

/** What is left of several files goes to one of at most this size, bytes. */
const MOST_LEFT = 4 * 1024 * 1024;
/** A smaller gain is not worth a new file. */
const LEAST_GAIN = 1024 * 1024;
/** So many files are worth becoming one, whatever it gains. */
const MANY_FILES = 8;

/** A file, and what of it must stay. */
interface Looked {
  readonly file: JournalFile;
  readonly left: number;
}

/** Where the calls stand, and the journal that tells of them. */
export interface JournalRetirement extends Omit<Retirement, 'index' | 'present' | 'standing'> {
  readonly journal: JournalWriter;
  /** Calls that run or are not archived yet. */
  readonly unarchived: () => ReadonlySet<string>;
  readonly isUnarchived: (callId: string) => boolean;
  readonly isDone: Standing['isDone'];
}

/**
 * {@link retireFiles} of a journal that is being written. That a call is done may be known before it is on the disk: its entries stay until
 * what says so is there.
 */
export async function retireJournal({
  journal,
  unarchived,
  isUnarchived,
  isDone,
  ...rest
}: JournalRetirement): Promise<string[]> {
  const kept = unarchived();
  await journal.flush();
  return retireFiles({
    ...rest,
    index: journal.index,
    present: journal.position.file,
    standing: { isKept: (callId) => kept.has(callId) || isUnarchived(callId), isDone },
  });
}

/**
 * Lets files of the journal go. What is still needed of neighbours that are mostly over is copied, frame by frame, to one file in their
 * place; they are removed once that is on the disk. Each gets rid of at least as much as it copies, so that the work is bounded however
 * many calls wait.
 * @returns names of the files that went
 * @throws what the disk throws: nothing has gone then that is needed, and the next attempt is complete
 */
export async function retireFiles(retirement: Retirement): Promise<string[]> {
  const gone: string[] = [];
  for (const run of runsOf(retirement)) {
    gone.push(...(await replaceRun(retirement, run)).map(({ name }) => name));
  }
  return gone;
}

/** Neighbours that are worth becoming one file, or none. */
function runsOf({ index, present, standing, isDamaged }: Retirement): JournalFile[][] {
  const closed = index.files.filter(({ name }) => name < present);
  if (isDamaged) return runsBetween(closed);
  const runs: JournalFile[][] = [];
  let run: Looked[] = [];
  const end = (): void => {
    if (isWorthIt(run)) runs.push(run.map(({ file }) => file));
    else runs.push(...run.filter(({ left }) => left === 0).map(({ file }) => [file]));
    run = [];
  };
  for (const file of closed) {
    const left = bytesOf(index.needed(file, standing));
    const stays = file.isDamaged || (left > file.bytes / 2 && file.bytes >= LEAST_GAIN);
    if (stays || sumOf(run) + left > MOST_LEFT) end();
    if (!stays) run.push({ file, left });
  }
  end();
  return runs;
}

/** All of them, but for those that hold what could not be read: what is not known of cannot be copied. */
function runsBetween(files: readonly JournalFile[]): JournalFile[][] {
  const runs: JournalFile[][] = [[]];
  for (const file of files) {
    if (file.isDamaged) runs.push([]);
    else runs.at(-1)!.push(file);
  }
  return runs.filter((run) => run.length > 0);
}

function isWorthIt(run: readonly Looked[]): boolean {
  const left = sumOf(run);
  const gain = run.reduce((sum, { file }) => sum + file.bytes, 0) - left;
  return run.length >= MANY_FILES || (gain >= LEAST_GAIN && gain >= left);
}

function sumOf(run: readonly Looked[]): number {
  return run.reduce((sum, { left }) => sum + left, 0);
}

function bytesOf(entries: readonly IndexedEntry[]): number {
  return entries.reduce((sum, { length }) => sum + length, 0);
}

/** @returns those that went: none when part of them cannot be read */
async function replaceRun(
  { folder, files, log, index, standing }: Retirement,
  run: readonly JournalFile[],
): Promise<JournalFile[]> {
  const left: Frame[] = [];
  for (const file of run) {
    const needed = index.needed(file, standing);
    const frames = needed.length === 0 ? [] : await readFrames(files, join(folder, file.name), needed);
    file.isDamaged = frames === null;
    if (frames !== null) left.push(...frames);
    else log.error({ file: file.name }, 'a part of the journal is not as it was written; the file stays');
  }
  if (run.some(({ isDamaged }) => isDamaged)) return [];
  const frames = inOrder(withoutSuperseded(eachOnce(left)));
  const by = frames.length === 0 ? null : await writeFile(files, folder, index.nameBehind(run.at(-1)!), frames);
  const gone: JournalFile[] = [];
  // The last one first, and none before those behind it: who reads what is left finds the entries of each call in their order, and the copy of
  // the rest behind them.
  for (const file of run.toReversed()) {
    try {
      await files.unlink(join(folder, file.name));
    } catch (error) {
      log.warn({ file: file.name, error: messageOf(error) }, 'an old journal file stays');
      break;
    }
    gone.unshift(file);
  }
  index.replace(gone, by);
  return gone;
}

interface Frame {
  readonly entry: IndexedEntry;
  readonly bytes: Buffer;
}

/** @returns null when the disk does not give one of them, or not as it was written */
async function readFrames(files: LogFiles, path: string, entries: readonly IndexedEntry[]): Promise<Frame[] | null> {
  let bytes: Buffer;
  try {
    const file = await files.openRead(path);
    try {
      bytes = await file.read(0, await file.size());
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
  const frames = entries.map((entry) => ({ entry, bytes: bytes.subarray(entry.at, entry.at + entry.length) }));
  return frames.every((frame) => isWholeFrame(frame.bytes)) ? frames : null;
}

function eachOnce(frames: readonly Frame[]): Frame[] {
  const seen = new Set<string>();
  return frames.filter(({ entry: { callId, n } }) => {
    const key = `${callId} ${n}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Of a session's saved dialogs only the last counts. */
function withoutSuperseded(frames: readonly Frame[]): Frame[] {
  const last = new Map<string, number>();
  const keyOf = ({ callId, dialogOf }: IndexedEntry): string => `${callId} ${dialogOf}`;
  for (const { entry } of frames) {
    if (entry.dialogOf !== null) last.set(keyOf(entry), Math.max(entry.n, last.get(keyOf(entry)) ?? 0));
  }
  return frames.filter(({ entry }) => entry.dialogOf === null || last.get(keyOf(entry)) === entry.n);
}

/** Entries of a call stand in the order of their numbers, unless bytes of a file were moved, or a copy of it had been begun: then they are put in order. */
function inOrder(frames: readonly Frame[]): readonly Frame[] {
  const highest = new Map<string, number>();
  for (const { entry } of frames) {
    if (entry.n < (highest.get(entry.callId) ?? 0)) return frames.toSorted((a, b) => a.entry.n - b.entry.n);
    highest.set(entry.callId, entry.n);
  }
  return frames;
}

/** All of it is on the disk when this resolves; a file that could not be finished is taken away again. */
async function writeFile(
  files: LogFiles,
  folder: string,
  name: string,
  frames: readonly Frame[],
): Promise<JournalFile> {
  const path = join(folder, name);
  const whole = Buffer.concat(frames.map(({ bytes }) => bytes));
  const file = await files.create(path);
  try {
    if ((await file.writev([whole], 0)) !== whole.length)
      throw Object.assign(new Error('short write'), { code: 'ENOSPC' });
    await file.datasync();
    await files.syncFolder(folder);
  } catch (error) {
    await files.unlink(path).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
  return filed(name, frames);
}

function filed(name: string, frames: readonly Frame[]): JournalFile {
  const file = new JournalFile(name);
  for (const { entry, bytes } of frames) {
    const entries = file.calls.get(entry.callId) ?? [];
    entries.push({ ...entry, at: file.bytes });
    file.calls.set(entry.callId, entries);
    file.bytes += bytes.length;
  }
  return file;
}
