import type { CallFacts, Decision, FlowStep, Override, PauseMode } from '../policy/types.ts';

/**
 * The journal: what the recorder writes down to be able to go on after a crash, and what the service learns calls from.
 * One entry is one JSON object in a framed record (docs/formats.md). Entries of one call carry `n`, counting up from 1; a
 * reader ignores an `n` that it has seen, so that entries may be repeated when the journal moves to a new file.
 *
 * Times: `at` is wall time in ms since 1970; `mono` is milliseconds since the call's own opening, from the monotonic clock
 * (after a restart: continued by wall time), so that a clock step does not bend durations.
 */
export type JournalEntry = Opened | Changed | Resumed | Recording | Ended | Archived | DialogSaved | NodeStarted;

interface OfCall {
  readonly callId: string;
  readonly n: number;
  readonly at: number;
  readonly mono: number;
}

/** A codec of a stream, as agreed. The same shape as the intake's. */
export interface JournalCodec {
  readonly payloadType: number;
  readonly name: string;
  readonly clockRate: number;
  readonly channels: number;
  readonly fmtp?: string;
}

/** A stream as captured: which local port it arrives on and who speaks. */
export interface JournalStream {
  /** Number within the call, from 0, never used twice; the stream number in the audio log's records. */
  readonly stream: number;
  /** Position of the m-line in its session. */
  readonly index: number;
  /** Which session (SIP dialog) of the call it belongs to. */
  readonly sessionId: string;
  readonly label: string;
  readonly speakers: readonly string[];
  readonly codecs: readonly JournalCodec[];
  readonly state: 'active' | 'held' | 'removed';
  readonly rtpPort: number;
  readonly rtcpPort: number;
  readonly sourceAddress: string;
  readonly sourcePort: number;
  /** SRTP: crypto suite, and the keys sealed to the recorder (docs/adr/0006). Left out: plain RTP. */
  readonly security?: { readonly suite: string; readonly sealedKeys: string };
}

/** Written and synced before the 200 of the INVITE leaves. */
export interface Opened extends OfCall {
  readonly kind: 'opened';
  readonly protocol: string;
  readonly sessionId: string;
  /** CLOCK_MONOTONIC ms at `mono` = 0; comparable within one boot. */
  readonly openedMono: number;
  /** Shared by the calls of one conversation; the callId of the first of them. */
  readonly conversationId: string;
  /** Ranges that media may come from besides the SDP's address. */
  readonly mediaRanges: readonly string[];
  /** The kernel's boot id; tells whether `openedMono` still counts. */
  readonly bootId: string;
  readonly facts: CallFacts;
  readonly decision: Decision;
  readonly streams: readonly JournalStream[];
  readonly warnings: readonly string[];
  readonly joinKeys: readonly string[];
}

/** Parties, streams, holds or the decision changed. Carries the whole new state of the call's session. */
export interface Changed extends OfCall {
  readonly kind: 'changed';
  readonly sessionId: string;
  readonly facts: CallFacts;
  readonly decision: Decision;
  readonly streams: readonly JournalStream[];
  readonly warnings: readonly string[];
  readonly joinKeys: readonly string[];
  readonly events: readonly CallEvent[];
  /** This session is over; the call goes on while another one runs. */
  readonly sessionEnded: boolean;
}

/** A restarted recorder took the call up again; between `lastKnownAt` and `at` nothing was captured. */
export interface Resumed extends OfCall {
  readonly kind: 'resumed';
  readonly lastKnownAt: number;
  /** Of its records in the audio log from now on; missing = one more than before. */
  readonly epoch?: number;
}

/** Who asked for something, as it is stored and shown (S9). */
export interface Asker {
  readonly kind: 'policy' | 'operator' | 'administrator' | 'user' | 'phone' | 'flow' | 'token' | 'system';
  readonly id: string | null;
  readonly name: string;
  /** User of the directory, where known. */
  readonly userId?: string;
  readonly via: 'rest' | 'web' | 'cli' | 'phone' | 'flow' | 'policy' | 'timer';
}

