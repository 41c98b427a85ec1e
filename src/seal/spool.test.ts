import { describe, expect, it } from 'vitest';
import {
  generateSpoolKeyPair,
  newSegmentKey,
  openRecord,
  recordKey,
  sealRecord,
  spoolIdentity,
  spoolRecipient,
  unwrapKey,
  wrapKey,
  WRAPPED_KEY_BYTES,
} from './spool.ts';

const pair = generateSpoolKeyPair();
const recipient = spoolRecipient(pair.publicKey);
const identity = spoolIdentity(pair.privateKey);
const context = Buffer.from('segment 1');

describe('spool keys', () => {
  it('what is wrapped to the public half opens with the private half alone', () => {
    const key = newSegmentKey();
    const wrapped = wrapKey(recipient, key, context);
    expect(wrapped).toHaveLength(WRAPPED_KEY_BYTES);
    expect(wrapped.includes(key)).toBe(false);
    expect(unwrapKey(identity, wrapped, context)).toEqual(key);
    const stranger = spoolIdentity(generateSpoolKeyPair().privateKey);
    expect(() => unwrapKey(stranger, wrapped, context)).toThrow(expect.objectContaining({ code: 'SEAL_CORRUPT' }));
  });

  it('the same key is wrapped differently each time', () => {
    const key = newSegmentKey();
    expect(wrapKey(recipient, key, context)).not.toEqual(wrapKey(recipient, key, context));
  });

  it('notices every flipped bit of a wrapped key, and a foreign segment', () => {
    const wrapped = wrapKey(recipient, newSegmentKey(), context);
    for (let bit = 0; bit < wrapped.length * 8; bit++) {
      const bytes = Buffer.from(wrapped);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      // X25519 takes no notice of the top bit of a public key (RFC 7748, 5), but the derived key does.
      expect(() => unwrapKey(identity, bytes, context), `bit ${bit}`).toThrow(
        expect.objectContaining({ code: 'SEAL_CORRUPT' }),
      );
    }
    expect(() => unwrapKey(identity, wrapped, Buffer.from('segment 2'))).toThrow('cannot be opened');
    expect(() => unwrapKey(identity, wrapped.subarray(1), context)).toThrow('cannot be opened');
  });

  it('tells what is wrong with a key that is none', () => {
    expect(() => spoolRecipient('too short')).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }));
    expect(spoolRecipient(`${pair.publicKey}\n`).raw).toEqual(identity.recipient.raw);
  });
});

describe('sealed records', () => {
  const key = recordKey(newSegmentKey());
  const body = Buffer.from('a tone of 440 Hz');

  it('open with their own number and additional data, and with no other', () => {
    const sealed = sealRecord(key, 7, context, body);
    expect(openRecord(key, 7, context, sealed)).toEqual(body);
    expect(openRecord(key, 8, context, sealed)).toBeNull();
    expect(openRecord(key, 7, Buffer.from('segment 2'), sealed)).toBeNull();
    expect(openRecord(recordKey(newSegmentKey()), 7, context, sealed)).toBeNull();
  });

  it('do not open when a bit of them was flipped', () => {
    const { ciphertext, tag } = sealRecord(key, 7, context, body);
    expect(ciphertext.includes(body)).toBe(false);
    for (const part of [ciphertext, tag]) {
      for (let bit = 0; bit < part.length * 8; bit++) {
        part[bit >> 3]! ^= 1 << (bit & 7);
        expect(openRecord(key, 7, context, { ciphertext, tag })).toBeNull();
        part[bit >> 3]! ^= 1 << (bit & 7);
      }
    }
    expect(openRecord(key, 7, context, { ciphertext, tag })).toEqual(body);
  });
});
