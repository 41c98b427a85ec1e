import type { LogAlarm, LogFigures } from '../log/writer.ts';
import type { Receiver, WantedReceiver } from './source/choose.ts';
import type { Source, SourceChange } from '../../rtp/source-lock.ts';

/** A stream to be captured, as signalling has it. */
export interface CaptureStream {
  /** Number within the call; below 65,536. */
  readonly stream: number;
  readonly rtpPort: number;
  /** The same as `rtpPort` where RTCP shares it (RFC 5761). */
  readonly rtcpPort: number;
  readonly sourceAddress: string;
  readonly sourcePort: number;
  /** The trunk's media ranges. */
  readonly mediaRanges: readonly string[];
  /** Payload types that carry telephone-events: kept with the digit masked. */
  readonly telephoneEventTypes: readonly number[];
  /** What arrives on a held stream is counted, not kept. */
  readonly state: 'active' | 'held' | 'removed';
  /** Keys of SRTP, sealed; left out: plain RTP. */
  readonly sealedKeys?: string;
  /** Whether to listen on IPv6; without it, as the source address has it. */
  readonly ipv6?: boolean;
}

export interface CaptureCall {
  readonly callId: string;
  /** Incarnation of the recorder within this call, from 0. */
  readonly epoch: number;
  /** `Clock.mono()` at the call's opening, ms; negative when the machine was started since. */
  readonly openedMono: number;
  /** False: packets are counted and thrown away. */
  readonly keep: boolean;
  /** Events keep which digits were pressed; left out: they do not. */
  readonly digits?: boolean;
}

/** What of a call is kept from now on. */
export interface CaptureTerms {
  readonly keep: boolean;
  readonly digits: boolean;
  /** What has gathered and is not sealed yet is thrown away. */
  readonly isVoid: boolean;
}

export type NoteKind = 'trace' | 'metadata';

/** What the log holds of a call that is closed; all of it is on the disk. */
export interface ClosedCall {
  /** Names of the segments that hold its records; empty = not known, as an earlier start of the recorder wrote some: look in all. */
  readonly segments: readonly string[];
  readonly epoch: number;
  /** Of its last record; 0 = there is none. */
  readonly lastSequence: number;
  readonly packets: number;
}

export interface StreamFigures {
  readonly stream: number;
  readonly packets: number;
  readonly bytes: number;
  /** Packets refused because of their source. */
  readonly foreign: number;
  /** Datagrams that are neither RTP nor RTCP. */
  readonly invalid: number;
  /** Packets of an SRTP stream that failed authentication. */
  readonly unauthenticated: number;
  /** Authentic ones that came before, or from behind the replay window. */
  readonly replayed: number;
  /** Telephone-events, each counted once. */
  readonly events: number;
  /** `Clock.mono()` of the last packet, or null if none came. */
  readonly lastHeard: number | null;
  readonly source: Source | null;
}

export interface CallFigures {
  readonly callId: string;
  readonly streams: readonly StreamFigures[];
}

export interface WorkerStatus {
  readonly worker: number;
  readonly receiver: Receiver;
  readonly calls: readonly CallFigures[];
  /** Datagrams that the kernel threw away before they were read, since the start; 0 where that cannot be told. */
  readonly dropped: number;
  readonly log: LogFigures;
}

/** What the kernel threw away of a call since it was told of last. */
export interface DroppedPackets {
  readonly callId: string;
  readonly dropped: number;
}

export interface SourceChanged extends SourceChange {
  readonly callId: string;
  readonly stream: number;
}

// ---- between the capture and its worker threads ----

export interface WorkerOptions {
  readonly worker: number;
  readonly folder: string;
  /** Public key, base64. */
  readonly recipient: string;
  readonly node: string;
  readonly rtpHost: string;
  readonly receiver: WantedReceiver;
  readonly receiveBufferBytes: number;
  /** Tests only: URL of a module whose `files` stands for the disk. */
  readonly filesModule?: string;
  /** Opens the streams' sealed keys: the recorder key, base64. Left out: streams under SRTP are not heard. */
  readonly recorderKey?: string;
}

export type CaptureRequest =
  | { readonly op: 'open'; readonly call: CaptureCall; readonly streams: readonly CaptureStream[] }
  | { readonly op: 'update'; readonly callId: string; readonly streams: readonly CaptureStream[] }
  | { readonly op: 'keep'; readonly callId: string; readonly terms: CaptureTerms }
  | { readonly op: 'close'; readonly callId: string }
  | { readonly op: 'discard'; readonly callId: string }
  | { readonly op: 'status' }
  | { readonly op: 'shutdown' };

/** A part of a call's signalling, for the log. */
export interface Note {
  readonly callId: string;
  readonly kind: NoteKind;
  readonly bytes: Uint8Array;
}

/**
 * Notes as they go to the thread: their bytes one behind the other in memory that is handed over. A view of memory that others use too, as small
 * buffers of Node's are, would be copied with all of that memory.
 */
export interface PackedNotes {
  readonly heads: readonly (Pick<Note, 'callId' | 'kind'> & { readonly length: number })[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface ToWorker {
  /** In the order of their making, all of them before the request. They get no answer. */
  readonly notes: PackedNotes | null;
  readonly asked: { readonly id: number; readonly request: CaptureRequest } | null;
}

export type FromWorker =
  | { readonly type: 'ready' }
  | { readonly type: 'answer'; readonly id: number; readonly value: unknown }
  | {
      readonly type: 'refused';
      readonly id: number;
      readonly code: string;
      readonly message: string;
      readonly key?: string;
    }
  | { readonly type: 'status'; readonly status: WorkerStatus }
  | { readonly type: 'source'; readonly change: SourceChanged }
  | { readonly type: 'dropped'; readonly of: DroppedPackets }
  | { readonly type: 'alarm'; readonly alarm: LogAlarm }
  | {
      readonly type: 'log';
      readonly level: 'info' | 'warn' | 'error';
      readonly fields: object;
      readonly message: string;
    };
