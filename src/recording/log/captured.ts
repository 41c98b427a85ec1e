import type { Captured, CapturedEvent, CapturedReport, CapturedRtp } from '../../audio/types.ts';
import { RtpView } from '../../rtp/packet.ts';
import { readSenderReport, SENDER_REPORT_BYTES } from '../../rtp/rtcp.ts';
import { ENTRY_TYPES, EntryCursor, EVENT_ENTRY_BYTES } from './entries.ts';
import type { LogRecord } from './reader.ts';

/** The packets of a `packets` record in the order of their arrival; other kinds hold none. Payloads share the record's memory. */
export function* capturedOf(record: LogRecord): Generator<Captured> {
  for (const packet of new CapturedPackets(record)) yield { ...packet };
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const NO_BYTES = Buffer.alloc(0);

/**
 * The same without an object for each packet, since an hour of a call has hundreds of thousands: an RTP packet is the same object as the one
 * before it, written anew, so what is to be kept of it is taken before the next is asked for. Can be gone through once.
 */
export class CapturedPackets implements IterableIterator<Captured> {
  readonly #body: Buffer;
  readonly #entries: EntryCursor;
  readonly #view = new RtpView();
  readonly #rtp: Writable<CapturedRtp>;
  readonly #step: { done: false; value: Captured };

  constructor({ kind, body, baseUs }: LogRecord) {
    this.#body = kind === 'packets' ? body : NO_BYTES;
    this.#entries = new EntryCursor(this.#body, baseUs);
    const nothing = { stream: 0, arrivalUs: 0, payloadType: 0, sequence: 0, timestamp: 0, ssrc: 0, marker: false };
    this.#rtp = { kind: 'rtp', ...nothing, bytes: this.#body, from: 0, to: 0 };
    this.#step = { done: false, value: this.#rtp };
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(): IteratorResult<Captured, undefined> {
    while (this.#entries.next()) {
      const captured = this.#captured();
      if (captured === null) continue;
      this.#step.value = captured;
      return this.#step;
    }
    return { done: true, value: undefined };
  }

  #captured(): Captured | null {
    const { type } = this.#entries;
    if (type === ENTRY_TYPES.rtp) return this.#readRtp();
    if (type === ENTRY_TYPES.report) return reportOf(this.#body, this.#entries);
    return type === ENTRY_TYPES.event ? eventOf(this.#body, this.#entries) : null;
  }

  #readRtp(): Captured | null {
    const view = this.#view;
    const { stream, arrivalUs, start, end } = this.#entries;
    if (!view.read(this.#body, start, end)) return null;
    const rtp = this.#rtp;
    rtp.stream = stream;
    rtp.arrivalUs = arrivalUs;
    rtp.payloadType = view.payloadType;
    rtp.sequence = view.sequence;
    rtp.timestamp = view.timestamp;
    rtp.ssrc = view.ssrc;
    rtp.marker = view.marker;
    rtp.from = view.payloadStart;
    rtp.to = view.payloadEnd;
    return rtp;
  }
}

function reportOf(body: Buffer, { stream, arrivalUs, start, end }: EntryCursor): CapturedReport | null {
  if (end - start < SENDER_REPORT_BYTES) return null;
  const { ssrc, ntpMs, rtpTimestamp } = readSenderReport(body, start);
  return ntpMs === null ? null : { kind: 'sr', stream, arrivalUs, ssrc, ntpMs, rtpTimestamp };
}

function eventOf(body: Buffer, { stream, arrivalUs, start, end }: EntryCursor): CapturedEvent | null {
  if (end - start < EVENT_ENTRY_BYTES) return null;
  const ssrc = body.readUInt32BE(start);
  const sequence = body.readUInt16BE(start + 4);
  const timestamp = body.readUInt32BE(start + 6);
  const durationTicks = body.readUInt16BE(start + 10);
  const masked = { kind: 'event', stream, arrivalUs, timestamp, durationTicks, ssrc, sequence } as const;
  return end - start === EVENT_ENTRY_BYTES ? masked : { ...masked, event: body[start + EVENT_ENTRY_BYTES]! };
}
