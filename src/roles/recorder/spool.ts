import { mkdirSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../base/config.ts';
import type { Log } from '../../base/log.ts';
import { audioFolder, openCapture, type Capture } from '../../recording/capture/capture.ts';
import { readFormerLife, type FormerLife } from '../../recording/former-life.ts';
import type { JournalIndex } from '../../recording/journal/file-index.ts';
import { readJournal } from '../../recording/journal/reader.ts';
import { JournalWriter } from '../../recording/journal/writer.ts';
import { systemFiles } from '../../recording/log/files.ts';
import { StreamKeySeal } from '../../seal/stream-keys.ts';
import { readSecret } from '../../vault/secrets.ts';
import type { Alarms } from '../alarms.ts';
import { VERSION } from '../version.ts';

/** The recorder's part of the data folder, opened: what a former recorder left, and where to write on. */
export interface Spool {
  readonly dir: string;
  readonly journalDir: string;
  readonly journal: JournalWriter;
  readonly capture: Capture;
  /** Seals media keys for journal and capture. */
  readonly keeper: StreamKeySeal;
  /** What the journal tells of the former recorder's calls; whether any of it could not be read. */
  readonly found: FormerLife;
  readonly isJournalDamaged: boolean;
  /** Wall time at which the former recorder wrote last, ms; 0 = never. */
  readonly lastWritten: number;
}

export function spoolFolders(dataDir: string): { dir: string; journalDir: string; audioDir: string } {
  const dir = join(dataDir, 'spool');
  return { dir, journalDir: join(dir, 'journal'), audioDir: audioFolder(dir) };
}

/** @throws EarshotError DATA_UNWRITABLE, KEY_MISSING, KEY_INVALID */
export async function openSpool(
  config: Config,
  clock: Clock,
  log: Log,
  alarms: Alarms,
  onMoved: (file: string, offset: number) => void,
): Promise<Spool> {
  const { dir, journalDir, audioDir } = spoolFolders(config.dataDir);
  mkdirSync(journalDir, { recursive: true, mode: 0o700 });
  mkdirSync(audioDir, { recursive: true, mode: 0o700 });
  const lastWritten = await newest([journalDir, audioDir]);
  const { found, isJournalDamaged, index } = await readFormer(journalDir, log);
  const onAlarm = (alarm: { code: string; text: string; active: boolean }): void =>
    alarms.set(alarm.code, alarm.active ? alarm.text : null);
  const recipient = await readSecret(config.dataDir, 'spoolPublic');
  const recorderKey = await readSecret(config.dataDir, 'recorderKey');
  const keeper = new StreamKeySeal(recorderKey);
  // One thread takes more calls than the caps allow; a second would only share the same two cores with the generator of the traffic.
  const capture = await openCapture({
    spoolDir: dir,
    recipient,
    node: config.nodeName,
    workers: 1,
    rtpHost: config.rtp.host,
    receiver: config.rtp.receiver,
    recorderKey,
    clock,
    log,
  });
  capture.onAlarm = onAlarm;
  const journal = await JournalWriter.open({
    folder: journalDir,
    files: systemFiles,
    clock,
    log,
    index,
    onMoved,
    onAlarm,
  });
  await journal.append({
    kind: 'node',
    at: clock.now(),
    nodeId: config.nodeName,
    pid: process.pid,
    version: VERSION,
  });
  return {
    dir,
    journalDir,
    journal,
    capture,
    keeper,
    found,
    isJournalDamaged,
    lastWritten,
  };
}

async function readFormer(
  journalDir: string,
  log: Log,
): Promise<{ readonly found: FormerLife; readonly isJournalDamaged: boolean; readonly index: JournalIndex }> {
  const { entries, damages, index } = await readJournal(journalDir);
  for (const damage of damages) log.warn(damage, 'a part of the journal could not be read');
  return { found: readFormerLife(entries), isJournalDamaged: damages.length > 0, index };
}

/** Wall time of the newest file in the folders, ms: when the former recorder was last alive. */
async function newest(folders: readonly string[]): Promise<number> {
  let latest = 0;
  for (const folder of folders) {
    for (const name of await readdir(folder)) {
      const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: 0 }));
      latest = Math.max(latest, mtimeMs);
    }
  }
  return latest;
}
