import { randomBytes, randomFillSync } from 'node:crypto';

/** A source of random bytes; tests pass one of their own. */
export type Random = (size: number) => Buffer;

/** A trip to the system's generator costs as much for many bytes as for few. */
const STOCK_BYTES = 4096;
const MOST_OF_STOCK = 64;
const stock = Buffer.allocUnsafeSlow(STOCK_BYTES);
let used = STOCK_BYTES;

/** The machine's cryptographic generator. Each byte is given out once, and is gone from memory of ours then. */
export const systemRandom: Random = (size) => {
  if (size > MOST_OF_STOCK) return randomBytes(size);
  if (used + size > STOCK_BYTES) {
    randomFillSync(stock);
    used = 0;
  }
  const bytes = Buffer.from(stock.subarray(used, used + size));
  stock.fill(0, used, used + size);
  used += size;
  return bytes;
};

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * An opaque id: 128 random bits as 26 lower-case letters and digits (Crockford's base 32), safe in paths, URLs and file names.
 */
export function opaqueId(random: Random = systemRandom): string {
  const bytes = random(16);
  let id = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      id += ALPHABET.charAt((value >> bits) & 31);
    }
    value &= (1 << bits) - 1;
  }
  return id + ALPHABET.charAt((value << (5 - bits)) & 31);
}

/** Whether a foreign text has the form of an {@link opaqueId}; anything else must not reach a path or a query. */
export function isOpaqueId(text: string): boolean {
  return /^[0-9abcdefghjkmnpqrstvwxyz]{26}$/.test(text);
}

/** A secret for tokens and passwords: 256 random bits, base64url. */
export function secretText(random: Random = systemRandom): string {
  return random(32).toString('base64url');
}
