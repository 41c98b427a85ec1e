import type { SipMessage } from '../message.ts';
import type { SipParseError } from '../parse-error.ts';

export type Protocol = 'udp' | 'tcp' | 'tls';

/** Where a message came from. Addresses are plain (an IPv4 address that came through an IPv6 socket is IPv4). */
export interface Source {
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  /** Our own address and port as the peer sees them, without NAT. */
  readonly localAddress: string;
  readonly localPort: number;
  /** The connection it came by; undefined for datagrams. */
  readonly flow: number | undefined;
  /** Subject and alternative names of the peer's verified certificate; empty without one. */
  readonly tlsNames: readonly string[];
  /** The certificate that the peer has shown over TLS; left out: none. */
  readonly certificate?: PeerIdentity | undefined;
}

/** What is known of a client's certificate. */
export interface PeerIdentity {
  /** Why it is not to be trusted; null: it has been checked against the authorities of the listener. */
  readonly fault: string | null;
  /** SHA-256 fingerprints of itself and of those that signed it, up to the root, each signature checked; empty with a fault. */
  readonly chain: readonly string[];
}

/** Where a message goes. */
export interface Target {
  readonly address: string;
  readonly port: number;
  /** Use this connection as long as it is open; else a connection to address and port is used or made. */
  readonly flow?: number | undefined;
  /** The name that the server's certificate must carry (TLS client). */
  readonly serverName?: string | undefined;
}

/** A message, or what could not be read as one, as it came in. */
export interface Inbound {
  readonly message: SipMessage | SipParseError;
  /** As on the wire; undefined when a stream's framing kept only the message. */
  readonly bytes: Buffer | undefined;
  readonly source: Source;
}

export type InboundSink = (inbound: Inbound) => void;

/**
 * One listening socket. Nothing that a peer or the network does makes it throw: what cannot be sent is told to `failed`, at most once
 * and possibly before `send` returns.
 */
export interface Transport {
  readonly protocol: Protocol;
  /** TCP and TLS: the transaction layer need not retransmit (RFC 3261 §17). */
  readonly reliable: boolean;
  /** The bound address (may be unspecified: 0.0.0.0, ::) and port. */
  readonly host: string;
  readonly port: number;
  /** The address of ours that packets to `address` carry as their source. */
  localAddressFor(address: string): string;
  start(sink: InboundSink): void;
  send(bytes: Buffer, target: Target, failed: (error: Error) => void): void;
  /** True while a message to this connection would not need a new one. */
  hasFlow(flow: number): boolean;
  close(): Promise<void>;
}
