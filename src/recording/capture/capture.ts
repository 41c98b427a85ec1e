import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { EarshotError, type ErrorCode, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { systemFiles } from '../log/files.ts';
import { SegmentFreer } from '../log/free.ts';
import type { LoggedCall } from '../log/holdings.ts';
import type { LogAlarm } from '../log/writer.ts';
import type { WantedReceiver } from './source/choose.ts';
import type { VoidRecords } from '../ports.ts';
import { CaptureWorker } from './thread.ts';
import type {
  CaptureCall,
  CaptureStream,
  CaptureTerms,
  ClosedCall,
  DroppedPackets,
  NoteKind,
  SourceChanged,
  StreamFigures,
  WorkerStatus,
} from './types.ts';

export interface CaptureOptions {
  /** `data/spool`; segments go to `audio/` in it. */
  readonly spoolDir: string;
  /** The node's spool recipient: X25519 public key, base64. */
  readonly recipient: string;
  readonly node: string;
  /** Capture threads. */
  readonly workers: number;
  /** Local address of the RTP sockets. */
  readonly rtpHost: string;
  readonly clock: Clock;
  readonly log: Log;
  /** `auto` if left out. */
  readonly receiver?: WantedReceiver;
  readonly receiveBufferBytes?: number;
  /** Opens the streams' sealed SRTP keys; base64. */
  readonly recorderKey?: string;
  /** Tests only: URL of a module whose `files` stands for the disk in the capture threads. */
  readonly filesModule?: string;
}

const RECEIVE_BUFFER_BYTES = 1024 * 1024;

/** Where the segments are. */
export function audioFolder(spoolDir: string): string {
  return join(spoolDir, 'audio');
}

/** @throws EarshotError DATA_UNWRITABLE, KEY_INVALID */
export async function openCapture(options: CaptureOptions): Promise<Capture> {
  const folder = audioFolder(options.spoolDir);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new EarshotError('DATA_UNWRITABLE', `cannot make ${folder}: ${messageOf(error)}.`, {
      key: 'data',
      cause: error,
    });
  }
  const capture = new Capture(options, folder);
  await capture.ready();
  return capture;
}

/** The capture as the recorder sees it: calls in, records on the disk; the work is done by threads. */
export class Capture {
  /** A stream's source was taken over by another. */
  onSourceChanged: (change: SourceChanged) => void = () => undefined;
  /** The kernel threw packets of a call away. */
  onDropped: (of: DroppedPackets) => void = () => undefined;
  onAlarm: (alarm: LogAlarm) => void = () => undefined;
  /** A thread ended although nobody asked it to: the recorder has to start again. */
  onFailed: (error: Error) => void = () => undefined;
  readonly #workers: readonly CaptureWorker[];
  readonly #byCall = new Map<string, CaptureWorker>();
  readonly #freer: SegmentFreer;
  readonly #clock: Clock;

