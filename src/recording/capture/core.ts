import { setImmediate } from 'node:timers/promises';
import type { Clock, Timer } from '../../base/clock.ts';
import { EarshotError } from '../../base/errors.ts';
import type { SrtpKeys } from '../../rtp/srtp/keys.ts';
import type { SegmentWriter } from '../log/writer.ts';
import { CallCapture, type CallSurroundings } from './call.ts';
import type { Receiver } from './source/choose.ts';
import type { PacketSource } from './source/source.ts';
import type {
  CaptureCall,
  CaptureStream,
  CaptureTerms,
  ClosedCall,
  DroppedPackets,
  NoteKind,
  SourceChanged,
  WorkerStatus,
} from './types.ts';

export interface CaptureCoreOptions {
  readonly worker: number;
  readonly writer: SegmentWriter;
  readonly source: PacketSource;
  /** Which one that is. */
  readonly receiver: Receiver;
  readonly clock: Clock;
  readonly onSourceChanged: (change: SourceChanged) => void;
  /** Unseals a stream's keys; null when it cannot. Left out: no stream under SRTP is heard. */
  readonly openKeys?: (sealed: string) => SrtpKeys | null;
  /** After each tick; for what has to go on however busy the thread is. */
  readonly onTick?: () => void;
}

/** A record is made of each call once a round: SLICES × TICK_MS, less than the 400 ms that a crash may cost. */
export const TICK_MS = 50;
export const SLICES = 7;
/** How often a closing call looks whether its sockets still deliver. */
const DRAIN_ROUNDS = 16;

/**
 * What a capture thread does, apart from being a thread: calls, their sockets and the log they share. The calls are spread over
 * slices, one sealed each tick, so that the work is even and every write carries many calls.
 */
export class CaptureCore {
  readonly #options: CaptureCoreOptions;
  readonly #around: CallSurroundings;
  readonly #calls = new Map<string, CallCapture>();
  readonly #slices: Set<CallCapture>[] = Array.from({ length: SLICES }, () => new Set());
  #timer: Timer | null = null;
  /** Ticks done since the start, by the clock. */
  #ticks: number;
  #nextTickUs = 0;
  #opened = 0;
  /** Of calls that ended: all that was dropped, and what has yet to be told. */
  #formerDropped = 0;
  #untold: DroppedPackets[] = [];

  constructor(options: CaptureCoreOptions) {
    const { writer, source, onSourceChanged, openKeys = () => null } = options;
    this.#options = options;
    const nowUs = () => Math.round(options.clock.mono() * 1000);
    const passed = (atUs: number) => this.#passed(atUs);
    this.#around = { writer, source, onSourceChanged, openKeys, formerSpeakers: new Map(), nowUs, passed };
    this.#ticks = this.#dueTicks();
    this.#schedule();
  }

