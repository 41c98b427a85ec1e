import { describe, expect, it } from 'vitest';
import { systemRandom } from '../base/ids.ts';
import { DEFAULT_COST, Passwords } from './passwords.ts';

const cheap = new Passwords(systemRandom, { memory: 64, passes: 1, parallelism: 1 });

describe('passwords', () => {
  it('are hashed with argon2id, salted, in the usual form', async () => {
    const [one, two] = await Promise.all([cheap.hash('secret phrase'), cheap.hash('secret phrase')]);
    expect(one).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
    expect(one).not.toBe(two);
    expect(await cheap.verify('secret phrase', one)).toBe(true);
    expect(await cheap.verify('secret phrasE', one)).toBe(false);
  });

  it('match the published vector of the reference implementation', async () => {
    // argon2 reference, test.c: version 0x13, t=2, m=2^8, p=1, "password", "somesalt"
    const hash = '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';
    expect(await cheap.verify('password', hash)).toBe(true);
    expect(await cheap.verify('passwore', hash)).toBe(false);
  });

  it('are the same in each Unicode form', async () => {
    const hash = await cheap.hash('Stra\u00dfe \u00e9');
    expect(await cheap.verify('Stra\u00dfe e\u0301', hash)).toBe(true);
  });

  it('of nobody, or with a broken hash, are wrong without an error', async () => {
    expect(await cheap.verify('', null)).toBe(false);
    for (const hash of ['', 'x', '$argon2id$v=19$m=64,t=1,p=1$$', '$2b$10$abc']) {
      expect(await cheap.verify('x', hash)).toBe(false);
    }
  });

  it('cost what OWASP asks for', () => {
    expect(DEFAULT_COST.memory * DEFAULT_COST.passes).toBeGreaterThanOrEqual(19 * 1024 * 2);
  });
});