  constructor(options: CaptureOptions, folder: string) {
    const { recipient, node, rtpHost, clock, log, recorderKey } = options;
    const { receiver = 'auto', receiveBufferBytes = RECEIVE_BUFFER_BYTES } = options;
    const secret = {
      ...(recorderKey === undefined ? {} : { recorderKey }),
      ...(options.filesModule === undefined ? {} : { filesModule: options.filesModule }),
    };
    this.#clock = clock;
    this.#freer = new SegmentFreer({ folder, files: systemFiles, log, clock, node });
    this.#workers = Array.from(
      { length: Math.max(1, options.workers) },
      (_, worker) =>
        new CaptureWorker(
          { worker, folder, recipient, node, rtpHost, receiver, receiveBufferBytes, ...secret },
          {
            clock,
            log,
            onSourceChanged: (change) => this.onSourceChanged(change),
            onDropped: (of) => this.onDropped(of),
            onAlarm: (alarm) => this.onAlarm(alarm),
            onFailed: (error) => this.onFailed(error),
          },
        ),
    );
  }

  /** Resolves when all threads run. */
  async ready(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.ready));
  }

  /** Binds the call's ports on the thread with the fewest calls. @throws EarshotError PORT_IN_USE, CONFLICT; nothing is bound then */
  async open(call: CaptureCall, streams: readonly CaptureStream[]): Promise<void> {
    if (this.#byCall.has(call.callId)) throw new EarshotError('CONFLICT', 'this call is captured already.');
    const worker = this.#workers.reduce((least, other) => (other.calls < least.calls ? other : least));
    this.#byCall.set(call.callId, worker);
    worker.calls++;
    try {
      await worker.ask({ op: 'open', call, streams });
    } catch (error) {
      this.#forget(call.callId);
      throw error;
    }
  }

  /**
   * The call's streams as signalling has them now: new ones are bound, missing or removed ones closed.
   * @throws EarshotError NOT_FOUND, PORT_IN_USE
   */
  async update(callId: string, streams: readonly CaptureStream[]): Promise<void> {
    await this.#worker(callId).ask({ op: 'update', callId, streams });
  }

  /** Resolves when it is in force. @throws EarshotError NOT_FOUND */
  async keep(callId: string, terms: CaptureTerms): Promise<void> {
    await this.#worker(callId).ask({ op: 'keep', callId, terms });
  }

  /** Keeps a SIP message or raw metadata in the log, beside the call's audio and sealed like it; whether the call is kept or not. */
  note(callId: string, kind: NoteKind, bytes: Uint8Array): void {
    this.#byCall.get(callId)?.note({ callId, kind, bytes });
  }

  /** Closes the ports; resolves when every record of the call is on the disk (half a second as a rule). */
  async close(callId: string): Promise<ClosedCall> {
    const closed = (await this.#worker(callId).ask({ op: 'close', callId })) as ClosedCall;
    this.#forget(callId);
    return closed;
  }

  /** Closes the ports and drops what is not written yet; records in segments go with them once the call counts as done. */
  async discard(callId: string): Promise<void> {
    await this.#worker(callId).ask({ op: 'discard', callId });
    this.#forget(callId);
  }

  /** Figures of a call's streams, at most a second old; empty before the first came. */
  figures(callId: string): readonly (StreamFigures & { readonly msSinceLastPacket: number | null })[] {
    const now = this.#clock.mono();
    return (this.#byCall.get(callId)?.figuresOf(callId) ?? []).map((stream) => withSilence(stream, now));
  }

  /** The latest figures of each thread, at most a second old. */
  status(): readonly WorkerStatus[] {
    return this.#workers.flatMap(({ status }) => (status === null ? [] : [status]));
  }

  /** Ids of all calls with records in the log; null when a part of it cannot be read. */
  listCalls(): Promise<Set<string> | null> {
    return this.#freer.listCalls();
  }

  /** What the log knows of the calls that are asked for. */
  describe(isAskedFor: (callId: string) => boolean): Promise<LoggedCall[]> {
    return this.#freer.describe(isAskedFor);
  }

  /** Removes closed segments all of whose calls are done. @returns their names */
  free(isDone: (callId: string) => boolean): Promise<string[]> {
    return this.#freer.free(isDone, () => this.#openSegments());
  }

  /** Carries what is still needed out of segments that are mostly done. A bounded piece of work. @returns the segments that went */
  carry(isDone: (callId: string) => boolean): Promise<string[]> {
    return this.#freer.carry(isDone, () => this.#openSegments());
  }

  /** Rewrites segments that hold something void without it. A bounded piece of work. @returns the segments that went */
  purge(isDone: (callId: string) => boolean, voids: VoidRecords): Promise<string[]> {
    return this.#freer.purge(isDone, () => this.#openSegments(), voids);
  }

  async #openSegments(): Promise<ReadonlySet<string>> {
    const states = await Promise.all(this.#workers.map((worker) => worker.ask({ op: 'status' })));
    return new Set((states as WorkerStatus[]).flatMap(({ log }) => log.open.map(({ name }) => name)));
  }

  /** Seals and syncs everything and ends the threads. Calls still open are resumed by the next start. */
  async shutdown(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.shutdown()));
  }

  #worker(callId: string): CaptureWorker {
    const worker = this.#byCall.get(callId);
    if (worker === undefined) throw new EarshotError('NOT_FOUND' satisfies ErrorCode, 'this call is not captured.');
    return worker;
  }

  #forget(callId: string): void {
    const worker = this.#byCall.get(callId);
    if (worker === undefined) return;
    worker.calls--;
    this.#byCall.delete(callId);
  }
}

function withSilence(stream: StreamFigures, now: number): StreamFigures & { msSinceLastPacket: number | null } {
  return { ...stream, msSinceLastPacket: stream.lastHeard === null ? null : Math.max(0, now - stream.lastHeard) };
}
