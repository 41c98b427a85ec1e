import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { EarshotError } from '../base/errors.ts';
import { systemRandom, type Random } from '../base/ids.ts';

/**
 * Sealing of the spool: each segment of the audio log has a random key, wrapped to the node's X25519 recipient. The recorder
 * holds only the public half, so that a stolen recorder's disk tells nothing.
 *
 * Wrapped key: version (1 byte, 1), ephemeral X25519 public key (32), AES-256-GCM of the segment key (32) and its tag (16). The wrapping key
 * is HKDF-SHA256(shared secret, salt = ephemeral ‖ recipient, info = WRAP_INFO), used once, hence a zero nonce. The context
 * (the segment's id) is additional data.
 */
export const WRAPPED_KEY_BYTES = 1 + 32 + 32 + 16;
export const SEGMENT_KEY_BYTES = 32;
export const TAG_BYTES = 16;

const VERSION = 1;
const WRAP_INFO = 'earshot spool key 1';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
/** RFC 8410: what stands before the 32 raw bytes of an X25519 key in SPKI and PKCS #8. */
const SPKI_PREFIX = Buffer.from('302a300506032b656e032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b656e04220420', 'hex');

export interface SpoolKeyPair {
  /** 32 raw bytes, base64. */
  readonly publicKey: string;
  readonly privateKey: string;
}

/** The public half: enough to seal. */
export interface SpoolRecipient {
  readonly key: KeyObject;
  readonly raw: Buffer;
}

/** The private half: opens what was sealed. */
export interface SpoolIdentity {
  readonly key: KeyObject;
  readonly recipient: SpoolRecipient;
}

export function generateSpoolKeyPair(): SpoolKeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  return {
    publicKey: rawOf(publicKey).toString('base64'),
    privateKey: privateKey.export({ type: 'pkcs8', format: 'der' }).subarray(PKCS8_PREFIX.length).toString('base64'),
  };
}

/** @throws EarshotError KEY_INVALID */
export function spoolRecipient(publicKey: string): SpoolRecipient {
  const raw = rawKey(publicKey);
  return { raw, key: createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' }) };
}

/** @throws EarshotError KEY_INVALID */
export function spoolIdentity(privateKey: string): SpoolIdentity {
  const der = Buffer.concat([PKCS8_PREFIX, rawKey(privateKey)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key);
  return { key, recipient: { key: publicKey, raw: rawOf(publicKey) } };
}

/** @param context what the key belongs to; the same bytes unwrap it */
export function wrapKey(recipient: SpoolRecipient, segmentKey: Buffer, context: Buffer): Buffer {
  const ephemeral = generateKeyPairSync('x25519');
  const ephemeralRaw = rawOf(ephemeral.publicKey);
  const shared = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: recipient.key });
  const cipher = createCipheriv(CIPHER, wrappingKey(shared, ephemeralRaw, recipient), Buffer.alloc(NONCE_BYTES));
  cipher.setAAD(context);
  const sealed = Buffer.concat([cipher.update(segmentKey), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), ephemeralRaw, sealed, cipher.getAuthTag()]);
}

/** @throws EarshotError SEAL_CORRUPT when it was damaged or wrapped to another recipient */
export function unwrapKey(identity: SpoolIdentity, wrapped: Buffer, context: Buffer): Buffer {
  if (wrapped.length !== WRAPPED_KEY_BYTES || wrapped[0] !== VERSION) throw corrupt();
  const ephemeralRaw = wrapped.subarray(1, 33);
  try {
    const publicKey = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, ephemeralRaw]), format: 'der', type: 'spki' });
    const shared = diffieHellman({ privateKey: identity.key, publicKey });
    const key = wrappingKey(shared, ephemeralRaw, identity.recipient);
    const decipher = createDecipheriv(CIPHER, key, Buffer.alloc(NONCE_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(context);
    decipher.setAuthTag(wrapped.subarray(65));
    return Buffer.concat([decipher.update(wrapped.subarray(33, 65)), decipher.final()]);
  } catch (error) {
    throw corrupt(error);
  }
}

/** A segment's key made ready for {@link sealRecord}: a key object costs a third of raw bytes, each time that it is used. */
export function recordKey(segmentKey: Buffer): KeyObject {
  return createSecretKey(segmentKey);
}

export function newSegmentKey(random: Random = systemRandom): Buffer {
  return random(SEGMENT_KEY_BYTES);
}

export interface SealedRecord {
  readonly ciphertext: Buffer;
  readonly tag: Buffer;
}

/**
 * Seals one record. The nonce is the record's number in its segment, so a number must never be used twice with one key.
 * @param aad segment id and record header
 */
export function sealRecord(key: KeyObject, recordNumber: number, aad: Buffer, body: Uint8Array): SealedRecord {
  const cipher = createCipheriv(CIPHER, key, nonceOf(recordNumber), { authTagLength: TAG_BYTES });
  cipher.setAAD(aad);
  const ciphertext = cipher.update(body);
  cipher.final();
  return { ciphertext, tag: cipher.getAuthTag() };
}

/** @returns null when anything of it was changed: record, header, or whose segment it is in */
export function openRecord(
  key: KeyObject,
  recordNumber: number,
  aad: Buffer,
  { ciphertext, tag }: SealedRecord,
): Buffer | null {
  const decipher = createDecipheriv(CIPHER, key, nonceOf(recordNumber), { authTagLength: TAG_BYTES });
  decipher.setAAD(aad);
  decipher.setAuthTag(tag);
  const body = decipher.update(ciphertext);
  try {
    decipher.final();
    return body;
  } catch {
    return null;
  }
}

function nonceOf(recordNumber: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES);
  nonce.writeUInt32BE(recordNumber, NONCE_BYTES - 4);
  return nonce;
}

function wrappingKey(shared: Buffer, ephemeral: Buffer, recipient: SpoolRecipient): Buffer {
  return Buffer.from(hkdfSync('sha256', shared, Buffer.concat([ephemeral, recipient.raw]), WRAP_INFO, 32));
}

function rawOf(publicKey: KeyObject): Buffer {
  return publicKey.export({ type: 'spki', format: 'der' }).subarray(SPKI_PREFIX.length);
}

function rawKey(text: string): Buffer {
  const raw = Buffer.from(text.trim(), 'base64');
  if (raw.length === 32) return raw;
  throw new EarshotError('KEY_INVALID', 'a spool key must be 32 bytes in base64.', {
    remedy: 'Restore secrets/ from your backup.',
  });
}

function corrupt(cause?: unknown): EarshotError {
  return new EarshotError('SEAL_CORRUPT', 'the wrapped key cannot be opened: damaged, or sealed to another key.', {
    cause,
  });
}
