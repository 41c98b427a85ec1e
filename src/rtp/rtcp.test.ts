import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isRtcpByte, readRtcp } from './rtcp.ts';

function packet(type: number, count: number, ...words: number[]): Buffer {
  const bytes = Buffer.alloc(4 + 4 * words.length);
  bytes[0] = 0x80 | count;
  bytes[1] = type;
  bytes.writeUInt16BE(words.length, 2);
  words.forEach((word, index) => bytes.writeUInt32BE(word, 4 + 4 * index));
  return bytes;
}

/** 2026-01-01T00:00:00.5Z in NTP's era 0. */
const NTP_SECONDS = Date.UTC(2026, 0, 1) / 1000 + 2_208_988_800;
const SR = packet(200, 0, 0xdead_beef, NTP_SECONDS, 0x8000_0000, 0xffff_fff0, 50, 8000);
const RR = packet(201, 1, 7, 8, 0, 0, 0, 0, 0);
const BYE = packet(203, 2, 0xdead_beef, 8);

function sdes(cname: string): Buffer {
  const item = Buffer.concat([Buffer.from([0, 0, 0, 9, 1, cname.length]), Buffer.from(cname), Buffer.from([0])]);
  const chunk = Buffer.concat([item, Buffer.alloc((4 - (item.length % 4)) % 4)]);
  const header = packet(202, 1);
  header.writeUInt16BE(chunk.length / 4, 2);
  return Buffer.concat([header, chunk]);
}

describe('RTCP (RFC 3550, 6)', () => {
  it('reads a sender report: wall time in ms and unsigned counters', () => {
    expect(readRtcp(SR)).toEqual([
      {
        type: 'sr',
        ssrc: 0xdead_beef,
        ntpMs: Date.UTC(2026, 0, 1) + 500,
        rtpTimestamp: 0xffff_fff0,
        packets: 50,
        octets: 8000,
        at: 0,
      },
    ]);
  });

  it('goes on past 2036, when NTP seconds wrap, and tells a sender without a clock', () => {
    const wrapped = Date.UTC(2040, 0, 1) / 1000 + 2_208_988_800 - 2 ** 32;
    expect(readRtcp(packet(200, 0, 1, wrapped, 0, 0, 0, 0))).toMatchObject([{ ntpMs: Date.UTC(2040, 0, 1) }]);
    expect(readRtcp(packet(200, 0, 1, 0, 0, 0, 0, 0))).toMatchObject([{ ntpMs: null }]);
  });

  it('reads a compound in its order', () => {
    const types = readRtcp(Buffer.concat([SR, RR, sdes('alice@example.com'), packet(204, 0, 1, 2), BYE]));
    expect(types).toMatchObject([
      { type: 'sr' },
      { type: 'rr', ssrc: 7 },
      { type: 'sdes', cnames: [{ ssrc: 9, cname: 'alice@example.com' }] },
      { type: 'other', packetType: 204 },
      { type: 'bye', ssrcs: [0xdead_beef, 8] },
    ]);
  });

  it('keeps what stands before a damaged packet', () => {
    const long = Buffer.from(RR);
    long.writeUInt16BE(100, 2);
    expect(readRtcp(Buffer.concat([SR, long]))).toHaveLength(1);
    expect(readRtcp(SR.subarray(0, 20))).toEqual([]);
  });

  it('never throws, whatever comes', () => {
    const seed = Buffer.concat([SR, sdes('a'), RR, BYE]);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(seed.length - 1), fc.nat(255)), { maxLength: 8 }), (changes) => {
        const bytes = Buffer.from(seed);
        for (const [at, value] of changes) bytes[at] = value;
        expect(readRtcp(bytes).length).toBeLessThanOrEqual(seed.length / 4);
      }),
      { numRuns: 3000 },
    );
  });

  it('is told from RTP on a shared port by the second byte (RFC 5761, 4)', () => {
    expect([SR, RR, BYE].every((bytes) => isRtcpByte(bytes[1]!))).toBe(true);
    for (const type of [0, 8, 13, 18, 96, 101, 127]) {
      expect(isRtcpByte(type)).toBe(false);
      if (type < 64 || type > 95) expect(isRtcpByte(type | 0x80)).toBe(false);
    }
  });
});
