import { isIP } from 'node:net';
import { EarshotError } from './errors.ts';

/** An address as numbers of 32 bits, the highest first: one of IPv4, four of IPv6. */
type Words = readonly number[];

interface Range {
  readonly words: Words;
  /** So many of them count, from the front. */
  readonly bits: number;
}

/**
 * A test for membership in addresses and CIDR ranges, for both IP versions; IPv4 in IPv6 counts as IPv4. By our own hands: `net.BlockList` makes an
 * object of the runtime's for each address that it is asked for, and thousands of these hold a thread up for a tenth of a second when they are tidied away.
 * @throws EarshotError CONFIG_INVALID for what is no address or range
 */
export function addressMatcher(items: readonly string[]): (address: string) => boolean {
  const ranges = items.map((item) => {
    const range = readRange(item);
    if (range === null) throw new EarshotError('CONFIG_INVALID', `"${item}" is no address or range like 192.0.2.0/24.`);
    return range;
  });
  return (address) => {
    if (ranges.length === 0) return false;
    const words = readAddress(withoutZone(address));
    if (words === null) return false;
    const plain = unmapped(words);
    return ranges.some((range) => holds(range, plain));
  };
}

/** Whether a text is an address or a CIDR range. */
export function isRange(item: string): boolean {
  return readRange(item) !== null;
}

function withoutZone(address: string): string {
  return address.includes('%') ? address.replace(/%.*$/, '') : address;
}

function readRange(item: string): Range | null {
  const [address = '', prefix, ...more] = item.split('/');
  const words = readAddress(withoutZone(address));
  const most = 32 * (words?.length ?? 0);
  const bits = prefix === undefined ? most : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity;
  return words === null || bits > most || more.length > 0 ? null : { words, bits };
}

/** An address of IPv4 lies in a range of IPv6 as the mapped one. */
function holds({ words, bits }: Range, asked: Words): boolean {
  const address = words.length > asked.length ? [0, 0, 0xffff, ...asked] : asked;
  if (words.length !== address.length) return false;
  for (let left = bits, at = 0; left > 0; left -= 32, at++) {
    // A shift by 32 shifts nothing.
    const mask = left >= 32 ? -1 : -1 << (32 - left);
    if (((words[at]! ^ address[at]!) & mask) !== 0) return false;
  }
  return true;
}

/** Null for what is no address. */
function readAddress(text: string): Words | null {
  const version = isIP(text);
  if (version === 4) return [fourWord(text)];
  return version === 6 && !text.includes('%') ? sixWords(text) : null;
}

/** Of an address of IPv4 that came as one of IPv6, itself (RFC 4291 §2.5.5.2). */
function unmapped(words: Words): Words {
  const [first, second, third, last] = words;
  return words.length === 4 && first === 0 && second === 0 && third === 0xffff ? [last!] : words;
}

function fourWord(text: string): number {
  return text.split('.').reduce((word, part) => (word << 8) | Number(part), 0);
}

/** Of an address that is one: groups of 16 bits, a run of zeros left out at most once, the last 32 bits as IPv4 perhaps. */
function sixWords(text: string): Words {
  const [front = '', back] = text.split('::');
  const before = groupsOf(front);
  const after = back === undefined ? [] : groupsOf(back);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  const groups = [...before, ...zeros, ...after];
  return [0, 2, 4, 6].map((at) => (groups[at]! << 16) | groups[at + 1]!);
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return Number.parseInt(group, 16);
    const word = fourWord(group);
    return [word >>> 16, word & 0xffff];
  });
}
