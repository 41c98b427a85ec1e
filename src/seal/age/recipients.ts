import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto';
import { EarshotError } from '../../base/errors.ts';
import { decodeBase64, encodeBase64, type Stanza } from './format.ts';

/** Somebody for whom a file key is wrapped. */
export interface Recipient {
  wrap(fileKey: Buffer): Stanza;
}

/** Somebody who can unwrap a file key. Null = the stanza is not theirs or does not open; never throws for a foreign stanza. */
export interface Identity {
  unwrap(stanza: Stanza): Buffer | null;
}

export const FILE_KEY = 16;
const LEAST_RSA_BITS = 2048;
const RSA_LABEL = Buffer.from('age-encryption.org/v1/ssh-rsa');
const X25519_INFO = 'age-encryption.org/v1/X25519';
const ZERO_NONCE = Buffer.alloc(12);

function checkRsa(key: KeyObject): void {
  if (key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= LEAST_RSA_BITS) return;
  throw new EarshotError('KEY_INVALID', `the certificate's key must be RSA with ${LEAST_RSA_BITS} bits or more.`, {
    remedy: 'Make or import a certificate with such a key.',
  });
}

/** First four bytes of SHA-256 over the SSH wire form of the key (RFC 4253 §6.6), base64: tells which key a stanza is for. */
export function rsaTag(key: KeyObject): string {
  const jwk = key.export({ format: 'jwk' });
  const field = (bytes: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  // mpint: a leading zero byte where the highest bit is set (RFC 4251 §5).
  const mpint = (text = ''): Buffer => {
    const bytes = Buffer.from(text, 'base64url');
    return field((bytes[0] ?? 0) > 127 ? Buffer.concat([Buffer.of(0), bytes]) : bytes);
  };
  const wire = Buffer.concat([field(Buffer.from('ssh-rsa')), mpint(jwk.e), mpint(jwk.n)]);
  return encodeBase64(createHash('sha256').update(wire).digest().subarray(0, 4));
}

const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256', oaepLabel: RSA_LABEL };

/**
 * Seals to an RSA public key as an `ssh-rsa` stanza: RSA-OAEP with SHA-256.
 * @throws EarshotError KEY_INVALID for another kind of key or fewer than 2048 bits
 */
export function rsaRecipient(publicKey: KeyObject): Recipient {
  checkRsa(publicKey);
  const tag = rsaTag(publicKey);
  return {
    wrap: (fileKey) => ({ type: 'ssh-rsa', args: [tag], body: publicEncrypt({ key: publicKey, ...OAEP }, fileKey) }),
  };
}

/** @throws EarshotError KEY_INVALID */
export function rsaIdentity(privateKey: KeyObject): Identity {
  checkRsa(privateKey);
  const tag = rsaTag(createPublicKey(privateKey));
  return {
    unwrap(stanza) {
      if (stanza.type !== 'ssh-rsa' || stanza.args.length !== 1 || stanza.args[0] !== tag) return null;
      return opened(() => privateDecrypt({ key: privateKey, ...OAEP }, stanza.body));
    },
  };
}

/** Raw 32 bytes of an X25519 key as a key object. */
export function x25519Public(raw: Uint8Array): KeyObject {
  return createPublicKey({
    key: { kty: 'OKP', crv: 'X25519', x: Buffer.from(raw).toString('base64url') },
    format: 'jwk',
  });
}

export function x25519Private(raw: Uint8Array): KeyObject {
  const prefix = Buffer.from('302e020100300506032b656e04220420', 'hex');
  return createPrivateKey({ key: Buffer.concat([prefix, raw]), format: 'der', type: 'pkcs8' });
}

function rawPublic(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url');
}

function wrapKey(secret: Buffer, share: Buffer, recipient: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.concat([share, recipient]), X25519_INFO, 32));
}

/** Seals to an X25519 public key: the native age recipient. */
export function x25519Recipient(publicKey: KeyObject): Recipient {
  const recipient = rawPublic(publicKey);
  return {
    wrap(fileKey) {
      const ephemeral = generateKeyPairSync('x25519');
      const share = rawPublic(ephemeral.publicKey);
      const key = wrapKey(diffieHellman({ privateKey: ephemeral.privateKey, publicKey }), share, recipient);
      const cipher = createCipheriv('chacha20-poly1305', key, ZERO_NONCE, { authTagLength: 16 });
      const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
      return { type: 'X25519', args: [encodeBase64(share)], body };
    },
  };
}

export function x25519Identity(privateKey: KeyObject): Identity {
  const recipient = rawPublic(createPublicKey(privateKey));
  return {
    unwrap(stanza) {
      if (stanza.type !== 'X25519' || stanza.args.length !== 1 || stanza.body.length !== FILE_KEY + 16) return null;
      return opened(() => {
        const share = decodeBase64(stanza.args[0] ?? '');
        const secret = diffieHellman({ privateKey, publicKey: x25519Public(share) });
        const decipher = createDecipheriv('chacha20-poly1305', wrapKey(secret, share, recipient), ZERO_NONCE, {
          authTagLength: 16,
        });
        decipher.setAuthTag(stanza.body.subarray(FILE_KEY));
        return Buffer.concat([decipher.update(stanza.body.subarray(0, FILE_KEY)), decipher.final()]);
      });
    },
  };
}

/** The file key, or null where the stanza does not open: it may be for another key with the same tag. */
function opened(unwrap: () => Buffer): Buffer | null {
  try {
    const fileKey = unwrap();
    return fileKey.length === FILE_KEY ? fileKey : null;
  } catch {
    return null;
  }
}
