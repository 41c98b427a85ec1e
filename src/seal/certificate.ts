import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  sign,
  X509Certificate,
} from 'node:crypto';
import { isIP, isIPv4, SocketAddress } from 'node:net';
import { promisify } from 'node:util';
import { EarshotError } from '../base/errors.ts';
import { type Random, systemRandom } from '../base/ids.ts';
import { bits, element, integer, nothing, octets, oid, sequence, set, time, truth, utf8 } from './der.ts';

const generate = promisify(generateKeyPair);

const OWNER_YEARS = 30;
/** Browsers refuse server certificates that live longer than 825 days. */
const SERVER_DAYS = 825;
const DAY = 86_400_000;
const OID = {
  commonName: '2.5.4.3',
  rsaSha256: '1.2.840.113549.1.1.11',
  ecdsaSha256: '1.2.840.10045.4.3.2',
  subjectKeyId: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedKeyUsage: '2.5.29.37',
  serverAuth: '1.3.6.1.5.5.7.3.1',
  clientAuth: '1.3.6.1.5.5.7.3.2',
};

/** A certificate with its private key, both PEM (the key PKCS#8). */
export interface CertifiedKey {
  readonly certificate: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** Wall time, ms. */
  readonly now: number;
  readonly random?: Random;
  /** The key to certify; none = a new one is made. */
  readonly key?: KeyObject;
}

/** The vault's recipient: RSA 3072, self-signed, for wrapping keys. */
export async function makeOwnerCertificate(commonName: string, options: CertificateOptions): Promise<CertifiedKey> {
  const privateKey = options.key ?? (await generate('rsa', { modulusLength: 3072 })).privateKey;
  // keyEncipherment and dataEncipherment: bits 2 and 3.
  return selfSign(privateKey, commonName, options, OWNER_YEARS * 365, [
    extension(OID.basicConstraints, true, sequence()),
    extension(OID.keyUsage, true, bits(Buffer.of(0b0011_0000), 4)),
  ]);
}

/** A server's self-signed certificate: EC P-256; `names` are host names and addresses, the first is its common name. */
export async function makeServerCertificate(
  names: readonly string[],
  options: CertificateOptions,
): Promise<CertifiedKey> {
  const privateKey = options.key ?? (await generate('ec', { namedCurve: 'P-256' })).privateKey;
  // digitalSignature: bit 0.
  return selfSign(privateKey, names[0] ?? 'localhost', options, SERVER_DAYS, [
    extension(OID.basicConstraints, true, sequence()),
    extension(OID.keyUsage, true, bits(Buffer.of(0b1000_0000), 7)),
    extension(OID.extendedKeyUsage, false, sequence(oid(OID.serverAuth), oid(OID.clientAuth))),
    extension(OID.subjectAltName, false, sequence(...names.map(generalName))),
  ]);
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [truth(true)] : []), octets(value));
}

/** RFC 5280 §4.2.1.6: [2] a host name, [7] an address in network byte order. */
function generalName(name: string): Buffer {
  return isIP(name) === 0 ? element(0x82, Buffer.from(name, 'latin1')) : element(0x87, addressBytes(name));
}

function addressBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number));
  const plain = new SocketAddress({ address: address.replace(/%.*$/, ''), family: 'ipv6' }).address;
  const [head = '', tail] = plain.split('::');
  const groups = (text: string | undefined): number[] =>
    (text ?? '').split(':').flatMap((group) => {
      if (group === '') return [];
      // ::ffff:192.0.2.1
      if (group.includes('.')) {
        const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
        return [a * 256 + b, c * 256 + d];
      }
      return [Number.parseInt(group, 16)];
    });
  const [left, right] = [groups(head), groups(tail)];
  const all = [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}

function selfSign(
  privateKey: KeyObject,
  commonName: string,
  options: CertificateOptions,
  days: number,
  extensions: readonly Buffer[],
): CertifiedKey {
  const serial = (options.random ?? systemRandom)(16);
  serial[0] = (serial[0]! & 0x7f) | 0x40;
  const publicInfo = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  const algorithm =
    privateKey.asymmetricKeyType === 'rsa' ? sequence(oid(OID.rsaSha256), nothing()) : sequence(oid(OID.ecdsaSha256));
  const name = sequence(set(sequence(oid(OID.commonName), utf8(commonName.slice(0, 64)))));
  const keyId = createHash('sha1').update(publicInfo).digest();
  // An hour back, for peers whose clock is a little behind.
  const validity = sequence(time(new Date(options.now - 3_600_000)), time(new Date(options.now + days * DAY)));
  const body = sequence(
    element(0xa0, integer(Buffer.of(2))),
    integer(serial),
    algorithm,
    name,
    validity,
    name,
    publicInfo,
    element(0xa3, sequence(...extensions, extension(OID.subjectKeyId, false, octets(keyId)))),
  );
  const certificate = new X509Certificate(sequence(body, algorithm, bits(sign('sha256', body, privateKey))));
  return {
    certificate: certificate.toString(),
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

export interface LoadedCertificate {
  readonly certificate: X509Certificate;
  readonly privateKey: KeyObject;
  /** Ms since 1970. */
  readonly expiresAt: number;
}

/**
 * Parses a certificate and its key and checks that they belong together. `source` names them in errors.
 * @throws EarshotError KEY_INVALID
 */
export function loadCertificate(pair: CertifiedKey, source: string, passphrase?: string): LoadedCertificate {
  const certificate = parsed(`${source}: the certificate`, () => new X509Certificate(pair.certificate));
  const privateKey = parsed(`${source}: the key`, () =>
    createPrivateKey({ key: pair.key, ...(passphrase === undefined ? {} : { passphrase }) }),
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw new EarshotError('KEY_INVALID', `${source}: the key does not belong to the certificate.`, {
      remedy: 'Give a certificate and the key it was made from.',
    });
  }
  return { certificate, privateKey, expiresAt: Date.parse(certificate.validTo) };
}

/** @throws EarshotError KEY_INVALID when it is not valid at `now` (ms since 1970); for servers, not for the vault, which must go on. */
export function requireValid(loaded: LoadedCertificate, now: number, source: string): void {
  const from = Date.parse(loaded.certificate.validFrom);
  if (now >= from && now <= loaded.expiresAt) return;
  const what =
    now < from ? `is valid only from ${loaded.certificate.validFrom}` : `ran out at ${loaded.certificate.validTo}`;
  throw new EarshotError('KEY_INVALID', `${source}: the certificate ${what}.`, {
    remedy: 'Replace the certificate, or set the clock right.',
  });
}

function parsed<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new EarshotError('KEY_INVALID', `${what} cannot be read.`, {
      remedy: 'Give it as PEM text (and its passphrase, if it has one).',
      cause: error,
    });
  }
}
