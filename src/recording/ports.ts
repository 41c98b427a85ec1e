import type { JournalEntry } from '../link/journal.ts';

export type { LoggedCall } from './log/holdings.ts';

/** What the spine needs of its neighbours; the real ones are in `capture/`, `journal/` and `src/rtp/ports.ts`. */

export interface CaptureStreamState {
  readonly stream: number;
  readonly rtpPort: number;
  readonly rtcpPort: number;
  readonly sourceAddress: string;
  readonly sourcePort: number;
  readonly mediaRanges: readonly string[];
  readonly telephoneEventTypes: readonly number[];
  readonly state: 'active' | 'held' | 'removed';
  /** Keys of SRTP, sealed; left out: plain RTP. */
  readonly sealedKeys?: string;
}

export interface CaptureOpening {
  readonly callId: string;
  /** How many recorders took this call up before. */
  readonly epoch: number;
  /** `Clock.mono()` at the call's opening: arrival times count from here. */
  readonly openedMono: number;
  readonly keep: boolean;
  /** Events keep which digits were pressed. */
  readonly digits: boolean;
}

/** What of a call is kept from now on. */
export interface CaptureTerms {
  readonly keep: boolean;
  readonly digits: boolean;
  /** What has gathered and is not sealed yet is thrown away. */
  readonly isVoid: boolean;
}

export interface CaptureClosing {
  readonly segments: readonly string[];
  readonly lastSequence: number;
  /** Of the last record. */
  readonly epoch?: number;
}

export interface StreamFigures {
  readonly stream: number;
  readonly packets: number;
  readonly bytes: number;
  readonly foreign: number;
  /** Null = none came yet. */
  readonly msSinceLastPacket: number | null;
}

/** What of the audio log is void before its calls are done with. */
export interface VoidRecords {
  readonly calls: ReadonlySet<string>;
  /** As of now. `baseUs`: of the record, µs since the call's opening. */
  look(): (callId: string, baseUs: number, isAudio: boolean) => boolean;
}

export interface CapturePort {
  /** Binds the streams' sockets. @throws when a port cannot be bound */
  open(call: CaptureOpening, streams: readonly CaptureStreamState[]): Promise<void>;
  update(callId: string, streams: readonly CaptureStreamState[]): Promise<void>;
  /** Resolves when it is in force. */
  keep(callId: string, terms: CaptureTerms): Promise<void>;
  note(callId: string, kind: 'trace' | 'metadata', bytes: Uint8Array): void;
  /** Everything of the call is sealed and synced when this resolves. */
  close(callId: string): Promise<CaptureClosing>;
  discard(callId: string): Promise<void>;
  figures(callId: string): readonly StreamFigures[];
}

export interface JournalPort {
  /** Resolves when the entry is on disk. */
  append(entry: JournalEntry): Promise<void>;
  /** Written with the next sync; for what may be lost with the last milliseconds. */
  appendLazy(entry: JournalEntry): void;
}

export interface PortPair {
  readonly rtpPort: number;
  readonly rtcpPort: number;
}

export interface PortPoolPort {
  /** One pair for each stream, adjacent where it can be. @throws EarshotError PORTS_EXHAUSTED; nothing is taken then */
  take(streams: number): PortPair[];
  release(ports: readonly PortPair[]): void;
  /** Marks the ports of a call that goes on after a restart as taken. */
  claim(ports: readonly PortPair[]): void;
}
