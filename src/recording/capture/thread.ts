import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../../base/clock.ts';
import { EarshotError, type ErrorCode } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { LogAlarm } from '../log/writer.ts';
import { packNotes } from './packed-notes.ts';
import type {
  CaptureRequest,
  DroppedPackets,
  FromWorker,
  Note,
  SourceChanged,
  StreamFigures,
  ToWorker,
  WorkerOptions,
  WorkerStatus,
} from './types.ts';

export interface ThreadEvents {
  readonly clock: Clock;
  readonly log: Log;
  readonly onSourceChanged: (change: SourceChanged) => void;
  readonly onDropped: (of: DroppedPackets) => void;
  readonly onAlarm: (alarm: LogAlarm) => void;
  readonly onFailed: (error: Error) => void;
}

interface Asked {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Of a thread that keeps what it has in memory of its own, little is young: a small young generation is looked through in half a millisecond. */
const MEMORY = { maxYoungGenerationSizeMb: 3 };
/** So long notes wait for a request to go with. */
const NOTES_MS = 20;
const SCRIPT = new URL('./worker.ts', import.meta.url);

/** Has loaded its script, and waits to be told what it is for. */
let warm: Worker | null = null;

/** Starts a thread ahead of its time: the next {@link CaptureWorker} need not wait for one to load. */
export async function warmThread(): Promise<void> {
  if (warm !== null) return;
  const thread = new Worker(SCRIPT, { resourceLimits: MEMORY });
  warm = thread;
  // It says that it has loaded.
  await new Promise((resolve) => thread.once('message', resolve));
}

function takeThread(options: WorkerOptions): Worker {
  const thread = warm;
  warm = null;
  if (thread === null) return new Worker(SCRIPT, { workerData: options, resourceLimits: MEMORY });
  thread.postMessage(options);
  return thread;
}

/** One capture thread as the main thread sees it: questions and their answers. */
export class CaptureWorker {
  /** Calls that were given to it. */
  calls = 0;
  status: WorkerStatus | null = null;
  #figures: ReadonlyMap<string, readonly StreamFigures[]> = new Map();
  /** Rejects when the thread cannot start. */
  readonly ready: Promise<void>;
  readonly #thread: Worker;
  readonly #events: ThreadEvents;
  readonly #asked = new Map<number, Asked>();
  readonly #exited: Promise<void>;
  #nextId = 1;
  #notes: Note[] = [];
  #notesTimer: Timer | null = null;
  #isStopping = false;
  #failure: Error | null = null;

  constructor(options: WorkerOptions, events: ThreadEvents) {
    this.#events = events;
    this.#thread = takeThread(options);
    const started = Promise.withResolvers<void>();
    this.ready = started.promise;
    this.#thread.on('message', (message: FromWorker) => {
      if (message.type === 'ready') started.resolve();
      else this.#hear(message);
    });
    this.#thread.on('error', (error) => {
      started.reject(error);
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    });
    this.#exited = new Promise((resolve) => {
      this.#thread.once('exit', () => {
        this.#fail(new Error('the capture thread ended'));
        resolve();
      });
    });
  }

  /** As of the last status; empty for a call that is not in it. */
  figuresOf(callId: string): readonly StreamFigures[] {
    return this.#figures.get(callId) ?? [];
  }

  /** @throws EarshotError as the thread said */
  ask(request: CaptureRequest): Promise<unknown> {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#post({ id, request });
    });
  }

  /** Goes with the next request, or soon: each message wakes the thread, and a call has more notes than requests. */
  note(note: Note): void {
    this.#notes.push(note);
    this.#notesTimer ??= this.#events.clock.after(NOTES_MS, () => this.#post(null));
  }

  #post(asked: ToWorker['asked']): void {
    const notes = this.#notes.length === 0 ? null : packNotes(this.#notes);
    this.#notes = [];
    this.#notesTimer?.cancel();
    this.#notesTimer = null;
    const transfer = notes === null ? [] : [notes.bytes.buffer];
    if (this.#failure === null) this.#thread.postMessage({ notes, asked } satisfies ToWorker, transfer);
  }

  async shutdown(): Promise<void> {
    if (this.#failure !== null) return;
    this.#isStopping = true;
    await this.ask({ op: 'shutdown' });
    await this.#thread.terminate();
    await this.#exited;
  }

  #hear(message: Exclude<FromWorker, { type: 'ready' }>): void {
    switch (message.type) {
      case 'answer':
        this.#take(message.id)?.resolve(message.value);
        break;
      case 'refused':
        this.#take(message.id)?.reject(new EarshotError(message.code as ErrorCode, message.message, message));
        break;
      case 'status':
        this.status = message.status;
        this.#figures = new Map(message.status.calls.map(({ callId, streams }) => [callId, streams]));
        break;
      case 'source':
        this.#events.onSourceChanged(message.change);
        break;
      case 'dropped':
        this.#events.onDropped(message.of);
        break;
      case 'alarm':
        this.#events.onAlarm(message.alarm);
        break;
      case 'log':
        this.#events.log[message.level](message.fields, message.message);
        break;
    }
  }

  #take(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    return asked;
  }

  #fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    for (const { reject } of this.#asked.values()) reject(error);
    this.#asked.clear();
    if (!this.#isStopping) this.#events.onFailed(error);
  }
}
