import { X509Certificate } from 'node:crypto';

const MOST_STEPS = 10;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** The certificates in a PEM text. @throws Error when one of them cannot be read, or there is none */
export function certificatesIn(pem: string): X509Certificate[] {
  const found = pem.match(CERTIFICATE);
  if (found === null) throw new Error('it holds no certificate');
  return found.map((text) => new X509Certificate(text));
}

/**
 * Fingerprints (SHA-256) of a certificate and of the authorities that signed it, up to the root. Each signature is checked here, as two authorities may have the same
 * name. What the peer sends along between itself and an authority is not to be had from a Node server: such an authority must be among ours.
 */
export function signingChain(raw: Buffer, authorities: readonly X509Certificate[]): readonly string[] {
  const chain: string[] = [];
  let at: X509Certificate | undefined = new X509Certificate(raw);
  while (at !== undefined && chain.length < MOST_STEPS && !chain.includes(at.fingerprint256)) {
    chain.push(at.fingerprint256);
    const signed: X509Certificate = at;
    at = authorities.find((one) => signed.checkIssued(one) && signed.verify(one.publicKey));
  }
  return chain;
}
