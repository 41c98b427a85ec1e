import type { LiveCall, LiveMedia, LiveMessage } from '../link/messages.ts';
import type { RecordedCall } from './call/call.ts';
import { liveCall } from './live.ts';
import type { CapturePort } from './ports.ts';

/** Where the calls are. */
export interface RunningCalls {
  /** Those that are set up or running now. */
  readonly running: Iterable<RecordedCall>;
  call(callId: string): RecordedCall | undefined;
}

/**
 * Finds what has changed among the running calls since it was told last, so that thousands of them cost a service that listens little. Every
 * change of a call is journalled, so the number of its entries tells of one.
 */
export class LiveChanges {
  readonly #calls: RunningCalls;
  readonly #capture: Pick<CapturePort, 'figures'>;
  /** By call: entries when it was told last. */
  readonly #told = new Map<string, number>();

  constructor(calls: RunningCalls, capture: Pick<CapturePort, 'figures'>) {
    this.#calls = calls;
    this.#capture = capture;
  }

  /** For a listener that knows nothing; those who listen already are not wronged by it either. */
  whole(): LiveMessage {
    this.#told.clear();
    return { ...this.next(), isWhole: true };
  }

  /** What is new, changed or over since the last message. */
  next(): LiveMessage {
    const calls: LiveCall[] = [];
    let running = 0;
    for (const call of this.#calls.running) {
      if (call.phase !== 'running') continue;
      running += 1;
      const { callId } = call.identity;
      if (this.#told.get(callId) === call.entries) continue;
      calls.push(liveCall(call, this.#capture.figures(callId)));
      this.#told.set(callId, call.entries);
    }
    const over = this.#told.size === running ? [] : this.#takeOver();
    return { type: 'live', isWhole: false, calls, over, media: [] };
  }

  /** Those that were told of and run no more; they are forgotten. */
  #takeOver(): string[] {
    const over = [...this.#told.keys()].filter((callId) => this.#calls.call(callId)?.phase !== 'running');
    for (const callId of over) this.#told.delete(callId);
    return over;
  }

  /** The same, and what the streams of all running calls have received. */
  nextWithMedia(): LiveMessage {
    const message = this.next();
    const fresh = new Set(message.calls.map(({ callId }) => callId));
    const media: LiveMedia[] = [];
    for (const callId of this.#told.keys()) {
      if (fresh.has(callId)) continue;
      const streams = this.#capture.figures(callId);
      media.push([
        callId,
        streams.map(({ stream, packets, bytes, foreign, msSinceLastPacket }) => {
          const silentFor = msSinceLastPacket === null ? null : Math.round(msSinceLastPacket);
          return [stream, packets, bytes, foreign, silentFor] as const;
        }),
      ]);
    }
    return { ...message, media };
  }
}
