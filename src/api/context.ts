import type { Access } from '../access/access.ts';
import type { Peaks as AudioPeaks } from '../audio/peaks.ts';
import type { RandomBytes, StoredAudio } from '../audio/types.ts';
import type { Clock } from '../base/clock.ts';
import type { HttpConfig } from '../base/config.ts';
import type { Random } from '../base/ids.ts';
import type { JsonValue } from '../base/json.ts';
import type { Log } from '../base/log.ts';
import type { DirectoryPort, ImportPort } from '../directory/port.ts';
import type { Command, CommandAnswer, LiveCall, StatusMessage } from '../link/messages.ts';
import type { Asker } from '../link/journal.ts';
import type { CallFacts, Decision, PolicySettings, Verdict } from '../policy/types.ts';
import type { PhoneSource } from './phone/port.ts';

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
  /** Calls that have ended, recorded or not. */
  readonly journal: CallJournal;
  /** Those of them that live-keep holds until somebody asks. */
  readonly held: HeldSource;
  readonly directory: DirectoryPort;
  readonly imports: ImportPort;
  readonly policy: PolicySource;
  readonly phones: PhoneSource;
  readonly settings: SettingsSource;
  readonly platform: PlatformSource;
  /** Where rooms say that a recording came or went; the API adds what it hears of live calls. */
  readonly feed: RecordingFeed;
}

/** Whose rows are meant; `narrowingOf` of access makes it from who asks. */
export interface Whose {
  /** Null: all accounts. */
  readonly accountIds: readonly string[] | null;
  /** Only what this user of the directory takes part in or owns; null: everything of the accounts. */
  readonly userId: string | null;
}

export interface RecordingFilter extends Whose {
  readonly from?: Date;
  readonly to?: Date;
  readonly direction?: Direction;
  readonly party?: string;
  readonly number?: string;
  readonly text?: string;
  readonly minDurationMs?: number;
  readonly maxDurationMs?: number;
  readonly conversationId?: string;
  /** All recordings of one call. */
  readonly callId?: string;
  /** Only those of which nobody is known as the owner (D8). */
  readonly unassigned?: boolean;
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
  /** Number within the call, from 1. */
  readonly recording: number;
  readonly by: 'policy' | 'hand' | 'flow' | 'live-keep';
  /** Name of who asked for it by hand (S9), and the directory user where he is one. */
  readonly asker: string | null;
  readonly askerUserId: string | null;
  readonly owner: OwnerRow;
  readonly pauses: readonly PauseRow[];
  /** Ids of what shall be done with it afterwards. */
  readonly deliveries: readonly string[];
  /** Users of the directory that take part in it or own it. */
  readonly userIds: readonly string[];
}

/** Whose it is, and the recording group at the time of the call. */
export interface OwnerRow {
  /** Null: not known, from before there were owners. */
  readonly kind: 'user' | 'catch-all' | 'unassigned' | 'discard' | null;
  readonly userId: string | null;
  /** At the time of the call. */
  readonly name: string | null;
  readonly groupId: string | null;
}

/** A stretch that is not in the audio (S2). */
export interface PauseRow {
  /** Ms since the start of the audio. */
  readonly offsetMs: number;
  readonly lengthMs: number;
  readonly mode: 'cut' | 'silence';
  readonly reason: string;
  readonly asker: string;
}

/** A party of a call; `userId` and `userName` are the directory's. */
export interface CallPartyRow {
  readonly name: string | null;
  readonly number: string | null;
  readonly aor: string | null;
  readonly role: 'caller' | 'callee' | 'unknown';
  readonly userId: string | null;
  readonly userName: string | null;
}

