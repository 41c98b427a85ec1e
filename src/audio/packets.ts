import { payloadSamples, type PayloadCodec, type PayloadTypes } from './codecs.ts';
import { loudness } from './level.ts';
import type { CapturedEvent, CapturedReport, CapturedRtp, Stretch } from './types.ts';

/** Column values of `codec` that are not an index: a telephone event. */
export const EVENT = 255;
const MOST_CODECS = 250;
/** Five seconds of a stream. */
const FIRST_ROWS = 256;

/**
 * The header facts of one stream's packets, by columns (about 25 bytes a packet), in the order of arrival. What planning needs
 * and no more: an eight-hour call must not need its payload in memory.
 */
export class PacketTable {
  readonly stream: number;
  /** Stretches in which nothing may have been captured on purpose; µs, as the arrivals. */
  readonly unheard: readonly Stretch[];
  readonly #types: PayloadTypes;
  /** Codecs met so far; the column `codec` holds indexes into it. */
  readonly codecs: PayloadCodec[] = [];
  readonly reports: CapturedReport[] = [];
  count = 0;
  ssrc = new Uint32Array(FIRST_ROWS);
  sequence = new Uint16Array(FIRST_ROWS);
  timestamp = new Uint32Array(FIRST_ROWS);
  arrivalUs = new Float64Array(FIRST_ROWS);
  /** Samples per channel at the codec's own rate; 0 = none that can be decoded. */
  samples = new Uint16Array(FIRST_ROWS);
  codec = new Uint8Array(FIRST_ROWS);
  loudness = new Uint8Array(FIRST_ROWS);
  /** Events without a sequence number: counted, nothing else known. */
  looseEvents = 0;

  constructor(stream: number, types: PayloadTypes, unheard: readonly Stretch[] = []) {
    this.stream = stream;
    this.unheard = unheard;
    this.#types = types;
  }

  addRtp(packet: CapturedRtp): void {
    const codec = this.#types.codec(packet.payloadType);
    const row = this.#row(packet.ssrc, packet.sequence, packet.timestamp, packet.arrivalUs);
    this.codec[row] = this.#codecIndex(codec);
    this.samples[row] = payloadSamples(codec, packet.to - packet.from);
    this.loudness[row] = loudness(codec, packet.bytes, packet.from, packet.to);
  }

  addEvent(event: CapturedEvent): void {
    if (event.ssrc === undefined || event.sequence === undefined) {
      this.looseEvents++;
      return;
    }
    this.codec[this.#row(event.ssrc, event.sequence, event.timestamp, event.arrivalUs)] = EVENT;
  }

  addReport(report: CapturedReport): void {
    this.reports.push({ ...report });
  }

  /** The codec of a row; undefined = a telephone event. */
  codecOf(row: number): PayloadCodec | undefined {
    return this.codecs[this.codec[row]!];
  }

  #row(ssrc: number, sequence: number, timestamp: number, arrivalUs: number): number {
    if (this.count === this.ssrc.length) this.#grow();
    const row = this.count++;
    this.ssrc[row] = ssrc;
    this.sequence[row] = sequence;
    this.timestamp[row] = timestamp;
    this.arrivalUs[row] = arrivalUs;
    return row;
  }

  #codecIndex(codec: PayloadCodec): number {
    const known = this.codecs.indexOf(codec);
    if (known >= 0) return known;
    if (this.codecs.length === MOST_CODECS) return MOST_CODECS - 1;
    return this.codecs.push(codec) - 1;
  }

  #grow(): void {
    const size = 2 * this.ssrc.length;
    this.ssrc = grown(this.ssrc, new Uint32Array(size));
    this.sequence = grown(this.sequence, new Uint16Array(size));
    this.timestamp = grown(this.timestamp, new Uint32Array(size));
    this.arrivalUs = grown(this.arrivalUs, new Float64Array(size));
    this.samples = grown(this.samples, new Uint16Array(size));
    this.codec = grown(this.codec, new Uint8Array(size));
    this.loudness = grown(this.loudness, new Uint8Array(size));
  }
}

function grown<T extends Uint8Array | Uint16Array | Uint32Array | Float64Array>(old: T, fresh: T): T {
  fresh.set(old);
  return fresh;
}
