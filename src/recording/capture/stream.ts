import { EventTracker } from '../../rtp/events.ts';
import { looksLikeRtp, payloadTypeOf, RtpView, secondByteOf, ssrcOf } from '../../rtp/packet.ts';
import { isRtcpByte, readRtcp, SENDER_REPORT_BYTES } from '../../rtp/rtcp.ts';
import { SourceLock, type SourceChange } from '../../rtp/source-lock.ts';
import type { SrtpKeys } from '../../rtp/srtp/keys.ts';
import { SrtpReceiver } from '../../rtp/srtp/receiver.ts';
import { ENTRY_TYPES, EVENT_ENTRY_BYTES, type EntryGatherer } from '../log/entries.ts';
import type { Peers } from './source/peers.ts';
import type { Datagram } from './source/source.ts';
import type { CaptureStream, StreamFigures } from './types.ts';

/** What a stream needs of its call. */
export interface StreamOwner {
  readonly gatherer: EntryGatherer;
  /** Opening of the call, monotonic µs. */
  readonly openedUs: number;
  readonly keep: boolean;
  /** Events keep which digit was pressed. */
  readonly digits: boolean;
  readonly peers: Peers;
  /** Keys of SRTP, unsealed; null when they cannot be had. */
  openKeys(sealed: string): SrtpKeys | null;
  /** The buffer is full: seal it now. */
  overflow(): void;
}

/** Who spoke on a port in the call before. */
export interface FormerSpeaker {
  readonly address: string;
  readonly port: number;
  readonly ssrc: number;
  /** When that call ended, monotonic ms. */
  readonly until: number;
}

const RTCP_LEAST_BYTES = 8;
/** So long a sender that was not told of its call's end, or does not care, is kept out of the next call on its port. */
const FORMER_MS = 300_000;

/**
 * One stream's packets, from the socket into the call's buffer:
 * version → RTCP or RTP → source lock → SRTP → counters → event or packet → buffer. The way of an ordinary plain packet allocates nothing.
 */
export class StreamReceiver {
  #stream: CaptureStream;
  readonly #owner: StreamOwner;
  readonly #lock: SourceLock;
  readonly #events = new EventTracker();
  readonly #view = new RtpView();
  readonly #event = Buffer.alloc(EVENT_ENTRY_BYTES + 1);
  readonly #masked = this.#event.subarray(0, EVENT_ENTRY_BYTES);
  /** 1 for each payload type that carries telephone-events. */
  readonly #eventTypes = new Uint8Array(128);
  #isKept: boolean;
  /** The number of the source that is locked to; -1 while it is not known. */
  #lockedPeer = -1;
  /** Null: plain RTP. */
  #srtp: SrtpReceiver | null;
  #packets = 0;
  #bytes = 0;
  #foreign = 0;
  #invalid = 0;
  #eventCount = 0;
  /** Of the latest packet that was admitted. */
  #ssrc = 0;
  readonly #former: FormerSpeaker | undefined;

  constructor(
    stream: CaptureStream,
    owner: StreamOwner,
    onSourceChange: (change: SourceChange) => void,
    former?: FormerSpeaker,
  ) {
    this.#former = former;
    this.#stream = stream;
    this.#owner = owner;
    this.#lock = new SourceLock(signalledBy(stream), onSourceChange);
    this.#isKept = stream.state === 'active';
    this.#srtp = stream.sealedKeys === undefined ? null : new SrtpReceiver(owner.openKeys(stream.sealedKeys));
    this.#setEventTypes(stream.telephoneEventTypes);
  }

  get packets(): number {
    return this.#packets;
  }

  /** For the next call on this port. @param nowMs monotonic */
  formerSpeaker(nowMs: number): FormerSpeaker | undefined {
    const { source } = this.#lock;
    return source === null || this.#packets === 0 ? this.#former : { ...source, ssrc: this.#ssrc, until: nowMs };
  }

  get signalled(): CaptureStream {
    return this.#stream;
  }

  get figures(): StreamFigures {
    return {
      stream: this.#stream.stream,
      packets: this.#packets,
      bytes: this.#bytes,
      foreign: this.#foreign,
      invalid: this.#invalid,
      unauthenticated: this.#srtp?.unauthenticated ?? 0,
      replayed: this.#srtp?.replayed ?? 0,
      events: this.#eventCount,
      lastHeard: this.#packets === 0 ? null : this.#lock.lastHeard,
      source: this.#lock.source,
    };
  }

  /**
   * New signalling for the same stream.
   * @param nowMs monotonic
   */
  update(stream: CaptureStream, nowMs: number): void {
    this.#secure(stream.sealedKeys, nowMs);
    this.#stream = stream;
    this.#lock.signal(signalledBy(stream));
    this.#lockedPeer = -1;
    this.#isKept = stream.state === 'active';
    this.#setEventTypes(stream.telephoneEventTypes);
  }

