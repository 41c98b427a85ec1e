import { isIPv6 } from 'node:net';
import type { SrtpKeys } from '../../rtp/srtp/keys.ts';
import { EntryGatherer } from '../log/entries.ts';
import type { CallTrack } from '../log/segment.ts';
import type { SegmentWriter } from '../log/writer.ts';
import type { Peers } from './source/peers.ts';
import type { BoundPort, Hear, PacketSource } from './source/source.ts';
import { type FormerSpeaker, StreamReceiver, type StreamOwner } from './stream.ts';
import type { CallFigures, CaptureCall, CaptureStream, CaptureTerms, NoteKind, SourceChanged } from './types.ts';

interface BoundStream {
  readonly receiver: StreamReceiver;
  readonly ports: readonly BoundPort[];
}

const TELL_EVERY_US = 30_000_000;

export interface CallSurroundings {
  readonly writer: SegmentWriter;
  readonly source: PacketSource;
  /** Monotonic time, whole µs. */
  readonly nowUs: () => number;
  /** Told of each datagram's arrival, so that what is due is done however busy the thread is. */
  readonly passed: (atUs: number) => void;
  readonly onSourceChanged: (change: SourceChanged) => void;
  readonly openKeys: (sealed: string) => SrtpKeys | null;
  /** By RTP port. */
  readonly formerSpeakers: Map<number, FormerSpeaker>;
}

/** One call: its streams, the buffer that their packets gather in, and its place in the log. */
export class CallCapture implements StreamOwner {
  readonly callId: string;
  readonly gatherer = new EntryGatherer();
  readonly openedUs: number;
  readonly peers: Peers;
  readonly track: CallTrack;
  keep: boolean;
  digits: boolean;
  /** Counts the changes of what is kept. */
  termsTurn = 0;
  readonly #around: CallSurroundings;
  readonly #streams = new Map<number, BoundStream>();
  #changing: Promise<void> = Promise.resolve();
  #isClosed = false;
  /** Of streams that were removed. */
  #formerPackets = 0;
  #formerDropped = 0;
  #toldDropped = 0;
  #tellAtUs = 0;

  constructor(call: CaptureCall, around: CallSurroundings) {
    this.callId = call.callId;
    this.openedUs = Math.round(call.openedMono * 1000);
    this.keep = call.keep;
    this.digits = call.digits === true;
    this.track = around.writer.track(call.callId, call.epoch);
    this.peers = around.source.peers;
    this.#around = around;
  }

