import { readFile } from 'node:fs/promises';
import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../base/config.ts';
import { EarshotError, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { openTcp } from '../../sip/transport/tcp.ts';
import { openTls } from '../../sip/transport/tls.ts';
import type { Transport } from '../../sip/transport/types.ts';
import { openUdp } from '../../sip/transport/udp.ts';
import { loadServerKeys } from '../../vault/keys.ts';

/**
 * Opens UDP, TCP and TLS as the settings say.
 * @throws EarshotError PORT_IN_USE, CONFIG_INVALID, KEY_MISSING, KEY_INVALID
 */
export async function openListeners(config: Config, clock: Clock, log: Log): Promise<Transport[]> {
  const { host, port, tlsPort } = config.sip;
  const transports: Transport[] = [await openUdp({ host, port, log }), await openTcp({ host, port, clock, log })];
  if (tlsPort !== null) {
    const { certificate, key } = await loadServerKeys(config.dataDir, 'sip', config.sip, clock.now());
    const ca = config.sip.clientCa === null ? {} : { clientCa: await readPem(config.sip.clientCa) };
    transports.push(await openTls({ host, port: tlsPort, clock, log, certificate, key, ...ca }));
  }
  return transports;
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new EarshotError('KEY_MISSING', `cannot read ${path}: ${messageOf(error)}.`, {
      key: 'sip.clientCa',
      remedy: 'Give the path of a readable PEM file.',
    });
  }
}
