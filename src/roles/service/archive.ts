import { Archiver } from '../../archive/archiver.ts';
import { archiveCall } from '../../archive/archive-call.ts';
import { render } from '../../audio/render.ts';
import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../base/config.ts';
import { systemRandom } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { MAIN_ACCOUNT, type Catalogue } from '../../catalogue/catalogue.ts';
import { JournalFold } from '../../link/fold.ts';
import type { JournalEntry } from '../../link/journal.ts';
import { decide } from '../../policy/decide.ts';
import { systemFiles } from '../../recording/log/files.ts';
import { readingAhead } from '../../recording/log/read-ahead.ts';
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
  readonly #fold = new JournalFold();

  private constructor(archiver: Archiver) {
    this.archiver = archiver;
  }

  static async open(parts: ArchiveSideParts): Promise<ArchiveSide> {
    const { config, catalogue, vault, settings, clock, log } = parts;
    const identity = spoolIdentity(await readSecret(config.dataDir, 'spoolPrivate'));
    const reader = new LogReader({ folder: parts.audioDir, identity, files: readingAhead(systemFiles) });
    const archiver = new Archiver({
      archive: (call) =>
        archiveCall(
          {
            vault,
            catalogue,
            render,
            clock,
            log: reader,
            nodeId: config.nodeName,
            fallbackAccountId: MAIN_ACCOUNT,
            random: systemRandom,
            logger: log,
            retainUntil: (endedAt) => settings.retainUntil(endedAt),
            decide: (facts) => decide(facts, settings.snapshot),
          },
          call,
        ),
      acknowledge: parts.acknowledge,
      clock,
      log,
      concurrency: CALLS_AT_ONCE,
    });
    return new ArchiveSide(archiver);
  }

  /** An entry of the journal. */
  take(entry: JournalEntry): void {
    const call = this.#fold.apply(entry);
    if (call === undefined) return;
    if (call.archived) this.#fold.forget(call.callId);
    else if (call.ended !== null) this.archiver.offer(call);
  }
}