  get packets(): number {
    let packets = this.#formerPackets;
    for (const { receiver } of this.#streams.values()) packets += receiver.packets;
    return packets;
  }

  /** Datagrams that the kernel threw away. */
  get dropped(): number {
    let dropped = this.#formerDropped;
    for (const { ports } of this.#streams.values()) for (const port of ports) dropped += port.dropped;
    return dropped;
  }

  /** Those that were not told of yet; told of every half a minute at most, as each telling is an entry in the journal. @param isLast the call is over */
  takeDropped(isLast: boolean): number {
    const now = this.#around.nowUs();
    if (!isLast && now < this.#tellAtUs) return 0;
    const told = this.#toldDropped;
    this.#toldDropped = this.dropped;
    if (this.#toldDropped > told) this.#tellAtUs = now + TELL_EVERY_US;
    return this.#toldDropped - told;
  }

  get figures(): CallFigures {
    return { callId: this.callId, streams: [...this.#streams.values()].map(({ receiver }) => receiver.figures) };
  }

  /**
   * Makes the streams as they are given: binds new ones, closes those that are removed or not named any more, tells the others.
   * One change at a time: binding takes a while, and the next re-INVITE may be quicker.
   * @throws EarshotError PORT_IN_USE; streams bound before stay
   */
  setStreams(streams: readonly CaptureStream[]): Promise<void> {
    const change = this.#changing.then(() => this.#change(streams));
    this.#changing = change.catch(() => undefined);
    return change;
  }

  async #change(streams: readonly CaptureStream[]): Promise<void> {
    this.receive();
    const wanted = new Map(streams.filter(({ state }) => state !== 'removed').map((stream) => [stream.stream, stream]));
    for (const [number, bound] of this.#streams) {
      const stream = wanted.get(number);
      if (stream === undefined || !samePorts(stream, bound.receiver.signalled)) this.#remove(number, bound);
    }
    for (const [number, stream] of wanted) {
      const bound = this.#streams.get(number);
      if (bound === undefined) this.#streams.set(number, await this.#bind(stream));
      else bound.receiver.update(stream, this.#around.nowUs() / 1000);
    }
    // The call ended while its ports were being bound.
    if (this.#isClosed) this.closePorts();
  }

  /** What came before now is of the state before now. */
  receive(): void {
    for (const { ports } of this.#streams.values()) for (const port of ports) port.receive();
  }

  setTerms({ keep, digits, isVoid }: CaptureTerms): void {
    this.receive();
    if (isVoid) this.gatherer.clear();
    else if (keep !== this.keep) this.seal();
    this.keep = keep;
    this.digits = digits;
  }

  /** A part of the signalling, kept beside the audio. */
  note(kind: NoteKind, bytes: Uint8Array): void {
    const now = this.#around.nowUs();
    this.#around.writer.append(this.track, kind, Math.max(0, now - this.openedUs), now / 1000, bytes);
  }

  /** Makes one record of what gathered. */
  seal(): void {
    const { gatherer } = this;
    if (gatherer.isEmpty) return;
    this.#around.writer.append(this.track, 'packets', gatherer.baseUs, gatherer.oldestUs / 1000, gatherer.body);
    gatherer.clear();
  }

  openKeys(sealed: string): SrtpKeys | null {
    return this.#around.openKeys(sealed);
  }

  overflow(): void {
    this.seal();
  }

  /** Ends the capture of packets for good. */
  closePorts(): void {
    this.#isClosed = true;
    for (const [number, bound] of this.#streams) this.#remove(number, bound);
  }

  async #bind(stream: CaptureStream): Promise<BoundStream> {
    const { source, passed, onSourceChanged, formerSpeakers } = this.#around;
    const receiver = new StreamReceiver(
      stream,
      this,
      (change) => onSourceChanged({ ...change, callId: this.callId, stream: stream.stream }),
      formerSpeakers.get(stream.rtpPort),
    );
    const ipv6 = listensOnSix(stream);
    const hearMedia: Hear = (datagram) => {
      passed(datagram.atUs);
      receiver.receive(datagram);
    };
    const rtp = await source.bind(stream.rtpPort, ipv6, hearMedia);
    if (stream.rtcpPort === stream.rtpPort) return { receiver, ports: [rtp] };
    try {
      const rtcp = await source.bind(stream.rtcpPort, ipv6, (datagram) => receiver.receiveReport(datagram));
      return { receiver, ports: [rtp, rtcp] };
    } catch (error) {
      rtp.close();
      throw error;
    }
  }

  #remove(number: number, bound: BoundStream): void {
    for (const port of bound.ports) {
      port.close();
      this.#formerDropped += port.dropped;
    }
    this.#formerPackets += bound.receiver.packets;
    const { formerSpeakers, nowUs } = this.#around;
    const speaker = bound.receiver.formerSpeaker(nowUs() / 1000);
    if (speaker !== undefined) formerSpeakers.set(bound.receiver.signalled.rtpPort, speaker);
    this.#streams.delete(number);
  }
}

function samePorts(a: CaptureStream, b: CaptureStream): boolean {
  return a.rtpPort === b.rtpPort && a.rtcpPort === b.rtcpPort && listensOnSix(a) === listensOnSix(b);
}

function listensOnSix({ ipv6, sourceAddress }: CaptureStream): boolean {
  return ipv6 ?? isIPv6(sourceAddress);
}
