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
