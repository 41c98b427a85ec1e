import type { RenderOptions, RenderResult, CaptureSource } from '../audio/types.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { AuditInput } from '../catalogue/audit.ts';
import type { HeldChoice, Holding } from '../catalogue/held.ts';
import type { CallInput, RecordingInput } from '../catalogue/types.ts';
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
  recordCall(input: CallInput, audit?: readonly AuditInput[]): Promise<void>;
  accountExists(accountId: string): Promise<boolean>;
  holdCall(request: { callId: string; accountId: string; until: Date }): Promise<Holding>;
  chooseHeld(choice: HeldChoice): Promise<boolean>;
  holdingOf(callId: string): Promise<Holding | null>;
  releaseHeld(callId: string, audit: readonly AuditInput[]): Promise<void>;
}

export type Render = (source: CaptureSource, options: RenderOptions) => Promise<RenderResult>;

/** The moments between which a process may die; tests stop at each, for each recording of a call. */
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
  /** Owns calls of which nothing tells the account. */
  readonly unassignedAccountId: string;
  readonly clock: Clock;
  readonly random?: Random;
  readonly logger: Log;
  /** Until when a recording that ended then is kept where its decision says nothing, ms since 1970; null = until somebody deletes it. */
  retainUntil(endedAt: number): number | null;
  /** Decides for a call that was held because no settings had reached the recorder, or because nothing told its account. */
  decide(facts: CallFacts): Promise<Decision> | Decision;
  /** Called at each step of each recording (by its number); what it throws ends the attempt as a crash would. */
  readonly reached?: (step: ArchiveStep, recording: number) => void | Promise<void>;
}

/**
 * `existing`: an earlier attempt had committed it. `deleted`: somebody deleted it since. `not-recorded`: nobody wanted it, or it was destroyed.
 * `held`: live-keep holds it until then, and it is not to be acknowledged.
 */
export type ArchiveOutcome = 'archived' | 'existing' | 'deleted' | 'not-recorded' | Held;

export interface Held {
  /** Wall ms; then, or when somebody has asked, the call is to be archived again. */
  readonly heldUntil: number;
}