  /** A datagram on the RTP port. */
  receive(datagram: Datagram): void {
    const { bytes, start, atUs } = datagram;
    const length = datagram.end - start;
    if (length >= RTCP_LEAST_BYTES && isRtcpByte(secondByteOf(bytes, start))) {
      this.receiveReport(datagram);
      return;
    }
    if (!looksLikeRtp(bytes, start, datagram.end)) {
      this.#invalid++;
      return;
    }
    const end = this.#admit(datagram);
    if (end < 0) return;
    this.#packets++;
    this.#bytes += length;
    const owner = this.#owner;
    if (!this.#isKept || !owner.keep) return;
    if (this.#eventTypes[payloadTypeOf(bytes, start)] === 1) this.#keepEvent(bytes, start, end, atUs);
    else owner.gatherer.add(ENTRY_TYPES.rtp, this.#stream.stream, bytes, atUs - owner.openedUs, atUs, start, end);
    if (owner.gatherer.isFull) owner.overflow();
  }

  /**
   * Whether its source may speak and, under SRTP, it is authentic; before that it moves no lock. It is plain afterwards.
   * @returns the end of the plain packet; negative: it is not let in
   */
  #admit(datagram: Datagram): number {
    const { bytes, start, peer } = datagram;
    const nowMs = datagram.atUs / 1000;
    const isLocked = peer === this.#lockedPeer;
    if (!isLocked && !this.#mayBegin(datagram, nowMs)) {
      this.#foreign++;
      return -1;
    }
    let { end } = datagram;
    if (this.#srtp !== null) {
      const length = this.#srtp.openRtp(bytes.subarray(start, end), nowMs, nowMs - this.#owner.openedUs / 1000);
      if (length < 0) return -1;
      end = start + length;
    }
    if (!isLocked) this.#lockTo(peer, nowMs);
    this.#lock.lastHeard = nowMs;
    this.#ssrc = ssrcOf(bytes, start);
    return end;
  }

  /** Whether a source that is not known to be the locked one may speak. */
  #mayBegin({ bytes, start, peer }: Datagram, nowMs: number): boolean {
    const { peers } = this.#owner;
    const address = peers.address(peer);
    const port = peers.port(peer);
    const lock = this.#lock;
    if (port === lock.port && address === lock.address) return true;
    return !this.#isOfFormerCall(ssrcOf(bytes, start), address, port, nowMs) && lock.mayAdmit(address, port, nowMs);
  }

  #lockTo(peer: number, nowMs: number): void {
    const { peers } = this.#owner;
    this.#lock.admit(peers.address(peer), peers.port(peer), nowMs);
    this.#lockedPeer = peer;
  }

  /**
   * Peers send each call from the same address and often signal a dummy port, so a stream of the call before would pass the lock. The same
   * port may well be used again, and be named in the session description; the same SSRC on top is the old stream.
   */
  #isOfFormerCall(ssrc: number, address: string, port: number, nowMs: number): boolean {
    const former = this.#former;
    return (
      former !== undefined &&
      former.port === port &&
      former.address === address &&
      former.ssrc === ssrc &&
      nowMs - former.until < FORMER_MS &&
      !(this.#stream.sourcePort === port && this.#stream.sourceAddress === address)
    );
  }

  /** A datagram on the RTCP port; of it only sender reports are kept. */
  receiveReport(datagram: Datagram): void {
    const { atUs } = datagram;
    if (!this.#lock.allowsReport(this.#owner.peers.address(datagram.peer))) {
      this.#foreign++;
      return;
    }
    let bytes = datagram.bytes.subarray(datagram.start, datagram.end);
    const srtp = this.#srtp;
    if (srtp !== null) {
      const end = srtp.openRtcp(bytes, atUs / 1000);
      if (end < 0) return;
      bytes = bytes.subarray(0, end);
    }
    const owner = this.#owner;
    if (!this.#isKept || !owner.keep) return;
    const packets = readRtcp(bytes);
    if (packets.length === 0) this.#invalid++;
    for (const packet of packets) {
      if (packet.type !== 'sr') continue;
      const { at } = packet;
      const end = at + SENDER_REPORT_BYTES;
      owner.gatherer.add(ENTRY_TYPES.report, this.#stream.stream, bytes, atUs - owner.openedUs, atUs, at, end);
    }
  }

  /** Keeps when and how long, and which digit only where that is wanted (RFC 4733). One entry per packet, as each used up a sequence number. */
  #keepEvent(bytes: Buffer, start: number, end: number, nowUs: number): void {
    const view = this.#view;
    if (!view.read(bytes, start, end) || view.payloadEnd - view.payloadStart < 4) {
      this.#invalid++;
      return;
    }
    const { ssrc, sequence, timestamp, payloadStart, payloadEnd } = view;
    if (this.#events.push(ssrc, timestamp, nowUs, bytes, payloadStart, payloadEnd) !== null) this.#eventCount++;
    const { digits, gatherer, openedUs } = this.#owner;
    const event = this.#event;
    event.writeUInt32BE(ssrc, 0);
    event.writeUInt16BE(sequence, 4);
    event.writeUInt32BE(timestamp, 6);
    event.writeUInt16BE(bytes.readUInt16BE(payloadStart + 2), 10);
    event[EVENT_ENTRY_BYTES] = digits ? bytes[payloadStart]! : 0;
    gatherer.add(ENTRY_TYPES.event, this.#stream.stream, digits ? event : this.#masked, nowUs - openedUs, nowUs);
  }

  /** Follows the keys: none, the first, or others than before, which overlap with those for a while. */
  #secure(sealedKeys: string | undefined, nowMs: number): void {
    if (sealedKeys === this.#stream.sealedKeys) return;
    if (sealedKeys === undefined) this.#srtp = null;
    else if (this.#srtp === null) this.#srtp = new SrtpReceiver(this.#owner.openKeys(sealedKeys));
    else this.#srtp.rekey(this.#owner.openKeys(sealedKeys), nowMs);
  }

  #setEventTypes(types: readonly number[]): void {
    this.#eventTypes.fill(0);
    for (const type of types) this.#eventTypes[type & 127] = 1;
  }
}

function signalledBy(stream: CaptureStream): { address: string; port: number; ranges: readonly string[] } {
  return { address: stream.sourceAddress, port: stream.sourcePort, ranges: stream.mediaRanges };
}
