import { EarshotError } from '../base/errors.ts';
import type { RandomAccess } from '../seal/access.ts';

export interface StoredObject {
  readonly key: string;
  readonly size: number;
  /** Wall time of its writing, ms since 1970. */
  readonly modifiedAt: number;
}

export interface Written {
  readonly bytes: number;
  /** Of what was stored, hex. */
  readonly sha256: string;
}

/**
 * Where objects are kept. What a method that writes or deletes has promised is durable when it returns, and an object is seen whole or not at all.
 * Keys are names with slashes, see {@link checkKey}. One contract, one suite of tests for every store (store-contract.ts).
 */
export interface Store {
  /** Stores a stream; an object of that key is replaced. Nothing is left of a stream that throws. */
  put(key: string, stream: AsyncIterable<Uint8Array>): Promise<Written>;
  /** Stores bytes only if the key is free; of any number of callers at once just one gets true. */
  createIfAbsent(key: string, bytes: Uint8Array): Promise<boolean>;
  /** @throws EarshotError OBJECT_MISSING */
  open(key: string): Promise<RandomAccess>;
  /** A small object whole. @throws EarshotError OBJECT_MISSING; RangeError when it is longer than `limit` bytes */
  get(key: string, limit?: number): Promise<Buffer>;
  /** @returns whether it was there */
  delete(key: string): Promise<boolean>;
  /** All objects whose key begins so, in no order. Those written or deleted meanwhile may or may not be among them. */
  list(prefix: string): AsyncIterable<StoredObject>;
  exists(key: string): Promise<boolean>;
}

/** The longest object that {@link Store.get} reads unless told otherwise: manifests with long histories are under 1 MB. */
export const GET_LIMIT = 32 * 1024 * 1024;

const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

/** Keys are safe in every store and file system: no dot first, so no way up. @throws RangeError */
export function checkKey(key: string): string {
  if (key.length > 512 || !KEY.test(key))
    throw new RangeError(`not an object key: ${JSON.stringify(key.slice(0, 80))}`);
  return key;
}

export function objectMissing(key: string): EarshotError {
  return new EarshotError('OBJECT_MISSING', `the object ${key} is not in the store.`, {
    remedy: 'Bring it back from a backup, or run `earshot verify` to see what else is missing.',
    key,
  });
}
