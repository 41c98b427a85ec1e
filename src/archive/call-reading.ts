import type { Captured, CaptureSource, Stretch } from '../audio/types.ts';
import { freeBytes } from '../base/free-bytes.ts';
import type { CallState } from '../link/fold.ts';
import { capturedOf, CapturedPackets } from '../recording/log/captured.ts';
import type { LogGap, LogItem, LogRecord, ReadCallOptions } from '../recording/log/reader.ts';
import { KeptRecords } from './kept-records.ts';
import { isWithin } from './wanted.ts';
import type { CallLog } from './types.ts';

/** A failure of the audio log itself: the attempt is made again, whoever was reading. */
export class LogFailure extends Error {}

/** Calls up to this size (about a quarter of an hour of two streams) are kept from the first reading on, so that they are opened once. */
const MOST_KEPT_BYTES = 16 * 1024 * 1024;

/** Reads one ended call, as often as is needed; of a long one, a record is in memory at a time. */
export class CallReading implements CaptureSource {
  readonly #log: CallLog;
  readonly #options: ReadCallOptions;
  #survey: Survey | null = null;
  /** All of a short call, in order, once it has been read to its end. */
  #kept: KeptRecords | null = null;

  constructor(log: CallLog, call: CallState) {
    this.#log = log;
    const last = call.ended === null ? undefined : { epoch: call.epoch, sequence: call.ended.lastSequence };
    this.#options = {
      callId: call.callId,
      segments: call.ended?.segments ?? [],
      ...(last === undefined || last.sequence === 0 ? {} : { last }),
    };
  }

  /** @throws LogFailure */
  async *items(): AsyncGenerator<LogItem> {
    if (this.#kept !== null) return yield* this.#kept.items;
    const seen = new Surveyor();
    const kept = new KeptRecords();
    let bytes = 0;
    try {
      for await (const item of this.#log.readCall(this.#options)) {
        seen.take(item);
        bytes += item.kind === 'gap' ? 0 : item.body.length;
        if (bytes <= MOST_KEPT_BYTES) {
          yield kept.keep(item);
          continue;
        }
        kept.release();
        yield item;
        // Notes stay: the survey holds them.
        if (item.kind === 'packets') freeBytes(item.body);
      }
    } catch (error) {
      throw new LogFailure('the audio log could not be read', { cause: error });
    }
    this.#survey ??= seen.survey;
    if (bytes <= MOST_KEPT_BYTES) this.#kept = kept;
  }

  /** What the first whole reading saw; reads the call only if nobody has yet. @throws LogFailure */
  async survey(): Promise<Survey> {
    if (this.#survey === null) for await (const _ of this.items());
    return this.#survey ?? new Surveyor().survey;
  }

  /** Gives back the memory of what was kept; the call can still be read anew. */
  release(): void {
    this.#kept?.release();
    this.#kept = null;
  }

  /** Record by record. @throws LogFailure */
  async *packets(): AsyncGenerator<Iterable<Captured>> {
    for await (const item of this.items()) if (item.kind === 'packets') yield new CapturedPackets(item);
  }
}

/** Packets this long before and after a recording are looked at as well: late ones belong to it, and they tell the senders' clocks. */
const MARGIN_US = 5_000_000;

/** The packets of a part of a call. What is counted of them is counted for that part. */
export class PartialReading implements CaptureSource {
  readonly #reading: CallReading;
  readonly #from: number;
  readonly #to: number;

  constructor(reading: CallReading, { fromUs, toUs }: Stretch) {
    this.#reading = reading;
    this.#from = (fromUs ?? Number.NEGATIVE_INFINITY) - MARGIN_US;
    this.#to = (toUs ?? Number.POSITIVE_INFINITY) + MARGIN_US;
  }

  /** @throws LogFailure */
  async *packets(): AsyncGenerator<Iterable<Captured>> {
    for await (const batch of this.#reading.packets()) yield this.#within(batch);
  }

  *#within(batch: Iterable<Captured>): Generator<Captured> {
    for (const packet of batch) if (packet.arrivalUs >= this.#from && packet.arrivalUs < this.#to) yield packet;
  }
}

/** Notes up to this size in all are kept from the first reading on. */
const MOST_NOTE_BYTES = 4 * 1024 * 1024;

/** What a reading tells besides the packets. */
export interface Survey {
  readonly gaps: readonly LogGap[];
  readonly hasPackets: boolean;
  /** SIP trace and raw metadata; null = there is more than one should hold. */
  readonly notes: readonly LogRecord[] | null;
}

class Surveyor {
  readonly #gaps: LogGap[] = [];
  readonly #notes: LogRecord[] = [];
  #noteBytes = 0;
  #hasPackets = false;

  take(item: LogItem): void {
    if (item.kind === 'gap') {
      this.#gaps.push(item);
    } else if (item.kind === 'packets') {
      this.#hasPackets = true;
    } else {
      this.#noteBytes += item.body.length;
      if (this.#noteBytes <= MOST_NOTE_BYTES) this.#notes.push(item);
      else this.#notes.length = 0;
    }
  }

  get survey(): Survey {
    const notes = this.#noteBytes <= MOST_NOTE_BYTES ? this.#notes : null;
    return { gaps: this.#gaps, hasPackets: this.#hasPackets, notes };
  }
}

/**
 * The call's notes as JSON lines: `kind` (`trace` or `metadata`), `atUs` since the call's opening, and `text`, or `base64` where the bytes are
 * not UTF-8. As they were captured, secrets masked.
 * @param left what was paused or destroyed, and is left out
 */
export async function* traceLines(reading: CallReading, left: readonly Stretch[]): AsyncGenerator<Buffer> {
  const { notes } = await reading.survey();
  for await (const item of notes ?? reading.items()) {
    if (item.kind === 'gap' || item.kind === 'packets' || isWithin(left, item.baseUs)) continue;
    yield Buffer.from(`${JSON.stringify({ kind: item.kind, atUs: item.baseUs, ...textOf(item) })}\n`);
  }
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(record: LogRecord): { text: string } | { base64: string } {
  try {
    return { text: utf8.decode(record.body) };
  } catch {
    return { base64: record.body.toString('base64') };
  }
}

export const PACKETS_MAGIC = 'earshot-rtp/1\n';
const RECORD_HEAD = 12;
/** What arrives so soon after a stretch that is left out may hold sound of it, and cannot be cut here. */
const LONGEST_PACKET_US = 120_000;

/**
 * The RTP packets of the given streams as they arrived, for a later version that can decode them. After the magic line, for each packet:
 * length of what follows (uint32), stream (uint16), arrival (48 bits, µs since the call's opening, 0 at least), RTP header of 12 bytes,
 * payload. Big-endian.
 * @param left what nobody wanted, and is left out
 * @param gone what was paused or destroyed: no sound of it may be in a packet
 */
export async function* rawPackets(
  reading: CallReading,
  streams: ReadonlySet<number> | 'all',
  { left, gone }: { readonly left: readonly Stretch[]; readonly gone: readonly Stretch[] },
): AsyncGenerator<Buffer> {
  yield Buffer.from(PACKETS_MAGIC);
  for await (const item of reading.items()) {
    if (item.kind !== 'packets') continue;
    for (const packet of capturedOf(item)) {
      if (packet.kind !== 'rtp' || (streams !== 'all' && !streams.has(packet.stream))) continue;
      if (isWithin(left, packet.arrivalUs) || isWithin(gone, packet.arrivalUs, LONGEST_PACKET_US)) continue;
      const head = Buffer.alloc(RECORD_HEAD + 12);
      head.writeUInt32BE(8 + 12 + packet.to - packet.from, 0);
      head.writeUInt16BE(packet.stream, 4);
      head.writeUIntBE(Math.max(0, Math.round(packet.arrivalUs)), 6, 6);
      head[12] = 0x80;
      head[13] = (packet.marker ? 0x80 : 0) | packet.payloadType;
      head.writeUInt16BE(packet.sequence, 14);
      head.writeUInt32BE(packet.timestamp, 16);
      head.writeUInt32BE(packet.ssrc, 20);
      yield Buffer.concat([head, packet.bytes.subarray(packet.from, packet.to)]);
    }
  }
}
