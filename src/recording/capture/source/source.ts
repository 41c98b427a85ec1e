import type { Peers } from './peers.ts';

/**
 * A datagram where it lies in its source's memory. One object serves all datagrams of a source, so that none costs an allocation: it holds
 * until the function that hears it returns, and so do the bytes. They may be changed in place (SRTP).
 */
export class Datagram {
  bytes: Buffer = Buffer.alloc(0);
  /** Where it stands in `bytes`; `end` is the first byte after it. */
  start = 0;
  end = 0;
  /** Who sent it, by the number that the source's {@link Peers} know it by. */
  peer = -1;
  /** Arrival, monotonic, whole µs. Never goes back on one port. */
  atUs = 0;
}

export type Hear = (datagram: Datagram) => void;

/** Where datagrams come from: sockets of Node's, sockets read in batches, or a test's own. */
export interface PacketSource {
  readonly peers: Peers;
  /** @throws EarshotError PORT_IN_USE, UNAVAILABLE */
  bind(port: number, ipv6: boolean, hear: Hear): Promise<BoundPort>;
  /** Hands over what has arrived on all ports, where the source waits to be asked; wanted every 50 ms. */
  receive(): void;
}

export interface BoundPort {
  /** Datagrams that the kernel threw away as the socket was full; 0 where the source cannot tell. */
  readonly dropped: number;
  /** Hands over at once what has arrived here, where the source can; nothing within a {@link Hear}. */
  receive(): void;
  /** Idempotent; no datagram is handed over afterwards. */
  close(): void;
}
