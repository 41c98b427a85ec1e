import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import type { Log } from '../../base/log.ts';
import { messageOf } from '../../base/errors.ts';
import type { SipMessage } from '../message.ts';
import { isKeepAlive, parseMessage } from '../parse.ts';
import { SipParseError } from '../parse-error.ts';
import { addressForSocket, plainAddress } from './address.ts';
import { listenError, type ListenKeys, SIP_KEYS } from './listening.ts';
import { LocalRoutes } from './routes.ts';
import type { InboundSink, Source, Target, Transport } from './types.ts';

export interface UdpOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  readonly log: Log;
  readonly keys?: ListenKeys;
}

/** Set-ups come in bursts; what the kernel does not grant (net.core.rmem_max) it cuts down by itself. */
const RECEIVE_BUFFER = 8 * 1024 * 1024;

/** @throws EarshotError PORT_IN_USE, CONFIG_INVALID */
export async function openUdp(options: UdpOptions): Promise<Transport> {
  const family = isIPv6(options.host) ? 6 : 4;
  const socket = createSocket({ type: family === 6 ? 'udp6' : 'udp4', recvBufferSize: RECEIVE_BUFFER });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(options.port, options.host, () => {
        socket.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw listenError(error, 'UDP', options.host, options.port, options.keys ?? SIP_KEYS);
  }
  return new UdpTransport(socket, options.host, family, options.log);
}

class UdpTransport implements Transport {
  readonly protocol = 'udp';
  readonly reliable = false;
  readonly host: string;
  readonly port: number;
  readonly #socket: Socket;
  readonly #family: 4 | 6;
  readonly #routes: LocalRoutes;
  readonly #log: Log;
  #closed = false;

  constructor(socket: Socket, host: string, family: 4 | 6, log: Log) {
    this.#socket = socket;
    this.host = host;
    this.port = socket.address().port;
    this.#family = family;
    this.#routes = new LocalRoutes(host);
    this.#log = log;
    // ICMP errors of earlier datagrams surface here; the transactions time out by themselves.
    socket.on('error', (error) => log.warn({ err: messageOf(error) }, 'error of the SIP UDP socket'));
  }

  localAddressFor(address: string): string {
    return this.#routes.get(address);
  }

  hasFlow(): boolean {
    return false;
  }

  start(sink: InboundSink): void {
    this.#socket.on('message', (bytes, from) => {
      if (isKeepAlive(bytes)) return;
      const address = plainAddress(from.address);
      this.#routes.whenKnown(address, () => {
        if (!this.#closed) sink({ message: read(bytes), bytes, source: this.#source(address, from) });
      });
    });
  }

  send(bytes: Buffer, target: Target, failed: (error: Error) => void): void {
    if (this.#closed) return failed(new Error('the transport is closed'));
    try {
      this.#socket.send(bytes, target.port, addressForSocket(target.address, this.#family), (error) => {
        if (error !== null) failed(error);
      });
    } catch (error) {
      failed(error instanceof Error ? error : new Error(messageOf(error)));
    }
    return undefined;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await new Promise<void>((resolve) => this.#socket.close(() => resolve()));
    this.#log.debug({ port: this.port }, 'SIP UDP socket closed');
  }

  #source(address: string, from: RemoteInfo): Source {
    return {
      protocol: 'udp',
      address,
      port: from.port,
      localAddress: this.#routes.get(address),
      localPort: this.port,
      flow: undefined,
      tlsNames: [],
    };
  }
}

function read(bytes: Buffer): SipMessage | SipParseError {
  try {
    return parseMessage(bytes);
  } catch (error) {
    if (error instanceof SipParseError) return error;
    return new SipParseError(400, 'Bad Request', { at: messageOf(error) });
  }
}
