import type { Peaks } from './peaks.ts';

/**
 * What the capture hands to the archive. `arrivalUs` is the recorder's monotonic clock in µs since the call was opened; it is
 * the clock that all channels of a recording are laid out on.
 */
export interface CapturedRtp {
  readonly kind: 'rtp';
  /** Index of the stream (m-line) within the call. */
  readonly stream: number;
  readonly arrivalUs: number;
  readonly payloadType: number;
  /** 16 bits, as on the wire. */
  readonly sequence: number;
  /** 32 bits, RTP ticks, as on the wire. */
  readonly timestamp: number;
  readonly ssrc: number;
  readonly marker: boolean;
  /** Holds the payload, without padding, extension and CSRC list, from `from` up to `to`. A view for each packet would cost more than its work. */
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

/** An RTCP sender report (RFC 3550 section 6.4.1). */
export interface CapturedReport {
  readonly kind: 'sr';
  readonly stream: number;
  readonly arrivalUs: number;
  readonly ssrc: number;
  readonly ntpMs: number;
  readonly rtpTimestamp: number;
}

/**
 * One received telephone-event packet (RFC 4733), its digit masked. Such packets use up sequence numbers of their SSRC, so one
 * is handed over for each packet that arrived; where `sequence` is absent, the numbers that they used count as lost.
 */
export interface CapturedEvent {
  readonly kind: 'event';
  readonly stream: number;
  readonly arrivalUs: number;
  readonly timestamp: number;
  readonly durationTicks: number;
  readonly ssrc?: number;
  readonly sequence?: number;
  /** Which event it was (RFC 4733 section 3.2: 0–9, 10 = `*`, 11 = `#`, 12–15 = A–D); only where the account keeps digits. */
  readonly event?: number;
}

export type Captured = CapturedRtp | CapturedReport | CapturedEvent;

/**
 * The packets of one call in the order of their arrival: as they are, or, where they have to be waited for, in batches. `packets()` is called
 * twice or three times (FLAC) and must give the same packets in the same order each time; where the batches are cut does not matter.
 * A packet object may be reused by the source after the next one is asked for.
 */
export interface CaptureSource {
  packets(): Iterable<Captured> | AsyncIterable<Iterable<Captured>>;
}

/**
 * One channel of the recording. Several streams may share a channel (a party and its successor); what overlaps is mixed. A
 * stream with two audio channels that stands in two plans gives its left side to the first and its right side to the second of
 * them; in one plan alone both sides are mixed.
 */
export interface ChannelPlan {
  /** 0 = left. */
  readonly channel: number;
  readonly name: string;
  readonly streams: readonly number[];
}

export interface CodecName {
  readonly payloadType: number;
  /** As in `a=rtpmap`: `PCMU`, `PCMA`, `L16`, `G722` … */
  readonly name: string;
  /** RTP clock, ticks per second. */
  readonly clockRate: number;
  readonly channels: number;
}

/** What the payload types of a stream mean; static types (RFC 3551) need not be listed. */
export interface StreamCodecs {
  readonly stream: number;
  readonly codecs: readonly CodecName[];
}

/** A stretch of the call, µs since its opening on the arrival clock; null = open. */
export interface Stretch {
  readonly fromUs: number | null;
  readonly toUs: number | null;
}

export interface RenderOptions {
  readonly channels: readonly ChannelPlan[];
  readonly codecs: readonly StreamCodecs[];
  /** Renders exactly this stretch, padded with silence; without it, from the first to the last sample that arrived. */
  readonly window?: Stretch;
  /** Stretches to be replaced by silence (pauses); sample-exact. */
  readonly blank?: readonly Stretch[];
  /** Stretches to be taken out of all channels at the same place (pauses); sample-exact. Nothing was lost at their ends. */
  readonly cut?: readonly Stretch[];
  /** `auto`: G.711 in WAV where all channels share one law, else FLAC. */
  readonly container?: 'auto' | 'flac';
}

export interface Gap {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One correction of clock drift. */
export interface Correction {
  /** Position in the recording. */
  readonly atMs: number;
  /** + samples of silence inserted before, − samples dropped at this position. */
  readonly samples: number;
  /** `gap`: only silence became longer or shorter; `quiet`: in a quiet stretch; `forced`: at the quietest place before 20 ms. */
  readonly place: 'gap' | 'quiet' | 'forced';
}

/** The exact account of one channel. */
export interface TrackReport {
  readonly channel: number;
  readonly name: string;
  /** e.g. `PCMU`, `PCMA+PCMU`; empty when nothing arrived. */
  readonly codec: string;
  /** Packets that arrived, duplicates aside. */
  readonly packets: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly reordered: number;
  /** Packets of comfort noise and telephone events; they are silence here. */
  readonly comfortNoise: number;
  readonly events: number;
  /** Names of codecs that could not be decoded. */
  readonly foreignCodecs: readonly string[];
  readonly ssrcs: readonly number[];
  /** Where nothing arrived, the space before the first and after the last packet included; ms of the recording. */
  readonly gaps: readonly Gap[];
  readonly corrections: readonly Correction[];
  /** Sum of the gaps. */
  readonly silentMs: number;
  /** Ms in which two sources of this channel spoke at once and were mixed (those samples are not the original ones). */
  readonly mixedMs: number;
  /** Sender's clock against the recorder's, parts per million, + = the sender's is fast; null when too short to tell. */
  readonly driftPpm: number | null;
}

/** A stream whose payload cannot be decoded here; it is silent in the recording, its packets are to be kept raw. */
export interface Undecoded {
  readonly stream: number;
  readonly channel: number;
  readonly codecs: readonly string[];
  readonly packets: number;
}

export interface RenderResult {
  readonly container: 'wav' | 'flac';
  /** e.g. `PCMU`, `PCMA+PCMU`; what the decodable payload was; `PCMU` (silence) when there was none. */
  readonly codec: string;
  readonly sampleRate: number;
  readonly channels: number;
  /** Per channel. */
  readonly samples: number;
  readonly durationMs: number;
  /** Arrival time of sample 0, µs since the call's opening; may be negative by a packet's length. */
  readonly startUs: number;
  /** Exact size of {@link bytes}. */
  readonly byteLength: number;
  readonly tracks: readonly TrackReport[];
  readonly warnings: readonly string[];
  readonly undecoded: readonly Undecoded[];
  /** The file, in pieces, each of which is good until the next is asked for; reads the source a second time. May be called again and gives the same bytes. */
  bytes(): AsyncIterable<Uint8Array>;
  /** Computed while {@link bytes} runs. @throws Error before it has run to its end. */
  peaks(): Peaks;
}

/** Bytes that can be read anywhere, e.g. a sealed object behind its decryption. */
export interface RandomBytes {
  readonly size: number;
  /** Exactly `length` bytes, or fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A stored recording, readable from any sample on. */
export interface StoredAudio {
  readonly container: 'wav' | 'flac';
  readonly codec: string;
  readonly channels: number;
  readonly sampleRate: number;
  /** Per channel. */
  readonly samples: number;
  /** Interleaved 16-bit samples; fewer than `count` per channel only at the end. */
  readPcm(from: number, count: number): Promise<Int16Array>;
}
