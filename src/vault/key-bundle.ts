import { createPublicKey, type KeyObject } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EarshotError, systemCode } from '../base/errors.ts';
import { type Identity, rsaIdentity } from '../seal/age/recipients.ts';
import { loadCertificate, type LoadedCertificate } from '../seal/certificate.ts';
import { createFile, diskError, makeFolder } from './durable.ts';
import { readSecret } from './secrets.ts';
import { keyIdOf } from './signing.ts';

/**
 * The owner's key and certificate and the public half of the ledger key as one PEM text for `earshot keys export`. The private key comes
 * first: `age -d -i` reads the first block only. With a passphrase it is encrypted PKCS#8 (AES-256, PBKDF2), which OpenSSL decrypts
 * (`openssl pkey`) and age does not.
 * @throws EarshotError KEY_MISSING, KEY_INVALID
 */
export async function exportKeys(dataDir: string, passphrase?: string): Promise<string> {
  const loaded = loadCertificate(
    { certificate: await readSecret(dataDir, 'ownerCertificate'), key: await readSecret(dataDir, 'ownerKey') },
    'owner certificate',
  );
  return bundleText(loaded, [createPublicKey(await readSecret(dataDir, 'ledgerKey'))], passphrase);
}

function bundleText(loaded: LoadedCertificate, signers: readonly KeyObject[], passphrase?: string): string {
  const lock = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase };
  const key = loaded.privateKey.export({ format: 'pem', type: 'pkcs8', ...lock });
  const publicKeys = signers.map((signer) => signer.export({ format: 'pem', type: 'spki' }));
  return [key, loaded.certificate.toString(), ...publicKeys].map((block) => `${block.toString().trim()}\n`).join('');
}

export interface KeyBundle extends LoadedCertificate {
  /** Public keys that manifests sealed to this certificate may be signed by. */
  readonly signers: readonly KeyObject[];
}

/** Reads what {@link exportKeys} wrote; certificate and key of another make will do as well. @throws EarshotError KEY_INVALID */
export function readKeyBundle(bundle: string, passphrase?: string): KeyBundle {
  const blocks = (kind: string): string[] =>
    [...bundle.matchAll(new RegExp(`-----BEGIN ${kind}-----[^-]+-----END ${kind}-----`, 'g'))].map(([block]) => block);
  const pair = { certificate: blocks('CERTIFICATE')[0] ?? '', key: blocks('(?:ENCRYPTED |RSA )?PRIVATE KEY')[0] ?? '' };
  const loaded = loadCertificate(pair, 'key bundle', passphrase);
  try {
    return { ...loaded, signers: blocks('PUBLIC KEY').map((block) => createPublicKey(block)) };
  } catch (error) {
    throw new EarshotError('KEY_INVALID', 'key bundle: a public key cannot be read.', { cause: error });
  }
}

function importedFolder(dataDir: string): string {
  return join(dataDir, 'secrets', 'imported');
}

/**
 * Takes in keys that were exported elsewhere: what was sealed to them opens here from the next start on. New recordings go on being sealed to
 * this machine's own certificate.
 * @returns false when they were here already
 * @throws EarshotError KEY_INVALID, DATA_UNWRITABLE
 */
export async function importKeys(dataDir: string, bundle: string, passphrase?: string): Promise<boolean> {
  const read = readKeyBundle(bundle, passphrase);
  rsaIdentity(read.privateKey);
  const ids = [createPublicKey(read.privateKey), ...read.signers].map(keyIdOf);
  const path = join(importedFolder(dataDir), `${ids.join('-')}.pem`);
  try {
    await makeFolder(importedFolder(dataDir));
    return await createFile(path, Buffer.from(bundleText(read, read.signers)));
  } catch (error) {
    throw diskError(error, path);
  }
}

/** Everything that was imported. @throws EarshotError KEY_INVALID naming the file */
export async function loadImportedKeys(dataDir: string): Promise<{ identities: Identity[]; signers: KeyObject[] }> {
  const identities: Identity[] = [];
  const signers: KeyObject[] = [];
  for (const name of await namesIn(importedFolder(dataDir))) {
    if (!name.endsWith('.pem') || name.startsWith('.')) continue;
    const path = join(importedFolder(dataDir), name);
    try {
      const read = readKeyBundle(await readFile(path, 'utf8'));
      identities.push(rsaIdentity(read.privateKey));
      signers.push(...read.signers);
    } catch (error) {
      if (!(error instanceof EarshotError)) throw error;
      throw new EarshotError('KEY_INVALID', `${path}: ${error.message}`, {
        remedy: 'Import it again or take it away.',
      });
    }
  }
  return { identities, signers };
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).toSorted();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
