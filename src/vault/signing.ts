import { createHash, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** A node's Ed25519 key, for manifests and ledger. */
export interface Signer {
  /** Which key it is: first 16 hex digits of SHA-256 of the public key (SPKI DER). */
  readonly keyId: string;
  readonly publicKey: KeyObject;
  /** Base64. */
  sign(bytes: Uint8Array): string;
}

/** Public keys by their id: this node's own, and those of other nodes whose manifests are read. */
export type TrustedKeys = ReadonlyMap<string, KeyObject>;

export function keyIdOf(publicKey: KeyObject): string {
  return createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('hex')
    .slice(0, 16);
}

export function signerOf(privateKey: KeyObject): Signer {
  const publicKey = createPublicKey(privateKey);
  return {
    keyId: keyIdOf(publicKey),
    publicKey,
    sign: (bytes) => sign(null, bytes, privateKey).toString('base64'),
  };
}

export function trust(...signers: readonly { readonly keyId: string; readonly publicKey: KeyObject }[]): TrustedKeys {
  return new Map(signers.map(({ keyId, publicKey }) => [keyId, publicKey]));
}

/** Whether the signature (base64) is the key's own over these bytes. */
export function isSigned(publicKey: KeyObject, bytes: Uint8Array, signature: string): boolean {
  try {
    return verify(null, bytes, publicKey, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
