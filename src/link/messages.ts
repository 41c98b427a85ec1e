import type { TrunkConfig } from '../base/trunks.ts';
import type { PolicySettings } from '../policy/types.ts';
import type { CallFacts, Decision } from '../policy/types.ts';

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
  readonly command: { readonly op: 'hangup'; readonly callId: string } | { readonly op: 'drain' };
}

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
  readonly decision: Decision;
  readonly streams: readonly LiveStream[];
  readonly warnings: readonly string[];
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

/** Every second, and at once when a call starts, changes or ends. */
export interface LiveMessage {
  readonly type: 'live';
  readonly calls: readonly LiveCall[];
}

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
  readonly text: string;
}
