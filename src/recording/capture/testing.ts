import type { Clock } from '../../base/clock.ts';
import { Peers } from './source/peers.ts';
import { Datagram, type BoundPort, type Hear, type PacketSource } from './source/source.ts';

/** A source whose datagrams a test says. */
export class SpokenSource implements PacketSource {
  readonly peers = new Peers();
  /** What each port says that the kernel threw away. */
  dropped = 0;
  /** By port. */
  readonly bound = new Map<number, Hear>();
  readonly #clock: Clock;
  readonly #datagram = new Datagram();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async bind(port: number, _ipv6: boolean, hear: Hear): Promise<BoundPort> {
    this.bound.set(port, hear);
    const close = () => void this.bound.delete(port);
    const dropped = () => this.dropped;
    return {
      get dropped() {
        return dropped();
      },
      receive: () => undefined,
      close,
    };
  }

  receive(): void {}

  /** A datagram comes to a port, now; in the midst of others, as in a buffer that is read in batches. */
  hear(port: number, bytes: Buffer, address: string, fromPort: number): void {
    const start = 7;
    const datagram = this.#datagram;
    datagram.bytes = Buffer.concat([Buffer.alloc(start, 0xaa), bytes, Buffer.alloc(9, 0x55)]);
    datagram.start = start;
    datagram.end = start + bytes.length;
    datagram.peer = this.peers.number(address, fromPort);
    datagram.atUs = Math.round(this.#clock.mono() * 1000);
    this.bound.get(port)?.(datagram);
  }
}
