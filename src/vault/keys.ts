import type { KeyObject, X509Certificate } from 'node:crypto';
import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { EarshotError, messageOf } from '../base/errors.ts';
import { type Identity, type Recipient, rsaIdentity, rsaRecipient } from '../seal/age/recipients.ts';
import { type CertifiedKey, loadCertificate, requireValid } from '../seal/certificate.ts';
import { readSecret } from './secrets.ts';

export { exportKeys, importKeys, readKeyBundle } from './key-bundle.ts';

/** The certificate that recordings are sealed to, with its key. */
export interface OwnerKeys {
  readonly certificate: X509Certificate;
  readonly recipient: Recipient;
  readonly identity: Identity;
  /** Ms since 1970. Sealing goes on after it; the administrator is told. */
  readonly expiresAt: number;
}

/** @throws EarshotError KEY_MISSING, KEY_INVALID */
export async function loadOwnerKeys(dataDir: string): Promise<OwnerKeys> {
  const loaded = loadCertificate(
    { certificate: await readSecret(dataDir, 'ownerCertificate'), key: await readSecret(dataDir, 'ownerKey') },
    'owner certificate',
  );
  return {
    certificate: loaded.certificate,
    recipient: rsaRecipient(loaded.certificate.publicKey),
    identity: rsaIdentity(loaded.privateKey),
    expiresAt: loaded.expiresAt,
  };
}

/** The node's Ed25519 key that signs manifests and ledger. @throws EarshotError KEY_MISSING, KEY_INVALID */
export async function loadLedgerKey(dataDir: string): Promise<KeyObject> {
  const key = createPrivateKey(await readSecret(dataDir, 'ledgerKey'));
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new EarshotError('KEY_INVALID', 'the ledger key is not an Ed25519 key.', { key: 'ledger-key.pem' });
}

/**
 * The certificate of the web server or of SIP over TLS: the configured files, or the node's own.
 * @throws EarshotError KEY_MISSING, KEY_INVALID (unreadable, not fitting, run out)
 */
export async function loadServerKeys(
  dataDir: string,
  server: 'http' | 'sip',
  configured: { readonly certificate: string | null; readonly key: string | null },
  now: number,
): Promise<CertifiedKey> {
  const own = configured.certificate === null || configured.key === null;
  const pair = own
    ? {
        certificate: await readSecret(dataDir, server === 'http' ? 'httpCertificate' : 'sipCertificate'),
        key: await readSecret(dataDir, server === 'http' ? 'httpKey' : 'sipKey'),
      }
    : {
        certificate: await readPem(configured.certificate, `${server}.certificate`),
        key: await readPem(configured.key, `${server}.key`),
      };
  requireValid(loadCertificate(pair, server), now, server);
  return pair;
}

async function readPem(path: string | null, setting: string): Promise<string> {
  try {
    return await readFile(path ?? '', 'utf8');
  } catch (error) {
    throw new EarshotError('KEY_MISSING', `cannot read ${path ?? ''}: ${messageOf(error)}.`, {
      remedy: 'Give the path of a readable PEM file.',
      key: setting,
    });
  }
}
