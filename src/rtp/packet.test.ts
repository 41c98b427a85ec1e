import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksLikeRtp, RtpView } from './packet.ts';

/** A packet put together by the RFC's diagram, independent of the reader. */
function packet(parts: { csrcs?: number[]; extension?: Buffer; payload?: Buffer; padding?: number }): Buffer {
  const { csrcs = [], extension, payload = Buffer.alloc(0), padding = 0 } = parts;
  const header = Buffer.alloc(12 + 4 * csrcs.length);
  header[0] = 0x80 | csrcs.length | (extension === undefined ? 0 : 0x10) | (padding > 0 ? 0x20 : 0);
  header[1] = 0x80 | 8;
  header.writeUInt16BE(0xfedc, 2);
  header.writeUInt32BE(0xfedc_ba98, 4);
  header.writeUInt32BE(0x8765_4321, 8);
  csrcs.forEach((csrc, index) => header.writeUInt32BE(csrc, 12 + 4 * index));
  const words = Buffer.alloc(extension === undefined ? 0 : 4);
  if (extension !== undefined) words.writeUInt16BE(extension.length / 4, 2);
  const tail = Buffer.alloc(padding);
  if (padding > 0) tail[padding - 1] = padding;
  return Buffer.concat([header, words, extension ?? Buffer.alloc(0), payload, tail]);
}

function payloadOf(bytes: Buffer): Buffer | null {
  const view = new RtpView();
  return view.read(bytes) ? bytes.subarray(view.payloadStart, view.payloadEnd) : null;
}

describe('RTP header (RFC 3550, 5.1)', () => {
  it('reads the fixed fields, unsigned', () => {
    const view = new RtpView();
    expect(view.read(packet({ payload: Buffer.from('x') }))).toBe(true);
    expect(view).toMatchObject({
      marker: true,
      payloadType: 8,
      sequence: 0xfedc,
      timestamp: 0xfedc_ba98,
      ssrc: 0x8765_4321,
    });
  });

  it('finds the payload behind CSRCs and extension and before padding, whatever their sizes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(0xffff_ffff), { maxLength: 15 }),
        fc.option(fc.nat(20), { nil: undefined }),
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(255),
        (csrcs, words, payload, padding) => {
          const extension = words === undefined ? {} : { extension: Buffer.alloc(4 * words, 7) };
          const bytes = packet({ csrcs, ...extension, payload: Buffer.from(payload), padding });
          expect(payloadOf(bytes)).toEqual(Buffer.from(payload));
        },
      ),
    );
  });

  it('reads a packet in the middle of a larger buffer and nothing beyond it', () => {
    const bytes = packet({ payload: Buffer.from('audio'), padding: 4 });
    const larger = Buffer.concat([Buffer.alloc(9, 255), bytes, Buffer.alloc(9, 255)]);
    const view = new RtpView();
    expect(view.read(larger, 9, 9 + bytes.length)).toBe(true);
    expect(larger.toString('latin1', view.payloadStart, view.payloadEnd)).toBe('audio');
    expect(view.read(larger, 9, larger.length + 1)).toBe(false);
  });

  it('refuses what is cut within header, CSRC list or extension', () => {
    const bytes = packet({ csrcs: [1, 2], extension: Buffer.alloc(8) });
    for (let length = 0; length < bytes.length; length++) expect(payloadOf(bytes.subarray(0, length))).toBeNull();
    expect(payloadOf(bytes)).toEqual(Buffer.alloc(0));
  });

  it('refuses other versions: STUN, DTLS, ZRTP and silence', () => {
    for (const first of [0x00, 0x14, 0x16, 0x40, 0xc0]) {
      const bytes = packet({ payload: Buffer.alloc(20) });
      bytes[0] = first;
      expect(looksLikeRtp(bytes)).toBe(false);
      expect(payloadOf(bytes)).toBeNull();
    }
  });

  it('keeps the audio when the padding count cannot be true', () => {
    const bytes = packet({ payload: Buffer.from('abc') });
    bytes[0]! |= 0x20;
    bytes[bytes.length - 1] = 200;
    expect(payloadOf(bytes)).toHaveLength(3);
  });

  it('never throws and never points outside the bytes, whatever comes', () => {
    const view = new RtpView();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        if (bytes.length > 0) bytes[0] = 0x80 | (bytes[0]! & 0x3f);
        if (!view.read(bytes)) return;
        expect(view.payloadStart).toBeGreaterThanOrEqual(12);
        expect(view.payloadEnd).toBeGreaterThanOrEqual(view.payloadStart);
        expect(view.payloadEnd).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 2000 },
    );
  });
});
