import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { EarshotError } from '../base/errors.ts';
import type { Random } from '../base/ids.ts';

/** Keeps passwords that must be said again (to a directory server, to digest) out of the database's reach. */
export interface SecretBox {
  seal(text: string): string;
  /** @throws EarshotError KEY_INVALID when it was sealed under another key */
  open(sealed: string): string;
}

const FORM = 'a1';
const NONCE = 12;
const TAG = 16;

/** AES-256-GCM under a key derived from a secret of the data folder: who has the database alone has no passwords. */
export function secretBox(secret: string, random: Random): SecretBox {
  const key = createHash('sha256').update('earshot directory passwords\0').update(secret).digest();
  return {
    seal(text) {
      const nonce = random(NONCE);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
      return `${FORM}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`;
    },
    open(sealed) {
      try {
        const [form, text = ''] = sealed.split('.');
        if (form !== FORM) throw new Error('unknown form');
        const bytes = Buffer.from(text, 'base64url');
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE));
        decipher.setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
        return Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new EarshotError('KEY_INVALID', 'a stored password was sealed under another key.', {
          remedy: 'Bring the secrets folder back from a backup, or set the password again.',
          cause,
        });
      }
    },
  };
}
