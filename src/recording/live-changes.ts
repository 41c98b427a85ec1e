import type { LiveCall, LiveMedia, LiveMessage } from '../link/messages.ts';
import type { RecordedCall } from './call/call.ts';
import { liveCall } from './live.ts';
import type { CapturePort } from './ports.ts';

/**
 * Finds what has changed among the running calls since it was told last, so that thousands of them cost a service that listens little. Every
 * change of a call is journalled, so the number of its entries tells of one.
 */
export class LiveChanges {
  readonly #running: () => readonly RecordedCall[];
  readonly #capture: Pick<CapturePort, 'figures'>;
  /** By call: entries when it was told last. */
  #told = new Map<string, number>();

  constructor(running: () => readonly RecordedCall[], capture: Pick<CapturePort, 'figures'>) {
    this.#running = running;
    this.#capture = capture;
  }

  /** For a listener that knows nothing; those who listen already are not wronged by it either. */
  whole(): LiveMessage {
    this.#told = new Map();
    return { ...this.next(), isWhole: true };
  }

  /** What is new, changed or over since the last message. */
  next(): LiveMessage {
    const told = new Map<string, number>();
    const calls: LiveCall[] = [];
    for (const call of this.#running()) {
      if (call.phase !== 'running') continue;
      const { callId } = call.identity;
      if (this.#told.get(callId) !== call.entries) calls.push(liveCall(call, this.#capture.figures(callId)));
      told.set(callId, call.entries);
    }
    const over = [...this.#told.keys()].filter((callId) => !told.has(callId));
    this.#told = told;
    return { type: 'live', isWhole: false, calls, over, media: [] };
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
