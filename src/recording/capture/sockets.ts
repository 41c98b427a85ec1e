import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { EarshotError, messageOf, systemCode } from '../../base/errors.ts';
import { Gathering } from './gather.ts';

export type OnDatagram = (bytes: Buffer, address: string, port: number) => void;

export interface BoundSocket {
  /** Idempotent; no datagram is handed over afterwards. */
  close(): void;
}

/** Where datagrams come from; a faster receiver or a test's own takes its place. */
export interface DatagramSource {
  /** @throws EarshotError PORT_IN_USE */
  bind(port: number, ipv6: boolean, onDatagram: OnDatagram): Promise<BoundSocket>;
}

export interface SystemSocketsOptions {
  /** Local address; `0.0.0.0` or `::` for all. */
  readonly host: string;
  /** What a socket's receive buffer should hold; the kernel's limit (net.core.rmem_max) may make it less. */
  readonly receiveBufferBytes: number;
  readonly onError: (port: number, error: Error) => void;
}

/** UDP sockets of the system, one per port. */
export function systemSockets(options: SystemSocketsOptions): DatagramSource {
  const gathering = new Gathering();
  return {
    async bind(port, ipv6, onDatagram) {
      const address = localAddress(options.host, ipv6);
      const isSix = isIPv6(address);
      const socket = createSocket({ type: isSix ? 'udp6' : 'udp4', ipv6Only: isSix });
      await bound(socket, port, address);
      enlarge(socket, options.receiveBufferBytes);
      socket.on('error', (error) => options.onError(port, error));
      socket.on('message', (bytes, { address: from, port: fromPort }) => {
        gathering.heard();
        onDatagram(bytes, from, fromPort);
      });
      return closing(socket);
    },
  };
}

/** A host that means all addresses means those of the stream's own IP version: sockets of one version cost no translation. */
function localAddress(host: string, ipv6: boolean): string {
  if (ipv6) return isIPv6(host) ? host : '::';
  return host === '::' ? '0.0.0.0' : host;
}

function bound(socket: Socket, port: number, address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      const inUse = systemCode(error) === 'EADDRINUSE';
      const text = inUse ? `UDP port ${port} is in use by another program.` : `UDP port ${port}: ${messageOf(error)}.`;
      reject(new EarshotError(inUse ? 'PORT_IN_USE' : 'UNAVAILABLE', text, { key: 'rtp.ports', cause: error }));
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

function closing(socket: Socket): BoundSocket {
  let isOpen = true;
  return {
    close() {
      if (!isOpen) return;
      isOpen = false;
      socket.removeAllListeners('message');
      socket.close();
    },
  };
}
