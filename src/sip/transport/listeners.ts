import type { Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { openTcp } from './tcp.ts';
import { openTls } from './tls.ts';
import type { StreamLimits } from './stream.ts';
import type { Transport } from './types.ts';
import { openUdp } from './udp.ts';

export interface ListenerOptions {
  readonly host: string;
  /** UDP and TCP; 0 = any port that is free for both. */
  readonly port: number;
  /** Null = no TLS. */
  readonly tls: {
    readonly port: number;
    readonly certificate: string | Buffer;
    readonly key: string | Buffer;
    readonly clientCa?: readonly string[];
  } | null;
  readonly limits?: Partial<StreamLimits>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Opens all sockets of a server. When one cannot be opened, those that could are closed again.
 * @throws EarshotError PORT_IN_USE, CONFIG_INVALID, KEY_INVALID
 */
export async function openListeners(options: ListenerOptions): Promise<Transport[]> {
  const { host, clock, log, tls, limits = {} } = options;
  const open: Transport[] = [];
  try {
    const udp = await openUdp({ host, port: options.port, log });
    open.push(udp);
    open.push(await openTcp({ host, port: udp.port, clock, log, limits }));
    if (tls !== null) open.push(await openTls({ host, clock, log, limits, ...tls }));
    return open;
  } catch (error) {
    await Promise.all(open.map((transport) => transport.close()));
    throw error;
  }
}
