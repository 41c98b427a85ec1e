import { readFile } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../base/config.ts';
import { EarshotError, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { openListeners } from '../../sip/transport/listeners.ts';
import type { Transport } from '../../sip/transport/types.ts';
import { loadCertificate } from '../../seal/certificate.ts';
import { loadServerKeys } from '../../vault/keys.ts';

interface SipPorts {
  readonly transports: readonly Transport[];
  /** When the certificate of TLS runs out, ms since 1970; null without TLS. */
  readonly certificateEnds: number | null;
}

/**
 * Opens UDP, TCP and TLS as the settings say; all or none.
 * @param authorities PEM texts of those that clients' certificates may come from; without any, clients are not asked for one
 * @throws EarshotError PORT_IN_USE, CONFIG_INVALID, KEY_MISSING, KEY_INVALID
 */
export async function openSipPorts(
  config: Config,
  authorities: readonly string[],
  clock: Clock,
  log: Log,
): Promise<SipPorts> {
  const { host, port, tlsPort } = config.sip;
  const limits = {
    connectionsPerSource: config.limits.connectionsPerSource,
    bytesPerSource: config.limits.megabytesPerSource * 1024 * 1024,
  };
  if (tlsPort === null)
    return { transports: await openListeners({ host, port, tls: null, limits, clock, log }), certificateEnds: null };
  const pair = await loadServerKeys(config.dataDir, 'sip', config.sip, clock.now());
  const ca = authorities.length === 0 ? {} : { clientCa: authorities };
  const tls = { port: tlsPort, certificate: pair.certificate, key: pair.key, ...ca };
  return {
    transports: await openListeners({ host, port, tls, limits, clock, log }),
    certificateEnds: loadCertificate(pair, 'sip').expiresAt,
  };
}

/**
 * The authorities for client certificates on trunks without their own; null: none are set.
 * @throws EarshotError KEY_MISSING
 */
export async function readClientCa(path: string | null): Promise<string | null> {
  if (path === null) return null;
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new EarshotError('KEY_MISSING', `cannot read ${path}: ${messageOf(error)}.`, {
      key: 'sip.clientCa',
      remedy: 'Give the path of a readable PEM file.',
    });
  }
}
