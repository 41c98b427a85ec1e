import { describe, expect, it } from 'vitest';
import { StreamKeySeal } from './stream-keys.ts';

const secret = Buffer.alloc(32, 7).toString('base64');
const keys = Buffer.from('the keys of a stream');

describe('StreamKeySeal', () => {
  it('opens what it sealed, also as another process with the same secret', () => {
    const sealed = new StreamKeySeal(secret).seal(keys);
    expect(new StreamKeySeal(`${secret}\n`).open(sealed)).toEqual(keys);
    expect(Buffer.from(sealed, 'base64').includes(keys)).toBe(false);
  });

  it('seals the same keys to the same text, and others with another nonce', () => {
    const seal = new StreamKeySeal(secret);
    expect(seal.seal(keys)).toBe(seal.seal(Buffer.from(keys)));
    expect(seal.seal(Buffer.from('others')).slice(0, 16)).not.toBe(seal.seal(keys).slice(0, 16));
  });

  it('opens nothing that was changed, cut, or sealed by another', () => {
    const seal = new StreamKeySeal(secret);
    const sealed = Buffer.from(seal.seal(keys), 'base64');
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(() => seal.open(changed.toString('base64'))).toThrow(/cannot be opened/);
      expect(() => seal.open(sealed.subarray(0, at).toString('base64'))).toThrow(/cannot be opened/);
    }
    const other = new StreamKeySeal(Buffer.alloc(32, 8).toString('base64'));
    expect(() => other.open(sealed.toString('base64'))).toThrow(/cannot be opened/);
  });

  it('gives one key for one purpose, whenever it is asked', () => {
    const seal = new StreamKeySeal(secret);
    expect(seal.ownKey('a/0', 30)).toEqual(new StreamKeySeal(secret).ownKey('a/0', 30));
    expect(seal.ownKey('a/0', 30)).not.toEqual(seal.ownKey('a/1', 30));
    expect(seal.ownKey('a/0', 44)).toHaveLength(44);
  });

  it('refuses a secret of another length', () => {
    expect(() => new StreamKeySeal('c2hvcnQ=')).toThrow(/32 bytes/);
  });
});
