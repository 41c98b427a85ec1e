import { isOpaqueId } from '../../base/ids.ts';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const VALUES = new Map(Array.from(ALPHABET, (letter, value) => [letter, value]));
export const CALL_KEY_BYTES = 16;

/** The 128 bits behind an opaque id, as they stand in record headers. @throws TypeError for anything else: a defect */
export function callKeyOf(callId: string): Buffer {
  if (!isOpaqueId(callId)) throw new TypeError('not a call id');
  const key = Buffer.alloc(CALL_KEY_BYTES);
  let at = 0;
  let bits = 0;
  let value = 0;
  for (const letter of callId) {
    value = (value << 5) | (VALUES.get(letter) ?? 0);
    bits += 5;
    if (bits < 8 || at === CALL_KEY_BYTES) continue;
    bits -= 8;
    key[at++] = (value >> bits) & 0xff;
    value &= (1 << bits) - 1;
  }
  return key;
}

const LETTERS = Buffer.from(ALPHABET);
const ID_LETTERS = 26;
const letters = Buffer.alloc(ID_LETTERS);

/** The other way: the opaque id of 16 bytes at `at`. */
export function callIdOf(bytes: Buffer, at = 0): string {
  let letter = 0;
  let bits = 0;
  let value = 0;
  for (let index = 0; index < CALL_KEY_BYTES; index++) {
    value = (value << 8) | bytes[at + index]!;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      letters[letter++] = LETTERS[(value >> bits) & 31]!;
    }
    value &= (1 << bits) - 1;
  }
  letters[letter] = LETTERS[(value << (5 - bits)) & 31]!;
  return letters.toString('latin1');
}
