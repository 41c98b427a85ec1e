import { isIPv6 } from 'node:net';

/**
 * The address by which attempts are counted: an IPv4 address itself, of an IPv6 address its /64, since whoever has one address there
 * has all of them.
 */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail = ''] = plain.toLowerCase().split('::');
  const before = head.split(':').filter((group) => group !== '');
  const after = tail.split(':').filter((group) => group !== '');
  const zeros = Math.max(0, 8 - before.length - after.length);
  const groups = [...before, ...Array<string>(plain.includes('::') ? zeros : 0).fill('0'), ...after];
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}
