import { describe, expect, it } from 'vitest';
import { loadAddon } from '../base/addon.ts';
import { NativeSealer, NodeSealer, recordSealer, type RecordSealer } from './record-sealer.ts';
import { newSegmentKey, openRecord, recordKey, TAG_BYTES } from './spool.ts';

const key = newSegmentKey();
const context = Buffer.from('0123456789abcdef');
const loaded = loadAddon<ConstructorParameters<typeof NativeSealer>[0]>('sealer');
const HEADER = 40;
const AAD = 36;

/** The record of a body as it stands between other bytes. */
function sealed(sealer: RecordSealer, number: number, body: Buffer, start: number): Buffer {
  const bytes = Buffer.alloc(start + HEADER + body.length + TAG_BYTES + 7, 0xee);
  for (let at = 0; at < HEADER; at++) bytes[start + at] = at;
  sealer.seal(number, context, { bytes, start, headerBytes: HEADER, aadBytes: AAD }, body);
  return bytes;
}

const sealers: [string, () => RecordSealer][] = [['node:crypto', () => new NodeSealer(key)]];
if (loaded.addon !== null) sealers.push(['the add-on', () => new NativeSealer(loaded.addon, key)]);

describe.each(sealers)('records sealed by %s', (_, make) => {
  it.each([0, 1, 15, 16, 17, 6400, 1_000_000])('open with their number and header: %i bytes', (length) => {
    const body = Buffer.alloc(length, 0x5a);
    const sealer = make();
    for (const number of [0, 1, 0x7fff_ffff, 0xffff_ffff]) {
      const bytes = sealed(sealer, number, body, 3);
      const at = 3 + HEADER;
      const ciphertext = bytes.subarray(at, at + length);
      const tag = bytes.subarray(at + length, at + length + TAG_BYTES);
      const aad = Buffer.concat([context, bytes.subarray(3, 3 + AAD)]);
      expect(openRecord(recordKey(key), number, aad, { ciphertext, tag })).toEqual(body);
      // Nothing before the record, of its header, or behind it was touched.
      expect(bytes.subarray(0, 3)).toEqual(Buffer.alloc(3, 0xee));
      expect([...bytes.subarray(3, at)]).toEqual(Array.from({ length: HEADER }, (_, index) => index));
      expect(bytes.subarray(-7)).toEqual(Buffer.alloc(7, 0xee));
    }
  });

  it('refuse to be written behind the memory that is there', () => {
    const bytes = Buffer.alloc(HEADER + 10 + TAG_BYTES - 1);
    const place = { bytes, start: 0, headerBytes: HEADER, aadBytes: AAD };
    expect(() => make().seal(1, context, place, Buffer.alloc(10))).toThrow(/no room/);
  });
});

describe('the sealer of a segment', () => {
  it('is the add-on where there is one, and seals as node:crypto does', () => {
    const sealer = recordSealer(key);
    expect(sealer).toBeInstanceOf(loaded.addon === null ? NodeSealer : NativeSealer);
    const body = Buffer.from('a tone of 440 Hz');
    expect(sealed(sealer, 9, body, 0)).toEqual(sealed(new NodeSealer(key), 9, body, 0));
  });

  it.skipIf(loaded.addon === null)('refuses what is no key, no number or no memory', () => {
    const { addon } = loaded;
    expect(() => addon!.open(Buffer.alloc(16))).toThrow(/32 bytes/);
    const sealer = addon!.open(key);
    const room = Buffer.alloc(100);
    const body = Buffer.alloc(10);
    const calls: unknown[][] = [
      [],
      [sealer],
      [{}, 1, context, room, 0, 10, 10, body],
      [sealer, 'one', context, room, 0, 10, 10, body],
      [sealer, 1, context, room, 0xffff_ffff, 10, 10, body],
      [sealer, 1, context, room, 0, 10, 11, body],
      [sealer, 1, context, new Int32Array(50), 0, 10, 10, body],
      [sealer, 1, context, room, 0, 10, 10, 'body'],
    ];
    for (const call of calls)
      expect(() => (addon!.seal as (...args: unknown[]) => unknown).apply(addon, call)).toThrow(
        /wrong arguments|no room/,
      );
  });
});
