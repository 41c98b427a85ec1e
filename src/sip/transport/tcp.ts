import { connect, createServer, type Server } from 'node:net';
import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { listenError, type ListenKeys, SIP_KEYS } from './listening.ts';
import { type StreamKind, type StreamLimits, StreamTransport } from './stream.ts';

export interface TcpOptions {
  readonly host: string;
  /** 0 = any free one. Undefined: no listener, for a client only. */
  readonly port?: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly keys?: ListenKeys;
  readonly limits?: Partial<StreamLimits>;
}

const TCP: StreamKind = {
  protocol: 'tcp',
  accepted: 'connection',
  connect: (target, up) => connect({ host: target.address, port: target.port }, up),
  names: () => [],
};

/** @throws EarshotError PORT_IN_USE, CONFIG_INVALID */
export async function openTcp(options: TcpOptions): Promise<StreamTransport> {
  if (options.port === undefined)
    return new StreamTransport(TCP, undefined, { host: options.host, port: 5060 }, options);
  const server = createServer();
  const port = await listen(server, 'TCP', options.host, options.port, options.keys ?? SIP_KEYS);
  return new StreamTransport(TCP, server, { host: options.host, port }, options);
}

/** Binds a server. @returns the port. @throws EarshotError PORT_IN_USE, CONFIG_INVALID */
export async function listen(
  server: Server,
  what: string,
  host: string,
  port: number,
  keys: ListenKeys,
): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog: 1024 }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (error) {
    throw listenError(error, what, host, port, keys);
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}
