import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { OpenEncoder, OpusForm } from './opus-worker.ts';

const SCRIPT = new URL('./opus-worker.ts', import.meta.url);

/** Runs while there are encoders. */
let thread: Worker | null = null;
let encoders = 0;

/**
 * Encodes in a thread that all encoders share: however many recordings are fetched, they take none of the main thread's time and
 * one processor at most.
 */
export class OpusEncoder {
  readonly #port: MessagePort;
  #asked: PromiseWithResolvers<Uint8Array[]> | null = null;
  #ended = false;
  #closed = false;

  constructor(form: OpusForm) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (answer: Uint8Array[] | Error) => {
      if (answer instanceof Error) this.#asked?.reject(answer);
      else this.#asked?.resolve(answer);
    });
    // Also when the thread fails.
    port1.once('close', () => {
      this.#ended = true;
      this.#asked?.reject(new Error('the encoder has ended.'));
    });
    const open: OpenEncoder = { form, port: port2 };
    thread ??= startThread();
    thread.postMessage(open, [port2]);
    encoders++;
  }

  /** The packets of whole frames, together of the size that the form says; one call at a time. */
  async encode(pcm: Int16Array): Promise<Uint8Array[]> {
    if (this.#ended) throw new Error('the encoder has ended.');
    this.#asked = Promise.withResolvers();
    this.#port.postMessage(pcm);
    return this.#asked.promise;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#port.close();
    if (--encoders > 0) return;
    void thread?.terminate();
    thread = null;
  }
}

function startThread(): Worker {
  const started = new Worker(SCRIPT);
  started.once('error', () => {
    if (thread === started) thread = null;
  });
  return started;
}
