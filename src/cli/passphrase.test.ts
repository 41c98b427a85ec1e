import { describe, expect, it } from 'vitest';
import { passphraseFrom } from './passphrase.ts';

describe('a passphrase from the environment', () => {
  it('is only asked for where a variable is named', () => {
    expect(passphraseFrom({}, undefined)).toBeUndefined();
    expect(passphraseFrom({ SECRET: 'open sesame' }, 'SECRET')).toBe('open sesame');
  });

  it.each([{}, { SECRET: '' }])('that is missing is an error, and not a key in the open: %j', (env) => {
    expect(() => passphraseFrom(env, 'SECRET')).toThrow(expect.objectContaining({ key: '--passphrase-env' }));
  });
});
