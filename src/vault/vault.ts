import { join } from 'node:path';
import type { RandomAccess } from '../seal/access.ts';
import { openAge } from '../seal/age/open.ts';
import type { Identity, Recipient } from '../seal/age/recipients.ts';
import { FileStore } from './file-store.ts';
import { loadImportedKeys } from './key-bundle.ts';
import { loadLedgerKey, loadOwnerKeys } from './keys.ts';
import { Ledger, ledgerPath } from './ledger.ts';
import { type Manifest, manifestKey, type ObjectRef, readManifest } from './manifest.ts';
import { keyIdOf, type Signer, signerOf, trust, type TrustedKeys } from './signing.ts';
import type { Store } from './store.ts';

export type { Identity, Recipient } from '../seal/age/recipients.ts';
export type { RandomAccess } from '../seal/access.ts';

/** A half-written object of this age has no writer any more. */
const HALF_WRITTEN_AGE_MS = 24 * 3_600_000;

/** Everything a service needs to keep recordings and to open them. */
export interface Vault {
  readonly store: Store;
  readonly recipients: readonly Recipient[];
  readonly identities: readonly Identity[];
  readonly signer: Signer;
  readonly keys: TrustedKeys;
  readonly ledger: Ledger;
  /** When the owner's certificate runs out, ms since 1970; sealing goes on after it. */
  readonly certificateExpiresAt: number;
  close(): Promise<void>;
}

/**
 * Opens the vault in the data folder; {@link ensureSecrets} must have run.
 * @throws EarshotError KEY_MISSING, KEY_INVALID, MANIFEST_CORRUPT (ledger), DATA_UNWRITABLE, DISK_FULL
 */
export async function openVault(dataDir: string, nodeId: string, now = Date.now()): Promise<Vault> {
  const { owner, signer, ...reading } = await openParts(dataDir);
  await reading.store.sweepIncoming(now - HALF_WRITTEN_AGE_MS);
  const ledger = await Ledger.open(ledgerPath(dataDir, nodeId), signer);
  return {
    ...reading,
    recipients: [owner.recipient],
    signer,
    ledger,
    certificateExpiresAt: owner.expiresAt,
    close: () => ledger.close(),
  };
}

/**
 * The vault for reading alone, beside a service that writes.
 * @throws EarshotError KEY_MISSING, KEY_INVALID
 */
export async function readVault(dataDir: string): Promise<Pick<Vault, 'store' | 'keys' | 'identities'>> {
  const { store, keys, identities } = await openParts(dataDir);
  return { store, keys, identities };
}

async function openParts(dataDir: string) {
  const owner = await loadOwnerKeys(dataDir);
  const signer = signerOf(await loadLedgerKey(dataDir));
  const imported = await loadImportedKeys(dataDir);
  const others = imported.signers.map((publicKey) => ({ keyId: keyIdOf(publicKey), publicKey }));
  return {
    owner,
    signer,
    store: await FileStore.open(join(dataDir, 'vault')),
    identities: [owner.identity, ...imported.identities],
    keys: trust(signer, ...others),
  };
}

/** A recording's manifest, checked. @throws EarshotError OBJECT_MISSING, MANIFEST_CORRUPT, KEY_MISSING */
export async function loadManifest(vault: Pick<Vault, 'store' | 'keys'>, recordingId: string): Promise<Manifest> {
  return readManifest(await vault.store.get(manifestKey(recordingId)), vault.keys);
}

/**
 * Opens a sealed object for reads at any place of its plaintext; close it after use.
 * @throws EarshotError OBJECT_MISSING, SEAL_CORRUPT, KEY_MISSING
 */
export async function openObject(
  vault: Pick<Vault, 'store' | 'identities'>,
  object: string | ObjectRef,
): Promise<RandomAccess> {
  const sealed = await vault.store.open(typeof object === 'string' ? object : object.key);
  try {
    return await openAge(vault.identities, sealed);
  } catch (error) {
    await sealed.close();
    throw error;
  }
}
