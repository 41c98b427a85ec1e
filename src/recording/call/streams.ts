import type { StreamFacts } from '../../intake/types.ts';
import type { JournalStream } from '../../link/journal.ts';
import type { CaptureStreamState, PortPair, PortPoolPort } from '../ports.ts';

/** The streams of one call: their numbers in the audio log, their ports, and who speaks on them now. */
export class CallStreams {
  readonly #pool: PortPoolPort;
  readonly #sessionId: string;
  readonly #mediaRanges: readonly string[];
  readonly #byIndex = new Map<number, JournalStream>();
  readonly #taken: PortPair[] = [];

  constructor(pool: PortPoolPort, sessionId: string, mediaRanges: readonly string[]) {
    this.#pool = pool;
    this.#sessionId = sessionId;
    this.#mediaRanges = mediaRanges;
  }

  /** Takes up streams that a journal tells of, ports and all. */
  restore(streams: Iterable<JournalStream>): void {
    for (const stream of streams) {
      this.#byIndex.set(stream.index, stream);
      if (stream.rtpPort !== 0) this.#taken.push({ rtpPort: stream.rtpPort, rtcpPort: stream.rtpPort + 1 });
    }
    this.#pool.claim(this.#taken);
  }

  /**
   * Brings the streams in line with what the peer describes; new ones get adjacent ports and the next number.
   * @throws EarshotError PORTS_EXHAUSTED; nothing is changed then
   */
  merge(facts: readonly StreamFacts[]): void {
    const isFresh = (stream: StreamFacts) =>
      stream.state !== 'removed' && (this.#byIndex.get(stream.index)?.rtpPort ?? 0) === 0;
    const fresh = this.#pool.take(facts.filter(isFresh).length);
    this.#taken.push(...fresh);
    for (const stream of facts) {
      const known = this.#byIndex.get(stream.index);
      const rtpPort = isFresh(stream) ? fresh.shift()!.rtpPort : (known?.rtpPort ?? 0);
      this.#byIndex.set(stream.index, this.#describe(stream, known?.stream ?? this.#byIndex.size, rtpPort));
    }
  }

  #describe(facts: StreamFacts, stream: number, rtpPort: number): JournalStream {
    const rtcpPort = facts.rtcpMux || rtpPort === 0 ? rtpPort : rtpPort + 1;
    const { index, label, speakers, codecs, state, sourceAddress, sourcePort, security } = facts;
    return {
      stream,
      index,
      sessionId: this.#sessionId,
      label,
      speakers,
      codecs,
      state,
      rtpPort,
      rtcpPort,
      sourceAddress,
      sourcePort,
      ...(security === undefined ? {} : { security }),
    };
  }

  release(): void {
    this.#pool.release(this.#taken.splice(0));
  }

  get journal(): readonly JournalStream[] {
    return [...this.#byIndex.values()];
  }

  /** What the capture must listen to. Streams that never had a port are left out. */
  get capture(): readonly CaptureStreamState[] {
    return this.journal
      .filter((stream) => stream.rtpPort !== 0)
      .map((stream) => ({
        stream: stream.stream,
        rtpPort: stream.rtpPort,
        rtcpPort: stream.rtcpPort,
        sourceAddress: stream.sourceAddress,
        sourcePort: stream.sourcePort,
        mediaRanges: this.#mediaRanges,
        telephoneEventTypes: stream.codecs
          .filter((codec) => codec.name === 'TELEPHONE-EVENT')
          .map((codec) => codec.payloadType),
        state: stream.state,
        ...(stream.security === undefined ? {} : { sealedKeys: stream.security.sealedKeys }),
      }));
  }
}
