import { createHash } from 'node:crypto';
import { EarshotError } from '../base/errors.ts';
import { streamOf } from '../seal/access.ts';
import { type Manifest, readManifest } from './manifest.ts';
import type { Store } from './store.ts';
import type { TrustedKeys } from './signing.ts';

/**
 * Compares every object that the manifest names with its size and hash, sealed as it lies: no key is needed.
 * @throws EarshotError OBJECT_MISSING, SEAL_CORRUPT
 */
export async function verifyObjects(vault: { readonly store: Store }, manifest: Manifest): Promise<void> {
  for (const object of [manifest.audio, manifest.peaks, manifest.trace, manifest.packets]) {
    if (object === null) continue;
    const access = await vault.store.open(object.key);
    try {
      const hash = createHash('sha256');
      if (access.size === object.bytes) for await (const part of streamOf(access)) hash.update(part);
      if (access.size === object.bytes && hash.digest('hex') === object.sha256) continue;
      throw new EarshotError('SEAL_CORRUPT', `the object ${object.key} is not what its manifest says.`, {
        remedy: 'Bring it back from a backup; it was damaged or changed.',
        key: object.key,
      });
    } finally {
      await access.close();
    }
  }
}

/** What was found of one recording. */
export interface Verified {
  /** Key of its manifest. */
  readonly key: string;
  readonly manifest: Manifest | null;
  /** Null = manifest and objects are what was written. */
  readonly error: EarshotError | null;
}

/**
 * Checks all manifests and the objects they name, one after the other; together with `verifyLedger` this is what `earshot verify` tells.
 * @throws what the store throws when it fails altogether
 */
export async function* verifyRecordings(vault: {
  readonly store: Store;
  readonly keys: TrustedKeys;
}): AsyncGenerator<Verified> {
  for await (const { key } of vault.store.list('manifests/')) {
    let manifest: Manifest | null = null;
    try {
      manifest = readManifest(await vault.store.get(key), vault.keys);
      await verifyObjects(vault, manifest);
      yield { key, manifest, error: null };
    } catch (error) {
      if (!(error instanceof EarshotError)) throw error;
      yield { key, manifest, error };
    }
  }
}
