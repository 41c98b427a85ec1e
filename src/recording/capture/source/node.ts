import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Clock } from '../../../base/clock.ts';
import { EarshotError, messageOf, systemCode } from '../../../base/errors.ts';
import { Gathering } from './gather.ts';
import { Peers } from './peers.ts';
import { Datagram, type BoundPort, type Hear, type PacketSource } from './source.ts';

export interface SourceOptions {
  /** Local address; `0.0.0.0` or `::` for all. */
  readonly host: string;
  /** What a socket's receive buffer should hold; the kernel's limit (net.core.rmem_max) may make it less. */
  readonly receiveBufferBytes: number;
  readonly onError: (port: number, error: Error) => void;
  readonly clock: Clock;
}

/** Node's own UDP sockets: works everywhere, and hands each datagram over as it comes. */
export class NodeSource implements PacketSource {
  readonly peers = new Peers();
  readonly #options: SourceOptions;
  readonly #gathering = new Gathering();
  readonly #datagram = new Datagram();

  constructor(options: SourceOptions) {
    this.#options = options;
  }

  async bind(port: number, ipv6: boolean, hear: Hear): Promise<BoundPort> {
    const { host, receiveBufferBytes, onError } = this.#options;
    const address = localAddress(host, ipv6);
    const isSix = isIPv6(address);
    const socket = createSocket({ type: isSix ? 'udp6' : 'udp4', ipv6Only: isSix });
    await bound(socket, port, address);
    enlarge(socket, receiveBufferBytes);
    socket.on('error', (error) => onError(port, error));
    this.#listen(socket, hear);
    return new NodePort(socket);
  }

  /** They come by themselves. */
  receive(): void {}

  #listen(socket: Socket, hear: Hear): void {
    const { peers } = this;
    const { clock } = this.#options;
    const datagram = this.#datagram;
    let last = -1;
    socket.on('message', (bytes, { address, port }) => {
      this.#gathering.heard();
      // Nearly always the same one as before.
      if (!peers.knows(last) || peers.port(last) !== port || peers.address(last) !== address) {
        last = peers.number(address, port);
      }
      datagram.bytes = bytes;
      datagram.start = 0;
      datagram.end = bytes.length;
      datagram.peer = last;
      datagram.atUs = Math.round(clock.mono() * 1000);
      hear(datagram);
    });
  }
}

class NodePort implements BoundPort {
  readonly dropped = 0;
  readonly #socket: Socket;
  #isOpen = true;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** The event loop reads it, soon. */
  receive(): void {}

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#socket.removeAllListeners('message');
    this.#socket.close();
  }
}

/** A host that means all addresses means those of the stream's own IP version: sockets of one version cost no translation. */
export function localAddress(host: string, ipv6: boolean): string {
  if (ipv6) return isIPv6(host) ? host : '::';
  return host === '::' ? '0.0.0.0' : host;
}

export function bindFailure(port: number, error: Error): EarshotError {
  const inUse = systemCode(error) === 'EADDRINUSE';
  const text = inUse ? `UDP port ${port} is in use by another program.` : `UDP port ${port}: ${messageOf(error)}.`;
  return new EarshotError(inUse ? 'PORT_IN_USE' : 'UNAVAILABLE', text, { key: 'rtp.ports', cause: error });
}

function bound(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(bindFailure(port, error));
    });
    socket.bind({ port, address, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve();
    });
  });
}

/** The kernel takes what it allows; a refusal is no reason not to record. */
function enlarge(socket: Socket, bytes: number): void {
  try {
    if (socket.getRecvBufferSize() < bytes) socket.setRecvBufferSize(bytes);
  } catch {
    // The default buffer stays.
  }
}
