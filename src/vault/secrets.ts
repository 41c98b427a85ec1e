import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { EarshotError, systemCode } from '../base/errors.ts';
import { type Random, secretText, systemRandom } from '../base/ids.ts';
import { x25519Private } from '../seal/age/recipients.ts';
import { loadCertificate, makeOwnerCertificate, makeServerCertificate } from '../seal/certificate.ts';
import { createFile, diskError, makeFolder, replaceFile } from './durable.ts';

/** Everything secret (and its public halves) of a node, in `secrets/` of the data folder: 0700, files 0600. */
export const SECRETS = {
  ownerCertificate: 'owner-certificate.pem',
  ownerKey: 'owner-key.pem',
  spoolPublic: 'spool-public.key',
  spoolPrivate: 'spool-private.key',
  /** The recorder's own: media keys of running calls are sealed with it. */
  recorderKey: 'recorder.key',
  ledgerKey: 'ledger-key.pem',
  sessionSecret: 'session-secret',
  localToken: 'local-token',
  postgresPassword: 'postgres-password',
  httpCertificate: 'http-certificate.pem',
  httpKey: 'http-key.pem',
  sipCertificate: 'sip-certificate.pem',
  sipKey: 'sip-key.pem',
} as const;

export type SecretName = keyof typeof SECRETS;

export interface SecretOptions {
  /** Wall time, ms. */
  readonly now: number;
  /** Names and addresses for the servers' certificates; none given: this host's own. */
  readonly hostNames?: readonly string[];
  readonly random?: Random;
}

/** A server's own certificate is made anew this long before it runs out. */
const RENEW_BEFORE = 30 * 86_400_000;

export function secretPath(dataDir: string, name: SecretName): string {
  return join(dataDir, 'secrets', SECRETS[name]);
}

/** A secret's text, trimmed. @throws EarshotError KEY_MISSING */
export async function readSecret(dataDir: string, name: SecretName): Promise<string> {
  const found = await readIfThere(secretPath(dataDir, name));
  if (found !== null) return found.trim();
  throw new EarshotError('KEY_MISSING', `${secretPath(dataDir, name)} is missing.`, {
    remedy: 'Bring the secrets folder back from a backup, or import the key.',
    key: SECRETS[name],
  });
}

/**
 * Makes every secret that is missing and leaves the others alone. Whatever is derived is derived from the private half that is on
 * disk, so two processes that race, or one that is killed between two files, end with halves that fit.
 * @throws EarshotError KEY_MISSING where only the public half of a key is left; DATA_UNWRITABLE; DISK_FULL
 */
export async function ensureSecrets(dataDir: string, options: SecretOptions): Promise<void> {
  const random = options.random ?? systemRandom;
  try {
    await makeFolder(join(dataDir, 'secrets'));
    await ensureOwner(dataDir, options);
    await ensureSpool(dataDir);
    await ensureKey(dataDir, 'ledgerKey', null, () => generateKeyPairSync('ed25519').privateKey);
    await ensureText(dataDir, 'recorderKey', () => random(32).toString('base64'));
    for (const name of ['sessionSecret', 'localToken', 'postgresPassword'] as const) {
      await ensureText(dataDir, name, () => secretText(random));
    }
    await ensureServer(dataDir, 'httpCertificate', 'httpKey', options);
    await ensureServer(dataDir, 'sipCertificate', 'sipKey', options);
  } catch (error) {
    throw diskError(error, join(dataDir, 'secrets'));
  }
}

async function ensureOwner(dataDir: string, options: SecretOptions): Promise<void> {
  const key = await ensureKey(
    dataDir,
    'ownerKey',
    'ownerCertificate',
    () => generateKeyPairSync('rsa', { modulusLength: 3072 }).privateKey,
  );
  await ensureText(
    dataDir,
    'ownerCertificate',
    async () => (await makeOwnerCertificate('Earshot recordings', { ...options, key })).certificate,
  );
}

async function ensureSpool(dataDir: string): Promise<void> {
  const raw = (key: KeyObject, part: 'd' | 'x'): string =>
    Buffer.from(key.export({ format: 'jwk' })[part] ?? '', 'base64url').toString('base64');
  await refuseOrphan(dataDir, 'spoolPrivate', 'spoolPublic');
  const secret = await ensureText(dataDir, 'spoolPrivate', () => raw(generateKeyPairSync('x25519').privateKey, 'd'));
  await ensureText(dataDir, 'spoolPublic', () =>
    raw(createPublicKey(x25519Private(Buffer.from(secret, 'base64'))), 'x'),
  );
}

async function ensureServer(
  dataDir: string,
  certificateName: 'httpCertificate' | 'sipCertificate',
  keyName: 'httpKey' | 'sipKey',
  options: SecretOptions,
): Promise<void> {
  const key = await ensureKey(
    dataDir,
    keyName,
    null,
    () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  );
  const make = async (): Promise<string> =>
    (await makeServerCertificate(options.hostNames ?? localNames(), { ...options, key })).certificate;
  const current = await ensureText(dataDir, certificateName, make);
  if (isStale(current, key, options.now))
    await replaceFile(secretPath(dataDir, certificateName), Buffer.from(await make()));
}

function isStale(certificate: string, key: KeyObject, now: number): boolean {
  try {
    const { certificate: parsed, expiresAt } = loadCertificate(
      { certificate, key: key.export({ format: 'pem', type: 'pkcs8' }).toString() },
      'own',
    );
    return expiresAt < now + RENEW_BEFORE || Date.parse(parsed.validFrom) > now;
  } catch {
    return true;
  }
}

/** This host's name and addresses. */
export function localNames(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address));
  const name = /^[A-Za-z0-9.-]+$/.test(hostname()) ? [hostname()] : [];
  return [
    ...new Set([...name, 'localhost', '127.0.0.1', '::1', ...addresses.map((address) => address.replace(/%.*$/, ''))]),
  ];
}

/** The private key on disk, made if missing. `publicHalf`: a file that must not be there without it. */
async function ensureKey(
  dataDir: string,
  name: SecretName,
  publicHalf: SecretName | null,
  make: () => KeyObject,
): Promise<KeyObject> {
  if (publicHalf !== null) await refuseOrphan(dataDir, name, publicHalf);
  const pem = await ensureText(dataDir, name, () => make().export({ format: 'pem', type: 'pkcs8' }).toString());
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new EarshotError('KEY_INVALID', `${secretPath(dataDir, name)} holds no private key in PEM.`, {
      remedy: 'Bring it back from a backup.',
      key: SECRETS[name],
      cause: error,
    });
  }
}

/** Making a new private half would leave what was sealed to the old one unreadable without a word. */
async function refuseOrphan(dataDir: string, secret: SecretName, publicHalf: SecretName): Promise<void> {
  if ((await readIfThere(secretPath(dataDir, publicHalf))) !== null) await readSecret(dataDir, secret);
}

async function ensureText(dataDir: string, name: SecretName, make: () => string | Promise<string>): Promise<string> {
  const path = secretPath(dataDir, name);
  const found = await readIfThere(path);
  if (found !== null) return found.trim();
  await createFile(path, Buffer.from(`${(await make()).trim()}\n`));
  return readSecret(dataDir, name);
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}
