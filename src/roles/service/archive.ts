import { Archiver } from '../../archive/archiver.ts';
import { archiveCall, holdCall } from '../../archive/archive-call.ts';
import { PatientLog } from '../../archive/patient-log.ts';
import type { ArchiveParts } from '../../archive/types.ts';
import { render } from '../../audio/render.ts';
import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../base/config.ts';
import { systemRandom } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { type Catalogue, UNASSIGNED_ACCOUNT } from '../../catalogue/catalogue.ts';
import { JournalFold } from '../../link/fold.ts';
import type { JournalEntry } from '../../link/journal.ts';
import { decide } from '../../policy/decide.ts';
import { systemFiles, type LogFiles } from '../../recording/log/files.ts';
import { readingAhead } from '../../recording/log/read-ahead.ts';
import { readingPast } from '../../recording/log/read-past.ts';
import { LogReader } from '../../recording/log/reader.ts';
import { spoolIdentity } from '../../seal/spool.ts';
import { readSecret } from '../../vault/secrets.ts';
import type { Vault } from '../../vault/vault.ts';
import type { SettingsInForce } from './settings.ts';

/** Making a recording waits for the disk (a dozen fsyncs) for most of its time, so several are made at once. */
const CALLS_AT_ONCE = 6;

export interface ArchiveSideParts {
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly vault: Vault;
  readonly settings: SettingsInForce;
  readonly audioDir: string;
  readonly acknowledge: (callId: string) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** Follows the journal and makes recordings of the calls that ended. */
export class ArchiveSide {
  readonly archiver: Archiver;
  readonly #parts: ArchiveParts;
  readonly #fold = new JournalFold();

  private constructor(parts: ArchiveParts, archiver: Archiver) {
    this.#parts = parts;
    this.archiver = archiver;
  }

  static async open(side: ArchiveSideParts): Promise<ArchiveSide> {
    const { config, catalogue, vault, settings, clock, log: logger } = side;
    const identity = spoolIdentity(await readSecret(config.dataDir, 'spoolPrivate'));
    const reader = (files: LogFiles) => new LogReader({ folder: side.audioDir, identity, files: readingAhead(files) });
    const log = new PatientLog(reader(systemFiles), reader(readingPast(systemFiles)), clock);
    const parts: ArchiveParts = {
      vault,
      catalogue,
      render,
      clock,
      log,
      nodeId: config.nodeName,
      unassignedAccountId: UNASSIGNED_ACCOUNT,
      random: systemRandom,
      logger,
      retainUntil: (endedAt) => settings.retainUntil(endedAt),
      decide: (facts) => decide(facts, settings.snapshot),
    };
    const archiver = new Archiver({
      archive: (call) => archiveCall(parts, call),
      acknowledge: side.acknowledge,
      probe: () => catalogue.ping(),
      clock,
      log: logger,
      concurrency: CALLS_AT_ONCE,
    });
    return new ArchiveSide(parts, archiver);
  }

  /** An entry of the journal. */
  take(entry: JournalEntry): void {
    const call = this.#fold.apply(entry);
    if (call === undefined) return;
    if (call.archived) this.#fold.forget(call.callId);
    else if (call.ended !== null) this.archiver.offer(call);
    // Somebody asked the recorder for a call that is held here.
    if (call.ended !== null && entry.kind === 'recording') this.archiver.wake(call.callId);
  }

  /** Makes sure that a call that live-keep holds is known to the catalogue as such, though its turn has not come yet. */
  async noteHeld(callId: string): Promise<void> {
    const call = this.#fold.calls.get(callId);
    if (call !== undefined && call.ended !== null && !call.archived) await holdCall(this.#parts, call);
  }
}
