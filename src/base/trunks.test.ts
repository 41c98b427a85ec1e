import { describe, expect, it } from 'vitest';
import { addressMatcher, PRIVATE_RANGES } from './trunks.ts';

describe('address ranges', () => {
  const isPrivate = addressMatcher(PRIVATE_RANGES);

  it.each([
    '10.1.2.3',
    '172.31.255.255',
    '192.168.0.1',
    '127.0.0.1',
    '::1',
    'fd00::1',
    '::ffff:10.0.0.1',
    'fe80::1%eth0',
  ])('counts %s as private', (address) => expect(isPrivate(address)).toBe(true));

  it.each(['192.0.2.1', '172.32.0.1', '2001:db8::1', '::ffff:192.0.2.1', 'recorder.example', ''])(
    'does not count %s',
    (address) => expect(isPrivate(address)).toBe(false),
  );
});
