import type { RenderOptions, RenderResult, CaptureSource } from '../audio/types.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { RecordingInput } from '../catalogue/types.ts';
import type { CallFacts, Decision } from '../policy/types.ts';
import type { LogItem, ReadCallOptions } from '../recording/log/reader.ts';
import type { Vault } from '../vault/vault.ts';

/** Where a call's records are read; `LogReader` is one. */
export interface CallLog {
  readCall(options: ReadCallOptions): AsyncIterable<LogItem>;
}

/** What the archive asks of the catalogue; `Catalogue` is one. */
export interface ArchiveCatalogue {
  reserveRecordId(): Promise<number>;
  insertRecording(input: RecordingInput): Promise<'inserted' | 'existing' | 'deleted'>;
}

export type Render = (source: CaptureSource, options: RenderOptions) => Promise<RenderResult>;

/** The moments between which a process may die; tests stop at each. */
export const ARCHIVE_STEPS = [
  'begin',
  'audio-stored',
  'peaks-stored',
  'trace-stored',
  'packets-stored',
  'id-reserved',
  'manifest-created',
  'row-inserted',
  'ledger-written',
] as const;
export type ArchiveStep = (typeof ARCHIVE_STEPS)[number];

export interface ArchiveParts {
  readonly vault: Vault;
  readonly log: CallLog;
  readonly catalogue: ArchiveCatalogue;
  readonly render: Render;
  readonly nodeId: string;
  /** Owns calls that were recorded before any settings were known. */
  readonly fallbackAccountId: string;
  readonly clock: Clock;
  readonly random?: Random;
  readonly logger: Log;
  /** Until when a recording of this account that ended then is kept, ms since 1970; null = until somebody deletes it. */
  retainUntil(accountId: string, endedAt: number): Promise<number | null> | number | null;
  /** Decides for a call that was held because no settings had reached the recorder. */
  decide(facts: CallFacts): Promise<Decision> | Decision;
  /** Called at each step; what it throws ends the attempt as a crash would. */
  readonly reached?: (step: ArchiveStep) => void | Promise<void>;
}

/** `existing`: an earlier attempt had committed it. `deleted`: somebody deleted it since. `not-recorded`: policy did not want it. */
export type ArchiveOutcome = 'archived' | 'existing' | 'deleted' | 'not-recorded';
