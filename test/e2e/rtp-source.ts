import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';

export interface MediaTarget {
  readonly address: string;
  readonly port: number;
}

const PACKET_MS = 20;
const PACKET = 160;
/** Ticks a millisecond. */
const TICKS = 8;

/** One stream of a call as a peer sends it: its timestamps follow the time that passes, also while it is silent. */
export class RtpSource {
  readonly port: number;
  target: MediaTarget | undefined;
  readonly #socket: Socket;
  readonly #payloadType: number;
  readonly #bornAt = performance.now();
  #sequence = 1000;
  #timestamp = 0;

  private constructor(socket: Socket, payloadType: number) {
    this.#socket = socket;
    this.#payloadType = payloadType;
    this.port = socket.address().port;
  }

  static async open(address: string, payloadType = 0): Promise<RtpSource> {
    const socket = createSocket('udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    return new RtpSource(socket, payloadType);
  }

  /** Sends the payload at the pace of speech, a packet at least; resolves when the last packet's time has passed. */
  async speak(payload: Buffer): Promise<void> {
    this.#catchUp();
    const start = performance.now();
    for (let index = 0; index < payload.length / PACKET; index++) {
      await until(start + index * PACKET_MS);
      this.#send(
        this.#payloadType,
        index === 0,
        this.#timestamp,
        payload.subarray(index * PACKET, (index + 1) * PACKET),
      );
      this.#timestamp += PACKET;
    }
    await until(start + (payload.length / PACKET) * PACKET_MS);
  }

  /** A key pressed for `packets` × 20 ms (RFC 4733), its end told three times. */
  async press(payloadType: number, event: number, packets: number): Promise<void> {
    this.#catchUp();
    const start = performance.now();
    const timestamp = this.#timestamp;
    for (let index = 0; index < packets + 2; index++) {
      await until(start + index * PACKET_MS);
      const last = index >= packets - 1;
      const body = Buffer.from([event, (last ? 0x80 : 0) | 10, 0, 0]);
      body.writeUInt16BE(Math.min(index + 1, packets) * PACKET, 2);
      this.#send(payloadType, index === 0, timestamp, body);
    }
    this.#timestamp = timestamp + (packets + 2) * PACKET;
    await until(start + (packets + 2) * PACKET_MS);
  }

  close(): void {
    this.#socket.close();
  }

  #catchUp(): void {
    const now = Math.floor((performance.now() - this.#bornAt) / PACKET_MS) * PACKET_MS * TICKS;
    this.#timestamp = Math.max(this.#timestamp, now);
  }

  #send(payloadType: number, marker: boolean, timestamp: number, payload: Buffer): void {
    if (this.target === undefined) throw new Error('this stream has nowhere to go');
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = payloadType | (marker ? 0x80 : 0);
    header.writeUInt16BE(this.#sequence++, 2);
    header.writeUInt32BE(timestamp, 4);
    header.writeUInt32BE(this.port, 8);
    this.#socket.send(Buffer.concat([header, payload]), this.target.port, this.target.address);
  }
}

function until(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, time - performance.now())));
}
