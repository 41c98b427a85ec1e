import type { Server, Socket } from 'node:net';
import type { Clock, Timer } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { plainAddress } from './address.ts';
import { Connection, type ConnectionLimits } from './connection.ts';
import { SourceShares } from './source-shares.ts';
import { LocalRoutes } from './routes.ts';
import type { InboundSink, PeerIdentity, Target, Transport } from './types.ts';

export interface StreamLimits extends ConnectionLimits {
  readonly connections: number;
  /** Of one address. */
  readonly connectionsPerSource: number;
  /** Held for one address, see {@link Connection.held}. */
  readonly bytesPerSource: number;
}

export const STREAM_LIMITS: StreamLimits = {
  idleMs: 3_600_000,
  slowMs: 20_000,
  unsentBytes: 8 * 1024 * 1024,
  connections: 4000,
  connectionsPerSource: 4000,
  bytesPerSource: 64 * 1024 * 1024,
};

/** What TCP and TLS do differently. */
export interface StreamKind {
  readonly protocol: 'tcp' | 'tls';
  /** Event of the server with a usable socket. */
  readonly accepted: 'connection' | 'secureConnection';
  /** Begins a connection; `up` is called once bytes may be written. */
  connect(target: Target, up: () => void): Socket;
  /** Names of the peer's verified certificate. */
  names(socket: Socket): readonly string[];
  /** The certificate that a client has shown. */
  identity?(socket: Socket): PeerIdentity | undefined;
}

const CHECK_MS = 2000;
/** When all places are taken, the longest idle connection makes room if it has been idle for this. */
const EVICT_AFTER_MS = 60_000;

/** Listens, connects, and keeps the connections by number and by peer for reuse (RFC 3261 §18). */
export class StreamTransport implements Transport {
  readonly reliable = true;
  readonly protocol: 'tcp' | 'tls';
  readonly host: string;
  readonly port: number;
  readonly #server: Server | undefined;
  readonly #kind: StreamKind;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #limits: StreamLimits;
  readonly #routes: LocalRoutes;
  readonly #flows = new Map<number, Connection>();
  readonly #byPeer = new Map<string, Connection>();
  readonly #shares = new SourceShares();
  #sink: InboundSink | undefined;
  #nextFlow = 1;
  #check: Timer | undefined;
  #closed = false;

