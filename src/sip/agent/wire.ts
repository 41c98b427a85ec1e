import { isIPv6 } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Path } from '../dialog/host.ts';
import { formatParams } from '../tokens.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message.ts';
import { SipParseError } from '../parse-error.ts';
import { serialize } from '../serialize.ts';
import { isUnspecified } from '../transport/address.ts';
import type { Inbound, Protocol, Target, Transport } from '../transport/types.ts';
import { formatHostPort } from '../uri.ts';
import type { TraceEntry } from './api.ts';
import { type Endpoint, type Hop, hopOf, literalEndpoint, type Resolve } from './hop.ts';
import type { StatsCounter } from './stats.ts';

export interface WireOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly stats: StatsCounter;
  readonly advertise: string | undefined;
  readonly user: string;
  readonly onTrace: ((entry: TraceEntry) => void) | undefined;
  readonly resolve: Resolve;
}

export interface Way {
  readonly transport: Transport;
  readonly target: Target;
}

/** The agent's transports: which one serves a hop, what our address is there, and every message in and out traced and counted. */
export class Wire {
  readonly #options: WireOptions;
  readonly #transports: Transport[] = [];

  constructor(options: WireOptions) {
    this.#options = options;
  }

  get transports(): readonly Transport[] {
    return this.#transports;
  }

  add(transport: Transport, receive: (inbound: Inbound, transport: Transport) => void): void {
    this.#transports.push(transport);
    transport.start((inbound) => {
      this.#trace('in', inbound.message, inbound.bytes, inbound.source);
      receive(inbound, transport);
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()));
  }

  transmit(
    transport: Transport,
    message: SipRequest | SipResponse,
    target: Target,
    failed: (error: Error) => void,
  ): void {
    const bytes = serialize(message);
    this.#trace('out', message, bytes, { ...target, protocol: transport.protocol });
    transport.send(bytes, target, failed);
  }

  /** Bytes that have been sent before. */
  retransmit(bytes: Buffer, path: Path): void {
    const transport = this.#find(path.protocol, path.address, path.localPort);
    transport?.send(bytes, path, () => undefined);
  }

  /** Our address towards a peer, as Via and Contact name it. */
  sentBy(transport: Transport, target: { readonly address: string }): { host: string; port: number } {
    return { host: this.#options.advertise ?? transport.localAddressFor(target.address), port: transport.port };
  }

  /** Our Contact for a dialog on this path. */
  contact(path: Path, params: Readonly<Record<string, string | null>>): string {
    const transport = this.#find(path.protocol, path.address, path.localPort);
    const host = this.#options.advertise ?? (isUnspecified(path.localAddress) ? '' : path.localAddress);
    const port = transport?.port ?? path.localPort;
    const name = host !== '' ? host : (transport?.localAddressFor(path.address) ?? 'invalid');
    const suffix = path.protocol === 'udp' ? '' : `;transport=${path.protocol}`;
    const uri = `sip:${this.#options.user}@${formatHostPort(name, port)}${suffix}`;
    return `<${uri}>${formatParams(new Map(Object.entries(params)))}`;
  }

  /** Finds the way to a URI's hop; `found` at once for an address, later for a name. */
  way(uri: string, path: Path, found: (way: Way) => void, failed: (error: Error) => void): void {
    let hop: Hop;
    try {
      hop = hopOf(uri, path.protocol);
    } catch (error) {
      return failed(error as Error);
    }
    const alive = this.#aliveWay(path);
    if (alive !== undefined) return found(alive);
    const literal = literalEndpoint(hop);
    if (literal !== undefined) return this.#wayTo(literal, hop, path, found, failed);
    this.#options.resolve(hop).then(
      (endpoint) => this.#wayTo(endpoint, hop, path, found, failed),
      (error: unknown) => failed(error as Error),
    );
    return undefined;
  }

  /**
   * A connection that the peer's last request came by serves our requests as well (RFC 5923): clients behind firewalls take none at the
   * address of their Contact.
   */
  #aliveWay(path: Path): Way | undefined {
    if (path.flow === undefined) return undefined;
    const transport = this.#transports.find((one) => one.protocol === path.protocol && one.hasFlow(path.flow!));
    return transport === undefined ? undefined : { transport, target: path };
  }

  #wayTo(endpoint: Endpoint, hop: Hop, path: Path, found: (way: Way) => void, failed: (error: Error) => void): void {
    const transport = this.#find(hop.protocol, endpoint.address, path.localPort);
    if (transport === undefined) return failed(new Error(`no ${hop.protocol} transport for ${endpoint.address}`));
    return found({ transport, target: { ...endpoint, serverName: hop.host } });
  }

  /** The transport of a protocol and IP version; among several the one on the dialog's own port. */
  #find(protocol: Protocol, address: string, localPort: number): Transport | undefined {
    const fitting = this.#transports.filter((one) => one.protocol === protocol && serves(one, address));
    return fitting.find((one) => one.port === localPort) ?? fitting[0];
  }

  #trace(
    direction: 'in' | 'out',
    message: SipMessage | SipParseError,
    bytes: Buffer | undefined,
    peer: { readonly protocol: Protocol; readonly address: string; readonly port: number },
  ): void {
    const readable = message instanceof SipParseError ? message.partial : message;
    if (readable !== null) this.#options.stats.count(direction, readable);
    const { onTrace } = this.#options;
    if (onTrace === undefined) return;
    const raw = bytes ?? (readable === null ? undefined : serialize(readable));
    if (raw === undefined) return;
    const { protocol, address, port } = peer;
    const callId = readable?.headers.get('Call-ID');
    try {
      onTrace({ direction, protocol, address, port, bytes: raw, at: this.#options.clock.now(), callId });
    } catch (error) {
      this.#options.log.error({ err: messageOf(error) }, 'the SIP trace failed');
    }
  }
}

/** `::` takes both versions; every other socket its own. */
function serves(transport: Transport, address: string): boolean {
  return transport.host === '::' || isIPv6(transport.host) === isIPv6(address);
}
