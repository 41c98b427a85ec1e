import { expect, it } from 'vitest';
import { crc32 } from './crc.ts';
import { oggPage, oggPageBytes } from './ogg.ts';

it('the check sum has the known value', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0x89a1897f);
});

it('a page tells where its packets end', () => {
  const packets = [0, 1, 254, 255, 256, 510].map((length) => new Uint8Array(length).fill(7));
  const page = Buffer.from(oggPage({ serial: 5, number: 3, granule: 2 ** 40, last: true, packets }));
  expect(page.length).toBe(oggPageBytes(packets.map(({ length }) => length)));
  expect(page.toString('latin1', 0, 4)).toBe('OggS');
  expect([page[4], page[5], page.readBigUInt64LE(6)]).toEqual([0, 4, 2n ** 40n]);
  expect([page.readUInt32LE(14), page.readUInt32LE(18), page[26]]).toEqual([5, 3, 10]);
  expect([...page.subarray(27, 37)]).toEqual([0, 1, 254, 255, 0, 255, 1, 255, 255, 0]);
  const sum = page.readUInt32LE(22);
  page.writeUInt32LE(0, 22);
  expect(sum).toBe(crc32(page));
});

it('a page has room for 255 segments', () => {
  expect(oggPageBytes(Array<number>(255).fill(1))).toBe(27 + 2 * 255);
  expect(() => oggPageBytes(Array<number>(256).fill(1))).toThrow(RangeError);
});
