import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { EarshotError } from '../base/errors.ts';
import { TAG_BYTES } from './spool.ts';

export const RECORDER_KEY_BYTES = 32;

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;

/**
 * Seals the media keys of streams to the recorder itself: they pass through its memory, its journal and its saved dialogs only sealed, and are opened where
 * packets are decrypted (docs/adr/0006). The secret is `secrets/recorder.key`, which a restarted recorder reads again.
 *
 * Sealed: nonce (12 bytes), AES-256-GCM of the keys, tag (16); base64. The nonce is an HMAC of what is sealed, so that the same keys give the same text and no nonce is
 * ever used for two.
 */
export class StreamKeySeal {
  readonly #cipherKey: KeyObject;
  readonly #nonceKey: KeyObject;
  readonly #ownKey: Buffer;

  /** @param secret 32 bytes in base64. @throws EarshotError KEY_INVALID */
  constructor(secret: string) {
    const raw = Buffer.from(secret.trim(), 'base64');
    if (raw.length !== RECORDER_KEY_BYTES) {
      throw new EarshotError('KEY_INVALID', 'the recorder key must be 32 bytes in base64.', {
        key: 'recorder.key',
        remedy: 'Remove it while no call runs; a new one is made at the next start.',
      });
    }
    const part = (info: string): Buffer => Buffer.from(hkdfSync('sha256', raw, '', `earshot recorder ${info} 1`, 32));
    this.#cipherKey = createSecretKey(part('stream keys'));
    this.#nonceKey = createSecretKey(part('nonces'));
    this.#ownKey = part('own media keys');
  }

  seal(keys: Uint8Array): string {
    const nonce = createHmac('sha256', this.#nonceKey).update(keys).digest().subarray(0, NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#cipherKey, nonce, { authTagLength: TAG_BYTES });
    const sealed = cipher.update(keys);
    cipher.final();
    return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64');
  }

  /** @throws EarshotError SEAL_CORRUPT when it was damaged or sealed by another secret */
  open(sealed: string): Buffer {
    const bytes = Buffer.from(sealed, 'base64');
    const end = bytes.length - TAG_BYTES;
    try {
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, this.#cipherKey, nonce, { authTagLength: TAG_BYTES });
      decipher.setAuthTag(bytes.subarray(Math.max(0, end)));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, Math.max(0, end))), decipher.final()]);
    } catch (error) {
      const text = 'the keys of a stream cannot be opened: damaged, or sealed by another recorder key.';
      throw new EarshotError('SEAL_CORRUPT', text, { cause: error });
    }
  }

  /** Our own key for `context`, the same whenever it is asked for, so that it need not be written down. At most 64 bytes. */
  ownKey(context: string, bytes: number): Buffer {
    return createHmac('sha512', this.#ownKey).update(context).digest().subarray(0, bytes);
  }
}