export interface PartyRow extends CallPartyRow {
  readonly position: number;
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
  /** All recordings of a conversation that are within reach, newest first. */
  conversation(whose: Whose, conversationId: string): Promise<readonly RecordingRow[]>;
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

/** The journal of calls (F3): one row a call, recorded or not. */
export interface CallJournal {
  /** At most `limit` rows, newest first. @throws EarshotError BAD_REQUEST for a cursor that is not its own */
  list(filter: CallFilter, cursor: string | null, limit: number): Promise<CallRows>;
  get(whose: Whose, id: string): Promise<CallFull | undefined>;
  /** The last calls of an account, newest first, with their facts, for the impact of other settings. */
  past(accountId: string, limit: number): Promise<readonly PastCallRow[]>;
}

export interface CallFilter extends Whose {
  readonly from?: Date;
  readonly to?: Date;
  /** Names and numbers. */
  readonly text?: string;
  readonly verdict?: readonly Verdict[];
  readonly direction?: readonly Direction[];
  /** Whether there is a recording of it now. */
  readonly recorded?: boolean;
  readonly conversationId?: string;
}

export interface CallRows {
  readonly items: readonly CallRow[];
  readonly next: string | null;
}

export interface CallRow {
  readonly id: string;
  readonly accountId: string;
  readonly conversationId: string;
  readonly nodeId: string;
  readonly protocol: string;
  readonly trunk: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly endReason: string;
  readonly direction: Direction;
  /** The strongest word of policy during the call. */
  readonly verdict: Verdict;
  /** Why, a sentence or two. */
  readonly reason: string;
  readonly owner: OwnerRow;
  readonly vendorIds: Readonly<Record<string, string>>;
  readonly parties: readonly CallPartyRow[];
  /** Its recordings that are still there, first to last. */
  readonly recordings: readonly {
    readonly id: string;
    readonly recordId: number;
    readonly recording: number;
    readonly by: RecordingRow['by'];
    readonly asker: string | null;
    readonly durationMs: number;
  }[];
  /** Not null: live-keep holds it until then, unless somebody asks. */
  readonly heldUntil: Date | null;
}

export interface CallFull extends CallRow {
  /** Users of the directory that take part in it or own it. */
  readonly userIds: readonly string[];
  /** Every state of the facts with its decision, oldest first; of a call with very many, the first and the latest. */
  readonly history: readonly CallMoment[];
  readonly events: readonly { readonly at: Date; readonly type: string; readonly text: string }[];
}

export interface CallMoment {
  /** Wall ms, and ms since the call's opening. */
  readonly at: number;
  readonly mono: number;
  readonly facts: CallFacts;
  readonly decision: Decision;
}

export interface PastCallRow {
  readonly id: string;
  readonly startedAt: Date;
  readonly parties: readonly CallPartyRow[];
  /** The facts at each of its moments, oldest first. */
  readonly history: readonly CallFacts[];
}

/** Calls that have ended and that live-keep holds sealed (S8). Who may keep or drop one is for the caller to ask. */
export interface HeldSource {
  /** The most urgent first; `callId`: that one only. */
  list(whose: Whose, callId?: string): Promise<readonly HeldRow[]>;
  /** False: it is not held, its time is over, or somebody was faster. */
  keep(callId: string, asker: Asker): Promise<boolean>;
  drop(callId: string, asker: Asker): Promise<boolean>;
}

export interface HeldRow {
  readonly callId: string;
  readonly accountId: string;
  /** Destroyed then, unless somebody asked before. */
  readonly until: Date;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly direction: Direction;
  readonly parties: readonly CallPartyRow[];
  readonly userIds: readonly string[];
  readonly vendorIds: Readonly<Record<string, string>>;
  /** The decision at its end; `controls.keep` tells who may keep it. */
  readonly decision: Decision;
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

/** The settings that calls are decided by. */
export interface PolicySource {
  /** Those in force; null: there are none yet. */
  settings(): PolicySettings | null;
}

/** Calls that are new or changed, and ids of those that run no more. */
export interface CallsChange {
  readonly calls: readonly LiveCall[];
  readonly over: readonly string[];
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
  /** Has the recorder do it; what it refuses, and that it is away, is in the answer. */
  command(command: Command): Promise<CommandResult>;
  /** Calls `listener` when calls start, change or end; the result stops it. */
  subscribe(listener: (change: CallsChange) => void): () => void;
}

/** As the recorder says it; RECORDER_AWAY and UNAVAILABLE where it does not answer. */
export type CommandResult = Pick<CommandAnswer, 'ok' | 'code' | 'text' | 'recording'>;

export interface RecordingFeed {
  subscribe(listener: (event: FeedEvent) => void): () => void;
}

export type FeedEvent =
  | { readonly type: 'recording.created'; readonly id: string }
  | { readonly type: 'recording.deleted'; readonly id: string; readonly accountId: string };

export interface SettingsValues {
  readonly version: number;
  /** The node's own: what holds where no account says otherwise. */
  readonly retentionDays: number;
  readonly noticeAcknowledged: boolean;
}

export interface SettingsPatch {
  readonly noticeAcknowledged?: true;
}

export interface SettingsSource {
  read(): Promise<SettingsValues>;
  /**
   * Makes the change, with an audit entry in the name of `actor`. Null: `version` was not the newest any more, nothing was changed.
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
