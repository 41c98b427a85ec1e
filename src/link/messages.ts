import type { TrunkConfig } from '../base/trunks.ts';
import type { ErrorCode } from '../base/errors.ts';
import type { CallFacts, Decided, FlowStep, Override, PauseMode, PolicySettings } from '../policy/types.ts';
import type { Asker, RecordingBy } from './journal.ts';

/**
 * What recorder and service say to each other over the local socket: one JSON object a line. The spool folder carries the calls; the
 * socket only wakes, commands and tells what is live. Either side may come and go; both say everything again after `hello`.
 */
export type ToRecorder = ServiceHello | SnapshotMessage | ArchivedMessage | CommandMessage;
export type ToService = RecorderHello | JournalMoved | StatusMessage | LiveMessage | CommandAnswer | ArchivedConfirmed;

export interface ServiceHello {
  readonly type: 'hello';
  readonly pid: number;
  readonly version: string;
}

/** New settings to decide by; the recorder also keeps them on disk. */
export interface SnapshotMessage {
  readonly type: 'snapshot';
  readonly settings: PolicySettings;
  /** The trunks that people made while it runs, as `trunks` of the settings file has them; left out: they stay as they are. */
  readonly trunks?: readonly TrunkConfig[];
}

/** This call is archived and catalogued, durably. Repeated until confirmed. */
export interface ArchivedMessage {
  readonly type: 'archived';
  readonly callId: string;
}

export interface CommandMessage {
  readonly type: 'command';
  readonly id: string;
  readonly command: Command;
}

/** What somebody wants done in a running call; `keep` and `drop` also after its end, while live-keep holds it. */
export type ControlAction = 'start' | 'stop' | 'pause' | 'resume' | 'keep' | 'drop';

export type Command =
  | {
      readonly op: 'control';
      readonly callId: string;
      readonly action: ControlAction;
      readonly asker: Asker;
      /** Why it is paused; shown with the gap. */
      readonly reason?: string;
    }
  /** For this call and all of its conversation (D2). */
  | { readonly op: 'override'; readonly callId: string; readonly value: Override; readonly asker: Asker }
  /** D6. */
  | {
      readonly op: 'flow';
      readonly callId: string;
      readonly step: FlowStep['step'];
      readonly name?: string;
      readonly asker: Asker;
    }
  | { readonly op: 'hangup'; readonly callId: string; readonly asker: Asker }
  | { readonly op: 'drain' };

export interface RecorderHello {
  readonly type: 'hello';
  readonly nodeId: string;
  readonly pid: number;
  readonly version: string;
}

/** The journal is synced up to here. */
export interface JournalMoved {
  readonly type: 'journal';
  readonly file: string;
  readonly offset: number;
}

export interface ArchivedConfirmed {
  readonly type: 'archived-confirmed';
  readonly callId: string;
}

/** A call that runs now, as the live page shows it. */
export interface LiveCall {
  readonly callId: string;
  readonly startedAt: number;
  readonly facts: CallFacts;
  readonly decision: LiveDecision;
  /** Those that run now. */
  readonly recordings: readonly LiveRecording[];
  readonly paused: LivePause | null;
  /** Held until somebody asks: `kept` true = somebody has, false = it was dropped. Null = nothing is held. */
  readonly liveKeep: { readonly minutes: number; readonly kept: boolean | null } | null;
  readonly streams: readonly LiveStream[];
  readonly warnings: readonly string[];
}

/** Of the decision, what a live page needs; all of it is in the journal. */
export interface LiveDecision extends Pick<
  Decided,
  'verdict' | 'accountId' | 'settingsVersion' | 'direction' | 'controls' | 'owner' | 'parties' | 'override'
> {
  /** The words that speak for the verdict. */
  readonly why: string;
}

export interface LiveRecording {
  readonly recording: number;
  readonly by: RecordingBy;
  /** Wall ms. */
  readonly since: number;
  readonly askerName: string;
}

export interface LivePause {
  /** Wall ms. */
  readonly since: number;
  readonly mode: PauseMode;
  readonly reason: string;
}

export interface LiveStream {
  readonly stream: number;
  readonly label: string;
  readonly speakers: readonly string[];
  readonly codec: string;
  readonly state: 'active' | 'held' | 'removed';
  readonly packets: number;
  readonly bytes: number;
  /** Packets refused because of their source. */
  readonly foreign: number;
  /** Ms since the last packet, or null if none came. */
  readonly silentFor: number | null;
}

/** What became of the running calls since the last one: soon after a call starts, changes or ends, and every second. */
export interface LiveMessage {
  readonly type: 'live';
  /** `calls` are all that run, and what was told before is void; false: they are those that are new or changed. */
  readonly isWhole: boolean;
  readonly calls: readonly LiveCall[];
  /** Ids of calls that were told of and run no more. */
  readonly over: readonly string[];
  /** Every second: the figures of the other calls. */
  readonly media: readonly LiveMedia[];
}

/** A call's id, and of each stream: its number, packets, bytes, foreign packets, ms since the last one. */
export type LiveMedia = readonly [
  callId: string,
  streams: readonly (readonly [
    stream: number,
    packets: number,
    bytes: number,
    foreign: number,
    silentFor: number | null,
  ])[],
];

/** Every second: figures for metrics and health. */
export interface StatusMessage {
  readonly type: 'status';
  readonly state: 'starting' | 'ready' | 'draining';
  readonly settingsVersion: number;
  /** Cumulative counters and gauges by Prometheus-style name without prefix, e.g. `rtp_packets_total`. */
  readonly figures: Readonly<Record<string, number>>;
  /** What an administrator should know: disk short, port range small, sync slow … */
  readonly alarms: readonly { readonly code: string; readonly text: string }[];
}

export interface CommandAnswer {
  readonly type: 'answer';
  readonly id: string;
  readonly ok: boolean;
  /** Why not: NOT_FOUND, NOT_ALLOWED, CONFLICT (nothing to stop, nothing paused …), UNAVAILABLE (done, but the disk has not confirmed it). */
  readonly code?: ErrorCode;
  /** A sentence for whoever asked. */
  readonly text: string;
  /** The recording that was started, stopped, or runs already. */
  readonly recording?: number;
}
