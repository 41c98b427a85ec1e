/**
 * Telephone-events (RFC 4733, 2.3). The digit stands in the first byte; nothing here reads it, so that it cannot leave:
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |     event     |E|R| volume    |          duration             |
 * ```
 */
export interface MaskedEvent {
  readonly ssrc: number;
  /** RTP timestamp of the event's beginning. */
  readonly timestamp: number;
  /** RTP ticks. */
  readonly durationTicks: number;
  /** Arrival of the event's first packet, in the caller's unit. */
  readonly arrival: number;
}

const EVENT_BYTES = 4;
const END_AND_VOLUME = 1;
const DURATION = 2;
const END = 0x80;
/** Repeated end packets may overtake the next event; this many finished ones are remembered. */
const REMEMBERED = 8;

interface OpenEvent {
  ssrc: number;
  timestamp: number;
  durationTicks: number;
  arrival: number;
}

/** Joins the packets of one stream's events: one event = one (SSRC, timestamp), its end packet comes three times. */
export class EventTracker {
  #open: OpenEvent | null = null;
  readonly #finished: { ssrc: number; timestamp: number }[] = [];

  /**
   * Takes a packet of a telephone-event payload type.
   * @param payload bytes of the datagram; the event stands at `start`, the packet ends before `end`
   * @returns the event that this packet finished, or null. An event whose end packets were lost is finished by the next.
   */
  push(
    ssrc: number,
    timestamp: number,
    arrival: number,
    payload: Buffer,
    start: number,
    end: number,
  ): MaskedEvent | null {
    if (end - start < EVENT_BYTES || this.#isFinished(ssrc, timestamp)) return null;
    const durationTicks = payload.readUInt16BE(start + DURATION);
    const ends = (payload[start + END_AND_VOLUME]! & END) !== 0;
    let lost: MaskedEvent | null = null;
    if (this.#open === null || this.#open.ssrc !== ssrc || this.#open.timestamp !== timestamp) {
      lost = this.finish();
      this.#open = { ssrc, timestamp, durationTicks, arrival };
    }
    this.#open.durationTicks = Math.max(this.#open.durationTicks, durationTicks);
    // Both at once (an event of a single packet after one that lost its end): the later one waits for its repetition.
    if (!ends || lost !== null) return lost;
    return this.finish();
  }

  /** Ends the event that is open, if one is: its stream stopped. */
  finish(): MaskedEvent | null {
    const event = this.#open;
    this.#open = null;
    if (event === null) return null;
    this.#finished.push({ ssrc: event.ssrc, timestamp: event.timestamp });
    if (this.#finished.length > REMEMBERED) this.#finished.shift();
    return event;
  }

  #isFinished(ssrc: number, timestamp: number): boolean {
    return this.#finished.some((event) => event.ssrc === ssrc && event.timestamp === timestamp);
  }
}