/** A step of recording within the call; synced before it is answered. */
export interface Recording extends OfCall {
  readonly kind: 'recording';
  readonly step: RecordingStep;
}

/** What made a recording: policy, somebody's hand, a step of a call flow; or it is held until somebody asks for it (S8). */
export type RecordingBy = 'policy' | 'hand' | 'flow' | 'live-keep';

/**
 * Why a recording ended before its call. `stopped`: on purpose; `parties`: nobody in the call asks for it any more; `longest`: its longest
 * duration is reached; `denied`: an override forbids it; `dropped`: what was held is not wanted; `taken-over`: another recording goes on.
 */
export type RecordingEnd = 'stopped' | 'parties' | 'longest' | 'denied' | 'dropped' | 'taken-over';

export type RecordingStep =
  | {
      /** `recording` counts from 1 in the call. That of `policy`, and that of `live-keep`, may begin again under its number. */
      readonly do: 'begun';
      readonly recording: number;
      readonly by: RecordingBy;
      readonly asker: Asker;
      /** Since when, as `mono`; missing = since the entry's own. */
      readonly fromMono?: number;
      /** Of `live-keep`: minutes after the end of the call within which it may be asked for. */
      readonly keepMinutes?: number;
    }
  | { readonly do: 'ended'; readonly recording: number; readonly reason: RecordingEnd; readonly asker: Asker }
  | { readonly do: 'paused'; readonly mode: PauseMode; readonly reason: string; readonly asker: Asker }
  | { readonly do: 'resumed'; readonly asker: Asker }
  /** What live-keep holds is wanted, or is not; also after the end of the call. */
  | { readonly do: 'kept' | 'dropped'; readonly asker: Asker }
  /** Everything that was captured until now is void (D2). */
  | { readonly do: 'destroyed'; readonly asker: Asker }
  /** The override (D2), or a step of a call flow (D6), came by command; the decision stands in the `changed` entry behind it. */
  | { readonly do: 'override'; readonly value: Override; readonly asker: Asker }
  | { readonly do: 'flow'; readonly step: FlowStep['step']; readonly name: string | null; readonly asker: Asker };

export type EndReason = 'bye' | 'silence' | 'max-age' | 'session-expired' | 'shutdown' | 'lost' | 'refused';

/** The call is over and every record of it is synced. `segments`: names of the audio log's files that hold records of it. */
export interface Ended extends OfCall {
  readonly kind: 'ended';
  readonly reason: EndReason;
  /** Empty = not known: look in all segments. */
  readonly segments: readonly string[];
  /** Sequence number of the call's last record in the audio log, 0 = none; a reader that finds fewer declares a gap. */
  readonly lastSequence: number;
  /** Of that last record; missing = as the entries before say. */
  readonly epoch?: number;
}

/** The service has archived it (or policy ignored it) and said so; its audio may be freed. */
export interface Archived extends OfCall {
  readonly kind: 'archived';
}

/** The signalling state needed to go on with a session; opaque to everybody but the intake that saved it. */
export interface DialogSaved extends OfCall {
  readonly kind: 'dialog';
  readonly sessionId: string;
  readonly state: unknown;
}

/** First entry of each journal file and of each start. */
export interface NodeStarted {
  readonly kind: 'node';
  readonly at: number;
  readonly nodeId: string;
  readonly pid: number;
  readonly version: string;
}

/** Something that happened within a call, for its timeline. Never holds a digit that was pressed. */
export interface CallEvent {
  readonly type:
    | 'party-joined'
    | 'party-left'
    | 'stream-added'
    | 'stream-held'
    | 'stream-resumed'
    | 'stream-removed'
    | 'metadata'
    | 'decision'
    | 'session-joined'
    | 'session-ended'
    | 'source-changed'
    | 'capture-gap';
  readonly text: string;
}
