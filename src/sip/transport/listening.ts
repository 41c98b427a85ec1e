import { EarshotError, messageOf, systemCode } from '../../base/errors.ts';

/** Settings that a listening socket was made from, so that an error can name what to change. */
export interface ListenKeys {
  /** `EARSHOT_SIP_PORT`, `EARSHOT_SIP_TLS_PORT` … */
  readonly port: string;
  /** `EARSHOT_SIP_HOST` … */
  readonly host: string;
}

export const SIP_KEYS: ListenKeys = { port: 'EARSHOT_SIP_PORT', host: 'EARSHOT_SIP_HOST' };
export const SIP_TLS_KEYS: ListenKeys = { port: 'EARSHOT_SIP_TLS_PORT', host: 'EARSHOT_SIP_HOST' };

/** Why a socket could not be bound, for people. */
export function listenError(error: unknown, what: string, host: string, port: number, keys: ListenKeys): EarshotError {
  const code = systemCode(error);
  const where = `${host.includes(':') ? `[${host}]` : host}:${port} (${what})`;
  if (code === 'EADDRINUSE') {
    return new EarshotError('PORT_IN_USE', `${where} is taken by another program.`, {
      key: keys.port,
      remedy: `Stop the program that holds it, or set ${keys.port} to a free port.`,
      cause: error,
    });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT') {
    return new EarshotError('CONFIG_INVALID', `${host} is not an address of this machine.`, {
      key: keys.host,
      remedy: 'Use 0.0.0.0, ::, or an address of this machine.',
      cause: error,
    });
  }
  if (code === 'EACCES') {
    return new EarshotError('CONFIG_INVALID', `${where} may not be opened by this user.`, {
      key: keys.port,
      remedy: 'Use a port of 1024 or above, or give the program CAP_NET_BIND_SERVICE.',
      cause: error,
    });
  }
  return new EarshotError('CONFIG_INVALID', `${where} cannot be opened: ${messageOf(error)}.`, {
    key: keys.port,
    cause: error,
  });
}