  /** @param server already listening; undefined for a transport that only calls out */
  constructor(
    kind: StreamKind,
    server: Server | undefined,
    bound: { host: string; port: number },
    options: { clock: Clock; log: Log; limits?: Partial<StreamLimits> },
  ) {
    this.#kind = kind;
    this.protocol = kind.protocol;
    this.#server = server;
    this.host = bound.host;
    this.port = bound.port;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#limits = { ...STREAM_LIMITS, ...options.limits };
    this.#routes = new LocalRoutes(bound.host);
    // Handshakes that never end hold places of the operating system, not of ours: some room above the limit.
    if (server !== undefined) server.maxConnections = this.#limits.connections + 256;
    server?.on(kind.accepted, (socket: Socket) => this.#accept(socket));
    server?.on('error', (error) => this.#log.warn({ err: messageOf(error) }, 'error of a SIP listening socket'));
    // A failed handshake of a stranger is no event of ours; without a listener Node would do the same.
    server?.on('tlsClientError', (error: Error) => this.#log.debug({ err: error.message }, 'TLS handshake failed'));
  }

  start(sink: InboundSink): void {
    this.#sink = sink;
  }

  localAddressFor(address: string): string {
    return this.#routes.get(address);
  }

  hasFlow(flow: number): boolean {
    return this.#flows.has(flow);
  }

  get connections(): number {
    return this.#flows.size;
  }

  send(bytes: Buffer, target: Target, failed: (error: Error) => void): void {
    if (this.#closed) return failed(new Error('the transport is closed'));
    const known = target.flow === undefined ? undefined : this.#flows.get(target.flow);
    const connection = known ?? this.#byPeer.get(peerKey(target.address, target.port)) ?? this.#connect(target);
    if (connection === undefined) return failed(new Error('too many connections'));
    return connection.send(bytes, failed, this.#clock.mono());
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#check?.cancel();
    const server = this.#server;
    const stopped = new Promise<void>((resolve) => {
      if (server === undefined) resolve();
      else server.close(() => resolve());
    });
    for (const connection of this.#flows.values()) {
      connection.socket.end();
      connection.destroy(new Error('the transport is closed'));
    }
    await stopped;
  }

  #accept(socket: Socket): void {
    const source = plainAddress(socket.remoteAddress ?? '');
    const tooMany = this.#shares.connections(source) >= this.#limits.connectionsPerSource;
    if (this.#closed || tooMany || !this.#makeRoom() || socket.remoteAddress === undefined) {
      if (tooMany) this.#log.debug({ address: source }, 'too many SIP connections of one address; one was turned away');
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    const peer = { address: source, port: socket.remotePort ?? 0 };
    const connection = this.#add(socket, peer, true);
    connection.tlsNames = this.#kind.names(socket);
    connection.certificate = this.#kind.identity?.(socket);
  }

  #connect(target: Target): Connection | undefined {
    if (!this.#makeRoom()) return undefined;
    const socket = this.#kind.connect(target, () => {
      connection.tlsNames = this.#kind.names(socket);
      connection.opened(this.#clock.mono());
    });
    const connection = this.#add(socket, { address: target.address, port: target.port }, false);
    return connection;
  }

  #add(socket: Socket, peer: { address: string; port: number }, up: boolean): Connection {
    const connection = new Connection(
      this.#nextFlow++,
      socket,
      peer,
      up,
      this.#limits,
      {
        message: (from, message) => this.#deliver(from, message),
        closed: (gone) => this.#remove(gone),
      },
      this.#clock.mono(),
    );
    this.#flows.set(connection.flow, connection);
    this.#shares.joined(peer.address);
    this.#byPeer.set(peerKey(peer.address, peer.port), connection);
    socket.on('data', (chunk) => this.#received(connection, chunk));
    socket.on('error', (error) => connection.destroy(error));
    socket.on('close', () => connection.destroy(new Error('the peer closed the connection')));
    this.#check ??= this.#clock.after(CHECK_MS, () => this.#checkAll());
    return connection;
  }

  #received(connection: Connection, chunk: Buffer): void {
    connection.received(chunk, this.#clock.mono());
    const { address } = connection.peer;
    if (connection.closed || this.#shares.hold(address, connection) <= this.#limits.bytesPerSource) return;
    this.#log.warn(
      { address },
      'unfinished or unread SIP messages of one address take too much memory; a connection was closed',
    );
    connection.destroy(new Error('too much is held for this address'));
  }

  #deliver(connection: Connection, message: Parameters<InboundSink>[0]['message']): void {
    const { socket, peer } = connection;
    const source = {
      protocol: this.protocol,
      address: peer.address,
      port: peer.port,
      localAddress: plainAddress(socket.localAddress ?? this.host),
      localPort: this.port,
      flow: connection.flow,
      tlsNames: connection.tlsNames,
      certificate: connection.certificate,
    };
    this.#sink?.({ message, bytes: undefined, source });
  }

  #remove(connection: Connection): void {
    this.#flows.delete(connection.flow);
    this.#shares.left(connection);
    const key = peerKey(connection.peer.address, connection.peer.port);
    if (this.#byPeer.get(key) === connection) this.#byPeer.delete(key);
  }

  #makeRoom(): boolean {
    if (this.#flows.size < this.#limits.connections) return true;
    let idlest: Connection | undefined;
    for (const one of this.#flows.values()) {
      if (idlest === undefined || one.lastActive < idlest.lastActive) idlest = one;
    }
    if (idlest === undefined || this.#clock.mono() - idlest.lastActive < EVICT_AFTER_MS) {
      this.#log.warn({ connections: this.#flows.size }, 'too many SIP connections; one was turned away');
      return false;
    }
    idlest.destroy(new Error('made room for another connection'));
    return true;
  }

  #checkAll(): void {
    const now = this.#clock.mono();
    for (const connection of this.#flows.values()) connection.check(now);
    this.#check = this.#flows.size === 0 ? undefined : this.#clock.after(CHECK_MS, () => this.#checkAll());
  }
}

function peerKey(address: string, port: number): string {
  return `${address} ${port}`;
}
