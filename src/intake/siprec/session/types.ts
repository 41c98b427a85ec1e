import type { TrunkHeaders } from '../../../base/trunks.ts';
import type { SessionDescription } from '../../../sdp/description.ts';
import type { SessionCommand, SessionFacts } from '../../types.ts';
import type { SignalledStream } from '../facts/streams.ts';
import type { Attachment } from '../facts/vendor.ts';
import type { Metadata } from '../metadata/types.ts';

/**
 * A recording session from the signalling's side, as plain JSON, so that it can be journalled and taken up again after a crash.
 *
 * ```
 *            INVITE                    re-INVITE, UPDATE, INFO, ACK with an answer
 *  (none) ───────────► SessionState ──────────────────────────────────────► SessionState
 *     │ openSession        │                 updateSession, takeAnswer
 *     ▼                    ▼ a request that cannot be taken
 *  Refusal             Refusal; the state stays as it was
 * ```
 */
export interface SessionState {
  readonly trunk: string;
  readonly requestUri: string;
  /** The headers that facts are made of, newest value of each name. */
  readonly headers: readonly (readonly [string, string])[];
  /** Null while none could be read. */
  readonly metadata: Metadata | null;
  readonly metadataFault: string | null;
  readonly attachments: readonly Attachment[];
  readonly streams: readonly SignalledStream[];
  /** The trunk's own names of headers that facts are made of; left out: it has none. */
  readonly factHeaders?: TrunkHeaders;
  /** Left out: streams may be plain. */
  readonly srtp?: 'required';
  /** Sentences about what had to be put up with, gathered over the session. */
  readonly notes: readonly string[];
  readonly facts: SessionFacts;
}

/** What the answer's session description must be. */
export type AnswerPlan =
  /** Answer this offer (`answerRecording`) with ports for the m-lines in `streams`, and 0 for all others. */
  | { readonly kind: 'answer'; readonly offer: SessionDescription; readonly streams: readonly number[] }
  /** Nothing was offered: send an offer of our own (`recordingOffer`). By position: the label of a recvonly audio m-line, null for one with port 0. */
  | {
      readonly kind: 'offer';
      readonly lines: readonly (string | null)[];
      /** By position: the crypto suite of a stream that runs under SRTP and shall stay there. */
      readonly suites?: readonly (string | null)[];
    }
  /** No session description in the answer. */
  | { readonly kind: 'none' };

export interface Refusal {
  readonly kind: 'refused';
  readonly status: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface Opening {
  readonly kind: 'opened';
  readonly state: SessionState;
  readonly facts: SessionFacts;
  readonly answer: AnswerPlan;
  /** The metadata's bytes exactly as they came; null when none came. */
  readonly rawMetadata: Buffer | null;
  readonly warnings: readonly string[];
}

export interface Update {
  readonly kind: 'updated';
  readonly state: SessionState;
  readonly facts: SessionFacts;
  readonly changes: readonly SessionEvent[];
  readonly answer: AnswerPlan;
  readonly rawMetadata: Buffer | null;
  /** What the client asks the recorder to do (AudioCodes `X-AC-Action`, jambonz `X-Reason`); undefined when nothing. */
  readonly control?: SessionCommand;
}

/** The journal's call event, of the types that a session can bring about. */
export interface SessionEvent {
  readonly type:
    'party-joined' | 'party-left' | 'stream-added' | 'stream-held' | 'stream-resumed' | 'stream-removed' | 'metadata';
  /** For people; one sentence. */
  readonly text: string;
}
