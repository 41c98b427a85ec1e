import type { Access } from '../access/access.ts';
import type { Peaks as AudioPeaks } from '../audio/peaks.ts';
import type { RandomBytes, StoredAudio } from '../audio/types.ts';
import type { Clock } from '../base/clock.ts';
import type { HttpConfig } from '../base/config.ts';
import type { Random } from '../base/ids.ts';
import type { JsonValue } from '../base/json.ts';
import type { Log } from '../base/log.ts';
import type { LiveCall, StatusMessage } from '../link/messages.ts';
import type { Decision } from '../policy/types.ts';

/** All that the API needs of the rest, as small ports; main puts the real rooms behind them, tests put fakes. */
export interface ApiContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Earshot's own version. */
  readonly version: string;
  readonly http: Pick<HttpConfig, 'trustProxy' | 'publicUrl'>;
  /** Folder of the built web client; null: API only. */
  readonly webRoot: string | null;
  readonly access: Access;
  readonly recordings: RecordingSource;
  readonly audio: AudioSource;
  readonly calls: CallSource;
  readonly settings: SettingsSource;
  readonly platform: PlatformSource;
  /** Where rooms say that a recording came or went; the API adds what it hears of live calls. */
  readonly feed: RecordingFeed;
}

export interface RecordingFilter {
  /** Null: all accounts. */
  readonly accountId: string | null;
  readonly from?: Date;
  readonly to?: Date;
  readonly direction?: Direction;
  readonly party?: string;
  readonly number?: string;
  readonly text?: string;
  readonly minDurationMs?: number;
  readonly maxDurationMs?: number;
  readonly conversationId?: string;
}

export type Direction = 'IN' | 'OUT' | 'INTERNAL' | 'DIALIN' | 'UNKNOWN';

/** A page of rows and the source's own cursor of the next one. */
export interface RecordingRows {
  readonly items: readonly RecordingRow[];
  readonly next: string | null;
}

export interface RecordingRow {
  readonly id: string;
  readonly recordId: number;
  readonly callId: string;
  readonly conversationId: string;
  readonly accountId: string;
  readonly nodeId: string;
  readonly direction: Direction;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly durationMs: number;
  readonly protocol: string;
  readonly trunk: string;
  readonly endReason: string;
  readonly codec: string;
  readonly channels: number;
  readonly container: 'wav' | 'flac' | 'none';
  readonly objectKey: string | null;
  readonly objectBytes: number;
  readonly manifestKey: string;
  readonly manifestSha256: string;
  readonly retainUntil: Date | null;
  readonly warnings: readonly string[];
  readonly parties: readonly PartyRow[];
}

export interface PartyRow {
  readonly position: number;
  readonly name: string | null;
  readonly number: string | null;
  readonly aor: string | null;
  readonly role: 'caller' | 'callee' | 'unknown';
  readonly channel: number | null;
}

export interface RecordingFull extends RecordingRow {
  readonly vendorIds: Readonly<Record<string, string>>;
  readonly tracks: readonly TrackRow[];
  readonly events: readonly EventRow[];
}

export interface TrackRow {
  readonly channel: number;
  readonly label: string;
  readonly codec: string;
  readonly packets: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly reordered: number;
  readonly silentMs: number;
  readonly detail: JsonValue;
}

export interface EventRow {
  readonly at: Date;
  readonly offsetMs: number;
  readonly type: string;
  readonly text: string;
}

export interface RecordingSource {
  /** At most `limit` rows, newest first. @throws EarshotError BAD_REQUEST for a cursor that is not its own */
  list(filter: RecordingFilter, cursor: string | null, limit: number): Promise<RecordingRows>;
  get(id: string): Promise<RecordingFull | undefined>;
  /** All recordings of a conversation, newest first. */
  conversation(accountId: string, conversationId: string): Promise<readonly RecordingRow[]>;
  /** Why it was recorded, from its manifest; null: not known. */
  decision(id: string): Promise<Decision | null>;
  /** @throws EarshotError MANIFEST_CORRUPT, OBJECT_MISSING, KEY_MISSING */
  manifest(id: string): Promise<{ envelope: unknown; sealed: unknown }>;
  trace(id: string): Promise<readonly TraceEntry[]>;
  /**
   * Audio, row and copies go; a tombstone and an audit entry that name `actor` stay. False: it was not there any more.
   */
  delete(accountId: string, id: string, actor: string): Promise<boolean>;
}

export interface TraceEntry {
  readonly at: Date;
  readonly direction: 'in' | 'out';
  readonly transport: string;
  /** Our own address, where it was noted. */
  readonly local?: string | null | undefined;
  readonly remote: string;
  readonly text: string;
}

export interface AudioSource {
  /**
   * Opens a recording's audio for reading by range; only the chunks that are read are fetched and opened.
   * @throws EarshotError OBJECT_MISSING, SEAL_CORRUPT, KEY_MISSING
   */
  open(id: string): Promise<OpenedAudio>;
  /** As stored with the recording. @throws EarshotError as `open` */
  peaks(id: string): Promise<AudioPeaks>;
}

export interface OpenedAudio {
  /** The stored container, unsealed. */
  readonly bytes: RandomBytes;
  /** Its samples. */
  readonly audio: StoredAudio;
  /** Gives back what reading holds (file handles); once, after the last read. */
  close(): Promise<void>;
}

export type RecorderState = StatusMessage['state'] | 'away';

/** What the recorder says of itself and of the calls that run. */
export interface CallSource {
  calls(): readonly LiveCall[];
  status(): {
    readonly state: RecorderState;
    readonly nodeId: string | null;
    readonly version: string | null;
    readonly message: StatusMessage | null;
  };
  /** Calls `listener` at each live message; the result stops it. */
  subscribe(listener: (calls: readonly LiveCall[]) => void): () => void;
}

export interface RecordingFeed {
  subscribe(listener: (event: FeedEvent) => void): () => void;
}

export type FeedEvent =
  | { readonly type: 'recording.created'; readonly id: string }
  | { readonly type: 'recording.deleted'; readonly id: string; readonly accountId: string };

export interface SettingsValues {
  readonly version: number;
  /** Null: kept until somebody deletes them. */
  readonly retentionDays: number | null;
  readonly noticeAcknowledged: boolean;
  readonly accounts: readonly { readonly id: string; readonly name: string; readonly recordAll: boolean }[];
}

export interface SettingsPatch {
  readonly retentionDays?: number | null;
  readonly noticeAcknowledged?: true;
  readonly accounts?: readonly { readonly id: string; readonly recordAll: boolean }[];
}

export interface SettingsSource {
  read(): Promise<SettingsValues>;
  /**
   * Makes the change, with an audit entry in the name of `actor`. Null: `version` was not the newest any more, nothing was changed.
   * @throws EarshotError NOT_FOUND for an unknown account
   */
  change(version: number, patch: SettingsPatch, actor: string): Promise<SettingsValues | null>;
  /** A line for the administrator while the trunks are open to any private address; null: they are configured. */
  trunkWarning(): string | null;
}

/** The machine and the parts around the API. */
export interface PlatformSource {
  startedAt(): Date;
  /** Bytes of the data folder's disk; null: cannot be told. */
  disk(): Promise<{ freeBytes: number; totalBytes: number } | null>;
  /** Milliseconds of a small query. @throws when the database does not answer */
  pingDatabase(): Promise<number>;
  databaseVersion(): string | null;
  /** Calls that ended and are not archived yet. */
  archiveWaiting(): number;
  alarms(): readonly { readonly code: string; readonly text: string }[];
  /** The process's own Prometheus metrics, text format. */
  metrics(): Promise<string>;
}
