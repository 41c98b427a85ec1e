import type { CallsChange } from '../../api/context.ts';
import type { LiveCall, LiveMedia, LiveMessage, LiveStream } from '../../link/messages.ts';

/** The calls that run now, as the recorder's messages tell bit by bit. */
export class LiveCalls {
  readonly #calls = new Map<string, LiveCall>();
  /** Newer figures than those in the call itself. */
  readonly #media = new Map<string, LiveMedia[1]>();

  all(): readonly LiveCall[] {
    return [...this.#calls.values()].map((call) => withMedia(call, this.#media.get(call.callId)));
  }

  /** What has changed by this message, counters aside. */
  take({ isWhole, calls, over, media }: LiveMessage): CallsChange {
    const told = new Set(calls.map(({ callId }) => callId));
    const gone = isWhole ? [...this.#calls.keys()].filter((callId) => !told.has(callId)) : over;
    for (const callId of gone) {
      this.#calls.delete(callId);
      this.#media.delete(callId);
    }
    for (const call of calls) {
      this.#calls.set(call.callId, call);
      this.#media.delete(call.callId);
    }
    for (const [callId, streams] of media) if (this.#calls.has(callId)) this.#media.set(callId, streams);
    return { calls, over: gone };
  }
}

function withMedia(call: LiveCall, media: LiveMedia[1] | undefined): LiveCall {
  if (media === undefined) return call;
  const figures = new Map(media.map((of) => [of[0], of]));
  return { ...call, streams: call.streams.map((stream) => newer(stream, figures.get(stream.stream))) };
}

function newer(stream: LiveStream, of: LiveMedia[1][number] | undefined): LiveStream {
  if (of === undefined) return stream;
  const [, packets, bytes, foreign, silentFor] = of;
  return { ...stream, packets, bytes, foreign, silentFor };
}