  /** Binds the call's ports; from now on its packets are counted and, if kept, logged. @throws EarshotError PORT_IN_USE, CONFLICT */
  async open(call: CaptureCall, streams: readonly CaptureStream[]): Promise<void> {
    if (this.#calls.has(call.callId)) throw new EarshotError('CONFLICT', 'this call is captured already.');
    const capture = new CallCapture(call, this.#around);
    this.#calls.set(call.callId, capture);
    this.#sliceOf(this.#opened++).add(capture);
    try {
      await capture.setStreams(streams);
    } catch (error) {
      this.#forget(capture);
      capture.closePorts();
      throw error;
    }
  }

  /** @throws EarshotError NOT_FOUND, PORT_IN_USE */
  async update(callId: string, streams: readonly CaptureStream[]): Promise<void> {
    await this.#call(callId).setStreams(streams);
  }

  /**
   * What is kept of a call from now on. What came to its sockets while nothing was kept is read first, and thrown away.
   * @throws EarshotError NOT_FOUND
   */
  async keep(callId: string, terms: CaptureTerms): Promise<void> {
    const call = this.#call(callId);
    const turn = ++call.termsTurn;
    if (terms.keep && !call.keep) await drain(call);
    // Somebody else has asked meanwhile.
    if (turn === call.termsTurn) call.setTerms(terms);
  }

  /** @throws EarshotError NOT_FOUND */
  note(callId: string, kind: NoteKind, bytes: Uint8Array): void {
    this.#call(callId).note(kind, bytes);
  }

  /** Ends a call; resolves when all of it is on the disk. @throws EarshotError NOT_FOUND */
  async close(callId: string): Promise<ClosedCall> {
    const call = this.#call(callId);
    await drain(call);
    call.closePorts();
    call.seal();
    this.#forget(call);
    await this.#options.writer.synced(call.track);
    return closed(call);
  }

  /** Ends a call whose audio nobody wants; what gathered is dropped. @throws EarshotError NOT_FOUND */
  discard(callId: string): ClosedCall {
    const call = this.#call(callId);
    call.closePorts();
    call.gatherer.clear();
    this.#forget(call);
    return closed(call);
  }

  get status(): WorkerStatus {
    const { worker, writer, receiver } = this.#options;
    const calls = [...this.#calls.values()];
    const dropped = calls.reduce((sum, call) => sum + call.dropped, this.#formerDropped);
    return { worker, receiver, calls: calls.map((call) => call.figures), dropped, log: writer.figures };
  }

  /** The calls that the kernel threw datagrams of away since this was asked for last. */
  takeDropped(): DroppedPackets[] {
    for (const call of this.#calls.values()) this.#note(call, false);
    return this.#untold.splice(0);
  }

  #note(call: CallCapture, isLast: boolean): void {
    const dropped = call.takeDropped(isLast);
    if (dropped > 0) this.#untold.push({ callId: call.callId, dropped });
  }

  /** Seals and syncs everything, closes every socket. Calls that were open stay to be resumed by the next start. */
  async shutdown(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = null;
    for (const call of this.#calls.values()) {
      call.receive();
      call.closePorts();
      call.seal();
    }
    this.#calls.clear();
    await this.#options.writer.close();
  }

  #schedule(): void {
    this.#timer = this.#options.clock.after(TICK_MS, () => {
      this.#passed(this.#around.nowUs());
      this.#schedule();
    });
  }

  /**
   * Ticks when it is due; asked with each packet. A thread that lags behind its sockets reads tens of thousands of packets before the event loop
   * comes to its timers, so timers alone would let the log wait for seconds.
   */
  #passed(nowUs: number): void {
    if (nowUs < this.#nextTickUs || this.#timer === null) return;
    this.#nextTickUs = (Math.floor(nowUs / 1000 / TICK_MS) + 1) * TICK_MS * 1000;
    this.#tick();
  }

  /** Reads what waits to be read, then seals the slices that are due; after a late wake-up several, at most each once. */
  #tick(): void {
    this.#options.source.receive();
    const due = this.#dueTicks();
    this.#ticks = Math.max(this.#ticks, due - SLICES);
    for (; this.#ticks < due; this.#ticks++) for (const call of this.#sliceOf(this.#ticks)) call.seal();
    this.#options.writer.tick();
    this.#options.onTick?.();
  }

  #dueTicks(): number {
    return Math.floor(this.#options.clock.mono() / TICK_MS);
  }

  #sliceOf(number: number): Set<CallCapture> {
    return this.#slices[number % SLICES]!;
  }

  /** Its ports are closed. */
  #forget(call: CallCapture): void {
    if (!this.#calls.delete(call.callId)) return;
    this.#note(call, true);
    this.#formerDropped += call.dropped;
    for (const slice of this.#slices) slice.delete(call);
  }

  #call(callId: string): CallCapture {
    const call = this.#calls.get(callId);
    if (call === undefined) throw new EarshotError('NOT_FOUND', 'this call is not captured.');
    return call;
  }
}

function closed({ track, packets }: CallCapture): ClosedCall {
  // Where an earlier start of the recorder put its records is not known here.
  const segments = track.epoch === 0 ? [...track.segments].sort() : [];
  return { segments, epoch: track.epoch, lastSequence: track.sequence, packets };
}

/** Packets that the kernel holds when the BYE is read are of the call: reads on until nothing more comes. */
async function drain(call: CallCapture): Promise<void> {
  for (let round = 0; round < DRAIN_ROUNDS; round++) {
    const before = call.packets;
    call.receive();
    await setImmediate();
    if (round > 0 && call.packets === before) return;
  }
}
