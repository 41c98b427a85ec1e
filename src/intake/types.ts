import type { CallFacts } from '../policy/types.ts';

/**
 * What every way in turns its protocol into. The recorder's spine knows calls, parties and streams by these shapes alone.
 */

/** One payload type of an offered or accepted stream. */
export interface StreamCodec {
  /** RTP payload type 0–127. */
  readonly payloadType: number;
  /** Encoding name in upper case: `PCMU`, `PCMA`, `G722`, `OPUS`, `TELEPHONE-EVENT`, `CN` … */
  readonly name: string;
  /** RTP clock rate, Hz. */
  readonly clockRate: number;
  readonly channels: number;
  readonly fmtp?: string;
}

/** How a stream's packets are protected: SRTP. */
export interface StreamSecurity {
  /** Crypto suite (RFC 4568 §6.2). */
  readonly suite: string;
  /** The peer's master keys, sealed by the {@link KeyKeeper}; whoever journals or logs this tells no key. */
  readonly sealedKeys: string;
}

/** Keeps media keys out of everything that is stored: an intake seals them as soon as it has read them. */
export interface KeyKeeper {
  seal(secret: Uint8Array): string;
  /** @throws EarshotError SEAL_CORRUPT */
  open(sealed: string): Buffer;
  /** Our own key for `context`: the same each time, also after a restart, so that it need not be stored. */
  ownKey(context: string, bytes: number): Buffer;
}

/** One audio stream of a session as the peer describes it now. */
export interface StreamFacts {
  /** Position of its m-line in the session description, from 0. Stable for the session's life (RFC 3264 §8). */
  readonly index: number;
  /** `a=label`, or the m-line's position as text. */
  readonly label: string;
  /** Ids of the parties who speak on it (none known: empty; a mixed stream: several), as in `CallFacts.parties`. */
  readonly speakers: readonly string[];
  readonly codecs: readonly StreamCodec[];
  /** Addresses from which its packets may come: the SDP's connection address. Ports are learned (see protocols.md, RTP). */
  readonly sourceAddress: string;
  /** The port that the SDP names; a hint only. 0 when the stream is removed. */
  readonly sourcePort: number;
  /** RTCP on the same port (RFC 5761). */
  readonly rtcpMux: boolean;
  /** Left out: plain RTP. */
  readonly security?: StreamSecurity;
  readonly state: 'active' | 'held' | 'removed';
}

/** One session's description at a moment: facts for policy, streams for capture, and what is kept raw. */
export interface SessionFacts {
  readonly call: CallFacts;
  readonly streams: readonly StreamFacts[];
  /** Texts for the administrator: metadata unreadable, labels without a stream … Shown with the recording. */
  readonly warnings: readonly string[];
  /** Keys under which other sessions of the same conversation may be known; any equal key joins them (e.g. `sipSessionID=…`). */
  readonly joinKeys: readonly string[];
}

/** Local ports of one stream of a session. */
export interface StreamPorts {
  /** Position of its m-line. */
  readonly index: number;
  readonly rtpPort: number;
  readonly rtcpPort: number;
}

export interface SessionEvent {
  readonly type:
    'party-joined' | 'party-left' | 'stream-added' | 'stream-held' | 'stream-resumed' | 'stream-removed' | 'metadata';
  readonly text: string;
}

/** What an intake asks the recorder for when a session comes in. */
export interface SessionOpening {
  readonly protocol: string;
  /** The intake's own name of the session, unique for ever (a SIP dialog's id). */
  readonly sessionId: string;
  readonly facts: SessionFacts;
  /** Ranges that media may come from besides the SDP's address: the trunk's. */
  readonly mediaRanges: readonly string[];
  /** How the recorder ends the session by itself (silence, age, shutdown). */
  readonly control: SessionControl;
}

export interface SessionControl {
  hangUp(reason: string): void;
}

/** What a peer asks for in the session's own signalling, as a call flow would (D6): `X-AC-Action`, `X-Reason` (protocols: phones). */
export type SessionCommand = 'start' | 'stop' | 'pause' | 'resume';

/** Does it, or says why not; never rejects. */
export type OnSessionCommand = (
  sessionId: string,
  command: SessionCommand,
) => Promise<{ readonly ok: boolean; readonly code?: string; readonly text: string }>;

/** A session that nobody has been told of yet; its ports are being bound. */
export interface PreparedSession {
  readonly callId: string;
  /** As of now; see {@link commit}. */
  readonly ports: readonly StreamPorts[];
  /** False: policy does not want it; accept and discard, or refuse if the trunk says so. */
  readonly wanted: boolean;
  /**
   * Journals the opening together with the signalling state; resolves when both are on disk and the ports are bound. Only then may the 200 leave.
   * @returns `moved` when some other program had one of the ports: the session must be described anew, with those it has now, and be committed again
   * @throws EarshotError UNAVAILABLE, PORT_IN_USE, PORTS_EXHAUSTED: the session has come to nothing
   */
  commit(dialog: unknown): Promise<'committed' | 'moved'>;
  /** The session came to nothing (CANCEL, refusal); frees its ports. */
  abort(): void;
}

/** A session that ran when the recorder stopped, to be taken up again by its intake. */
export interface RestoredSession {
  readonly callId: string;
  readonly sessionId: string;
  readonly dialog: unknown;
  readonly facts: SessionFacts;
}

/** The recorder as an intake sees it. */
export interface CallSink {
  /** @throws EarshotError UNAVAILABLE, PORTS_EXHAUSTED, DISK_FULL: answer 503 with Retry-After */
  prepare(opening: SessionOpening): Promise<PreparedSession>;
  /** New facts of a running session; resolves with its ports when they are bound and the change is journalled. */
  update(sessionId: string, facts: SessionFacts, events: readonly SessionEvent[]): Promise<readonly StreamPorts[]>;
  /** Signalling state changed; written down soon. */
  saveDialog(sessionId: string, dialog: unknown): void;
  note(sessionId: string, kind: 'trace' | 'metadata', bytes: Uint8Array): void;
  end(sessionId: string, reason: 'bye' | 'session-expired' | 'lost'): Promise<void>;
  /** Gives the intake's control of a restored session to the recorder. */
  adopt(sessionId: string, control: SessionControl): void;
}
