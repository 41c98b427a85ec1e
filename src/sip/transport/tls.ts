import { isIP, type Socket } from 'node:net';
import { constants, type X509Certificate } from 'node:crypto';
import { connect, createServer, TLSSocket, type PeerCertificate } from 'node:tls';
import { EarshotError, messageOf } from '../../base/errors.ts';
import { certificatesIn, signingChain } from './certificates.ts';
import { SIP_TLS_KEYS } from './listening.ts';
import { type StreamKind, StreamTransport } from './stream.ts';
import { listen, type TcpOptions } from './tcp.ts';
import type { PeerIdentity } from './types.ts';

export interface TlsOptions extends TcpOptions {
  /** PEM. A transport that only calls out may go without. */
  readonly certificate?: string | Buffer;
  readonly key?: string | Buffer;
  /** PEM of the authorities that clients' certificates are checked against; with any, clients are asked for one. */
  readonly clientCa?: string | readonly string[];
  /** PEM of the authorities that servers we call are checked against; default: the system's. */
  readonly serverCa?: string | Buffer;
  /** Take any certificate of servers we call: for test calls to a self-signed one. */
  readonly insecure?: boolean;
}

/** @throws EarshotError PORT_IN_USE, CONFIG_INVALID, KEY_INVALID */
export async function openTls(options: TlsOptions): Promise<StreamTransport> {
  const kind = tlsKind(options, readAuthorities(options.clientCa));
  if (options.port === undefined)
    return new StreamTransport(kind, undefined, { host: options.host, port: 5061 }, options);
  const server = createTlsServer(options);
  const port = await listen(server, 'TLS', options.host, options.port, options.keys ?? SIP_TLS_KEYS);
  return new StreamTransport(kind, server, { host: options.host, port }, options);
}

function createTlsServer(options: TlsOptions): ReturnType<typeof createServer> {
  try {
    return createServer({
      cert: options.certificate,
      key: options.key,
      handshakeTimeout: 20_000,
      minVersion: 'TLSv1.2',
      // Who shows no or a wrong certificate is still let in, without names: the trunk decides.
      ...(options.clientCa !== undefined && {
        ca: [options.clientCa].flat(),
        requestCert: true,
        rejectUnauthorized: false,
        // A resumed session has no chain any more that could be checked again.
        secureOptions: constants.SSL_OP_NO_TICKET,
      }),
    });
  } catch (error) {
    throw new EarshotError(
      'KEY_INVALID',
      `the certificate or key for SIP over TLS cannot be used: ${messageOf(error)}.`,
      {
        key: 'EARSHOT_SIP_CERT',
        remedy: 'Give a PEM certificate and its unencrypted PEM key.',
        cause: error,
      },
    );
  }
}

function readAuthorities(clientCa: TlsOptions['clientCa']): X509Certificate[] {
  try {
    return clientCa === undefined ? [] : [clientCa].flat().flatMap(certificatesIn);
  } catch (error) {
    const text = `the authorities for client certificates cannot be read: ${messageOf(error)}.`;
    throw new EarshotError('KEY_INVALID', text, {
      key: 'sip.clientCa',
      remedy: 'Give PEM certificates.',
      cause: error,
    });
  }
}

function tlsKind(options: TlsOptions, authorities: readonly X509Certificate[]): StreamKind {
  return {
    protocol: 'tls',
    accepted: 'secureConnection',
    connect(target, up): Socket {
      const name = target.serverName ?? target.address;
      return connect(
        {
          host: target.address,
          port: target.port,
          cert: options.certificate,
          key: options.key,
          rejectUnauthorized: options.insecure !== true,
          ...(options.serverCa !== undefined && { ca: options.serverCa }),
          ...(isIP(name) === 0 && { servername: name }),
        },
        up,
      );
    },
    names: (socket) =>
      socket instanceof TLSSocket && socket.authorized ? certificateNames(socket.getPeerCertificate()) : [],
    identity: (socket) => (socket instanceof TLSSocket ? identityOf(socket, authorities) : undefined),
  };
}

function identityOf(socket: TLSSocket, authorities: readonly X509Certificate[]): PeerIdentity | undefined {
  const { raw } = socket.getPeerCertificate() as Partial<PeerCertificate>;
  if (raw === undefined) return undefined;
  if (socket.authorized) return { fault: null, chain: signingChain(raw, authorities) };
  const { authorizationError } = socket as { authorizationError: unknown };
  const fault = authorizationError instanceof Error ? authorizationError.message : String(authorizationError);
  return { fault, chain: [] };
}

/** Common name and alternative names (DNS, IP, `sip:` URIs; RFC 5922 §7.1), lower case, without `sip:`. */
export function certificateNames(certificate: Pick<PeerCertificate, 'subject' | 'subjectaltname'>): string[] {
  const names = new Set<string>();
  const common: unknown = (certificate as Partial<PeerCertificate>).subject?.CN;
  if (typeof common === 'string') names.add(common.toLowerCase());
  if (Array.isArray(common)) for (const one of common) names.add(String(one).toLowerCase());
  for (const item of splitAltNames(certificate.subjectaltname ?? '')) {
    const match = /^(DNS|IP Address|URI):(.+)$/.exec(item);
    if (match !== null) names.add(match[2]!.toLowerCase().replace(/^sips?:/, ''));
  }
  return [...names];
}

/** Node writes them `DNS:a, URI:sip:b`; one that holds a separator is a JSON string (CVE-2021-44532), and is passed over. */
function splitAltNames(text: string): string[] {
  const plain = text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '');
  return plain.split(', ').map((item) => item.trim());
}
