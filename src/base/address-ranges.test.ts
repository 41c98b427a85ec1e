import fc from 'fast-check';
import { BlockList, isIP } from 'node:net';
import { describe, expect, it } from 'vitest';
import { addressMatcher } from './address-ranges.ts';

const four = fc.ipV4();
const six = fc.oneof(
  fc.ipV6(),
  fc.constantFrom('::', '::1', 'fe80::1', '2001:db8::', '1::', '::ffff:0:0', '64:ff9b::192.0.2.1'),
);

describe('address ranges', () => {
  it('hold what net.BlockList holds', () => {
    fc.assert(
      fc.property(fc.oneof(four, six), fc.nat(128), fc.oneof(four, six), fc.nat(31), (range, prefix, other, near) => {
        const family = isIP(range) === 6 ? 'ipv6' : 'ipv4';
        const bits = Math.min(prefix, family === 'ipv6' ? 128 : 32);
        const list = new BlockList();
        list.addSubnet(range, bits, family);
        const matches = addressMatcher([`${range}/${bits}`]);
        // Neighbours are the interesting ones.
        const beside = family === 'ipv4' ? range.replace(/\d+$/, (last) => String((Number(last) + near) % 256)) : range;
        for (const address of [range, other, beside]) {
          expect(matches(address), `${address} in ${range}/${bits}`).toBe(
            list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4'),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('take IPv4 in IPv6 for IPv4, and leave zones out', () => {
    const matches = addressMatcher(['192.0.2.0/24', 'fe80::1%eth0/10', '2001:db8::1']);
    const inside = ['192.0.2.7', '::ffff:192.0.2.7', 'fe80::1%eth0', '2001:DB8:0:0::1'];
    expect(inside.filter((address) => !matches(address))).toEqual([]);
    const outside = ['192.0.3.7', '::ffff:192.0.3.7', '2001:db8::2', '', 'localhost', '1.2.3', '::ffff:x.y'];
    expect(outside.filter(matches)).toEqual([]);
    expect(addressMatcher([])('192.0.2.7')).toBe(false);
    expect(addressMatcher(['0.0.0.0/0'])('203.0.113.9')).toBe(true);
    expect(addressMatcher(['0.0.0.0/0'])('::1')).toBe(false);
  });

  it('are refused where they are none', () => {
    for (const item of [
      '',
      'here',
      '192.0.2.0/33',
      '192.0.2.0/x',
      '::/129',
      '192.0.2.0/-1',
      '192.0.2.0/',
      '192.0.2.0/24/8',
      '192.0.2.0/ 8',
    ])
      expect(() => addressMatcher([item])).toThrow(/no address or range/);
  });
});
