import type { Socket } from 'node:dgram';

/** One direction of a test call's audio, already encoded: one byte a sample, 8 kHz. */
export interface StreamSenderOptions {
  readonly socket: Socket;
  readonly address: string;
  readonly port: number;
  readonly payloadType: number;
  readonly ssrc: number;
  readonly firstSequence: number;
  readonly firstTimestamp: number;
  readonly audio: Uint8Array;
  /** What makes SRTP of each packet; left out: plain RTP. */
  readonly protect?: (packet: Buffer) => Buffer;
  /** Which packet leaves when, and whether at all; left out: each in its turn. */
  readonly impair?: (index: number) => readonly number[];
}

export const PACKET_MS = 20;
export const PACKET_SAMPLES = 160;
const HEADER = 12;

/** Sends G.711 as RTP (RFC 3550, 20 ms a packet) at the pace of the clock that drives {@link advance}. */
export class StreamSender {
  readonly #options: StreamSenderOptions;
  readonly #packets: number;
  #next = 0;
  sent = 0;

  constructor(options: StreamSenderOptions) {
    this.#options = options;
    this.#packets = Math.floor(options.audio.length / PACKET_SAMPLES);
  }

  get done(): boolean {
    return this.#next >= this.#packets;
  }

  /** Sends every packet whose time has come, `elapsedMs` after the first one's. */
  advance(elapsedMs: number): void {
    while (!this.done && this.#next * PACKET_MS <= elapsedMs) {
      const indexes = this.#options.impair?.(this.#next) ?? [this.#next];
      for (const index of indexes) this.#send(index);
      this.#next += 1;
    }
  }

  #send(index: number): void {
    const { socket, address, port, payloadType, ssrc, firstSequence, firstTimestamp, audio, protect } = this.#options;
    if (index < 0 || index >= this.#packets) return;
    const packet = Buffer.allocUnsafe(HEADER + PACKET_SAMPLES);
    packet[0] = 0x80;
    packet[1] = payloadType | (index === 0 ? 0x80 : 0);
    packet.writeUInt16BE((firstSequence + index) & 0xffff, 2);
    packet.writeUInt32BE((firstTimestamp + index * PACKET_SAMPLES) >>> 0, 4);
    packet.writeUInt32BE(ssrc >>> 0, 8);
    packet.set(audio.subarray(index * PACKET_SAMPLES, (index + 1) * PACKET_SAMPLES), HEADER);
    socket.send(protect === undefined ? packet : protect(packet), port, address);
    this.sent += 1;
  }
}
