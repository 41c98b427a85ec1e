import type { StreamFacts } from '../../intake/types.ts';
import type { JournalStream } from '../../link/journal.ts';
import type { CaptureStreamState, PortPair, PortPoolPort } from '../ports.ts';

/** The streams of one call: their numbers in the audio log, their ports, and who speaks on them now. */
export class CallStreams {
  readonly #pool: PortPoolPort;
  readonly #sessionId: string;
  readonly #mediaRanges: readonly string[];
  readonly #byIndex = new Map<number, JournalStream>();
  #taken: PortPair[] = [];
  /** Indexes of the streams that the last {@link merge} took ports for. */
  #fresh: readonly number[] = [];

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
    this.#fresh = facts.filter(isFresh).map(({ index }) => index);
    for (const stream of facts) {
      const known = this.#byIndex.get(stream.index);
      const rtpPort = isFresh(stream) ? fresh.shift()!.rtpPort : (known?.rtpPort ?? 0);
      this.#byIndex.set(stream.index, this.#describe(stream, known?.stream ?? this.#byIndex.size, rtpPort));
    }
  }

  /**
   * Other ports for the streams that the last {@link merge} took some for: somebody else has one of them. The ones given back rest.
   * @throws EarshotError PORTS_EXHAUSTED; nothing is changed then
   */
  moveElsewhere(): void {
    const streams = this.#fresh.map((index) => this.#byIndex.get(index)!);
    const pairs = this.#pool.take(streams.length);
    const left = new Set(streams.map(({ rtpPort }) => rtpPort));
    this.#pool.release(this.#taken.filter(({ rtpPort }) => left.has(rtpPort)));
    this.#taken = [...this.#taken.filter(({ rtpPort }) => !left.has(rtpPort)), ...pairs];
    streams.forEach((stream, at) => {
      const { rtpPort } = pairs[at]!;
      const rtcpPort = stream.rtcpPort === stream.rtpPort ? rtpPort : rtpPort + 1;
      this.#byIndex.set(stream.index, { ...stream, rtpPort, rtcpPort });
    });
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

  /** Their descriptions; what is left of them is in the journal. */
  forget(): void {
    this.#byIndex.clear();
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
        telephoneEventTypes: eventTypesOf(stream),
        state: stream.state,
        ...(stream.security === undefined ? {} : { sealedKeys: stream.security.sealedKeys }),
      }));
  }
}

/** What most devices send telephone-events as, also some that do not say so. */
const USUAL_EVENT_TYPE = 101;

/** A digit that nobody announced must not be kept either: where no type is named, the usual one counts, unless it is something else. */
function eventTypesOf({ codecs }: JournalStream): number[] {
  const named = codecs.filter(({ name }) => name === 'TELEPHONE-EVENT').map(({ payloadType }) => payloadType);
  if (named.length > 0) return named;
  return codecs.some(({ payloadType }) => payloadType === USUAL_EVENT_TYPE) ? [] : [USUAL_EVENT_TYPE];
}
