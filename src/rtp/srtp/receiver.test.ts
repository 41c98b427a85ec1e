import { assert, property, uint8Array } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MasterKey, packKeys, type SrtpKeys, unpackKeys } from './keys.ts';
import { SrtpReceiver } from './receiver.ts';
import { SrtpSender } from './sender.ts';
import { masterBytes, srtpSuite } from './suites.ts';

const SUITES = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM', 'AEAD_AES_256_GCM'] as const;
const SSRC = 0x0a0b0c0d;
const HOUR = 3_600_000;

function keysOf(name: string, seed = 1, ...mkis: string[]): SrtpKeys {
  const suite = srtpSuite(name)!;
  const master = (mki: string, at: number): MasterKey => ({
    keyAndSalt: Buffer.from(
      Array.from({ length: masterBytes(suite) }, (_, index) => (index * 7 + seed + at * 31) & 255),
    ),
    mki: Buffer.from(mki),
  });
  return { suite, masters: (mkis.length === 0 ? [''] : mkis).map(master) };
}

function rtp(sequence: number, ssrc = SSRC, extra: Buffer = Buffer.alloc(0)): Buffer {
  const packet = Buffer.alloc(12 + 160);
  packet.writeUInt16BE(0x8000, 0);
  packet.writeUInt16BE(sequence & 0xffff, 2);
  packet.writeUInt32BE((sequence * 160) >>> 0, 4);
  packet.writeUInt32BE(ssrc, 8);
  for (let at = 12; at < packet.length; at++) packet[at] = (sequence * 3 + at) & 255;
  return Buffer.concat([packet, extra]);
}

/** What the receiver makes of a packet; null: it is none. */
function open(receiver: SrtpReceiver, packet: Buffer, nowMs = 0, ageMs = nowMs): Buffer | null {
  const bytes = Buffer.from(packet);
  const end = receiver.openRtp(bytes, nowMs, ageMs);
  return end < 0 ? null : bytes.subarray(0, end);
}

describe.each(SUITES)('%s', (name) => {
  it('gives back what was protected, with header extension, contributing sources and MKI', () => {
    const keys = keysOf(name, 3, 'mk01', 'mk02');
    const receiver = new SrtpReceiver(keys);
    const second = new SrtpSender({ ...keys, masters: [keys.masters[1]!] });
    const packet = rtp(7);
    packet[0] = 0x91;
    packet.writeUInt32BE(0xbede_0001, 16);
    const wire = second.protectRtp(packet);
    expect(wire.subarray(0, 24)).toEqual(packet.subarray(0, 24));
    expect(wire.subarray(24, 172)).not.toEqual(packet.subarray(24));
    expect(open(receiver, wire)).toEqual(packet);
    expect(open(receiver, new SrtpSender(keys).protectRtp(rtp(8)))).toEqual(rtp(8));
  });

  it('gives back RTCP, each once', () => {
    const [sender, receiver] = [new SrtpSender(keysOf(name, 1, 'm')), new SrtpReceiver(keysOf(name, 1, 'm'))];
    const report = Buffer.concat([Buffer.from('81c8000b0a0b0c0d', 'hex'), Buffer.alloc(40, 0x5a)]);
    for (let index = 0; index < 5; index++) {
      const wire = sender.protectRtcp(report);
      expect(wire.includes(report.subarray(8))).toBe(false);
      const bytes = Buffer.from(wire);
      expect(bytes.subarray(0, receiver.openRtcp(bytes, 0))).toEqual(report);
      expect(receiver.openRtcp(Buffer.from(wire), 0)).toBeLessThan(0);
      wire[9]! ^= 1;
      wire.writeUInt32BE(0x8000_0000 + 100 + index, wire.length - (name.startsWith('AES') ? 15 : 5));
      expect(receiver.openRtcp(wire, 0)).toBeLessThan(0);
    }
    expect(receiver).toMatchObject({ replayed: 5, unauthenticated: 5 });
  });

  it('refuses a packet with any byte changed', () => {
    const wire = new SrtpSender(keysOf(name)).protectRtp(rtp(100));
    const receiver = new SrtpReceiver(keysOf(name));
    for (let at = 0; at < wire.length; at++) {
      const bytes = Buffer.from(wire);
      bytes[at]! ^= 1 << (at % 8);
      expect(open(receiver, bytes)).toBe(null);
    }
    expect(receiver.unauthenticated).toBe(wire.length);
    expect(open(receiver, wire)).toEqual(rtp(100));
  });

  it('follows the sequence number through its wraps, in loss and disorder', () => {
    const [sender, receiver] = [new SrtpSender(keysOf(name)), new SrtpReceiver(keysOf(name))];
    let opened = 0;
    const sent: Buffer[] = [];
    for (let index = 65_000; index < 65_000 + 3 * 65_536; index += 97) {
      sent.push(sender.protectRtp(rtp(index)));
      // Pairs change places.
      if (sent.length === 2)
        for (const wire of sent.splice(0).reverse()) opened += open(receiver, wire) === null ? 0 : 1;
    }
    expect(opened).toBe(2 * Math.floor(Math.ceil((3 * 65_536) / 97) / 2));
    expect(receiver).toMatchObject({ unauthenticated: 0, replayed: 0 });
  });
});

describe('the receiver', () => {
  const keys = keysOf('AES_CM_128_HMAC_SHA1_80');

  it('takes each packet once, and late ones within its window', () => {
    const [sender, receiver] = [new SrtpSender(keys), new SrtpReceiver(keys)];
    const wires = Array.from({ length: 1500 }, (_, index) => sender.protectRtp(rtp(60_000 + index)));
    const late = new Set([1200, 476, 475]);
    for (const [index, wire] of wires.entries()) if (!late.has(index)) expect(open(receiver, wire)).not.toBe(null);
    expect(open(receiver, wires[1200]!), 'late').not.toBe(null);
    expect(open(receiver, wires[476]!), 'at the edge of the window').not.toBe(null);
    expect(open(receiver, wires[475]!), 'behind it').toBe(null);
    for (const wire of wires) expect(open(receiver, wire)).toBe(null);
    expect(receiver).toMatchObject({ replayed: 1501, unauthenticated: 0 });
  });

  it('finds the rollover counter of a stream that it hears first in its third hour', () => {
    const sender = new SrtpSender(keys);
    for (let index = 0; index < 10 * 65_536; index += 16_000) sender.protectRtp(rtp(index));
    const receiver = new SrtpReceiver(keys);
    const wire = sender.protectRtp(rtp(10 * 65_536));
    expect(open(receiver, wire, 10, 3 * HOUR)).toEqual(rtp(10 * 65_536));
    expect(open(receiver, sender.protectRtp(rtp(10 * 65_536 + 1)), 10, 3 * HOUR)).not.toBe(null);
  });

  it('finds it again when the counter went on unheard', () => {
    const [sender, receiver] = [new SrtpSender(keys), new SrtpReceiver(keys)];
    expect(open(receiver, sender.protectRtp(rtp(5)), 0)).not.toBe(null);
    for (let index = 5; index < 4 * 65_536; index += 16_000) sender.protectRtp(rtp(index));
    expect(open(receiver, sender.protectRtp(rtp(4 * 65_536 + 1000)), 1.4 * HOUR)).not.toBe(null);
  });

  it('keeps several sources apart', () => {
    const [sender, receiver] = [new SrtpSender(keys), new SrtpReceiver(keys)];
    for (let index = 0; index < 10; index++) {
      for (const ssrc of [1, 2, 0xffff_ffff]) {
        const packet = rtp(ssrc === 2 ? 65_530 + index : index, ssrc);
        expect(open(receiver, sender.protectRtp(packet))).toEqual(packet);
      }
    }
  });

  it('goes on with what it remembers when the peer has more sources than it remembers', () => {
    const [sender, receiver] = [new SrtpSender(keys), new SrtpReceiver(keys)];
    for (let ssrc = 0; ssrc < 1000; ssrc++) {
      expect(open(receiver, sender.protectRtp(rtp(1, ssrc)), ssrc)).not.toBe(null);
      expect(open(receiver, sender.protectRtp(rtp(ssrc + 2, 5000)), ssrc)).not.toBe(null);
    }
  });

  it('is not moved by 100,000 forged, damaged and replayed packets', () => {
    const [sender, receiver] = [new SrtpSender(keys), new SrtpReceiver(keys)];
    const good = Array.from({ length: 100 }, (_, index) => sender.protectRtp(rtp(1000 + index)));
    for (const wire of good.slice(0, 50)) expect(open(receiver, wire)).not.toBe(null);
    let state = 12345;
    const next = () => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 8;
    for (let turn = 0; turn < 100_000; turn++) {
      const bytes = Buffer.from(good[turn % 50]!);
      if (turn % 4 === 1) bytes.writeUInt16BE(next() & 0xffff, 2);
      if (turn % 4 === 2) bytes.writeUInt32BE(next(), 8);
      if (turn % 4 === 3) bytes[12 + (next() % (bytes.length - 12))]! ^= 1 + (next() % 255);
      // A sequence number that happens to be the packet's own makes a replay of it.
      expect(receiver.openRtp(bytes, turn / 10, HOUR)).toBeLessThan(0);
    }
    expect(receiver.replayed + receiver.unauthenticated).toBe(100_000);
    for (const [index, wire] of good.slice(50).entries()) expect(open(receiver, wire)).toEqual(rtp(1050 + index));
  });

  it('takes plain packets for forged ones', () => {
    const receiver = new SrtpReceiver(keys);
    expect(open(receiver, rtp(1))).toBe(null);
    expect(receiver.unauthenticated).toBe(1);
  });

  it('stands any bytes', () => {
    const receivers = SUITES.map((name) => new SrtpReceiver(keysOf(name, 1, 'abcd')));
    assert(
      property(uint8Array({ maxLength: 80 }), (bytes) => {
        for (const receiver of receivers) {
          if (bytes.length > 0) bytes[0] = (bytes[0]! & 0x3f) | 0x80;
          expect(receiver.openRtp(Buffer.from(bytes), 0, 0)).toBeLessThan(0);
          expect(receiver.openRtcp(Buffer.from(bytes), 0)).toBeLessThan(0);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a change of keys', () => {
  const [before, after] = [keysOf('AES_CM_128_HMAC_SHA1_80', 1), keysOf('AEAD_AES_256_GCM', 2)];

  it('takes packets under both for two seconds from the first under the new key on, and then only those', () => {
    const receiver = new SrtpReceiver(before);
    const [old, young] = [new SrtpSender(before), new SrtpSender(after)];
    expect(open(receiver, old.protectRtp(rtp(1)), 0)).not.toBe(null);
    receiver.rekey(after, 1000);
    expect(open(receiver, old.protectRtp(rtp(2)), 20_000)).not.toBe(null);
    expect(open(receiver, young.protectRtp(rtp(4)), 20_100)).not.toBe(null);
    expect(open(receiver, old.protectRtp(rtp(3)), 22_000)).not.toBe(null);
    expect(open(receiver, old.protectRtp(rtp(5)), 22_200)).toBe(null);
    expect(open(receiver, young.protectRtp(rtp(6)), 22_200)).not.toBe(null);
  });

  it('gives the old key up after 32 s although nothing came under the new one', () => {
    const receiver = new SrtpReceiver(before);
    receiver.rekey(after, 1000);
    expect(open(receiver, new SrtpSender(before).protectRtp(rtp(2)), 33_000)).toBe(null);
  });

  it.each([
    ['goes on', true],
    ['begins anew', false],
  ])('follows a sender whose rollover counter %s', (_name, goesOn) => {
    const receiver = new SrtpReceiver(before);
    const [old, young] = [new SrtpSender(before), new SrtpSender(after)];
    for (let index = 0; index <= 2 * 65_536; index += 8000) {
      expect(open(receiver, old.protectRtp(rtp(index)), index)).not.toBe(null);
      if (goesOn) young.protectRtp(rtp(index));
    }
    receiver.rekey(after, 140_000);
    expect(open(receiver, young.protectRtp(rtp(2 * 65_536 + 1)), 140_001)).not.toBe(null);
  });

  it('to the same keys keeps what is known, so that nothing can be replayed', () => {
    const [sender, receiver] = [new SrtpSender(before), new SrtpReceiver(before)];
    const wire = sender.protectRtp(rtp(1));
    expect(open(receiver, wire)).not.toBe(null);
    receiver.rekey(unpackKeys(packKeys(before)), 10);
    expect(open(receiver, wire, 20)).toBe(null);
    expect(receiver.replayed).toBe(1);
  });
});

describe('packed keys', () => {
  it('come back as they were', () => {
    for (const name of SUITES)
      expect(unpackKeys(packKeys(keysOf(name, 9, 'one', 'two')))).toEqual(keysOf(name, 9, 'one', 'two'));
  });

  it.each([
    '',
    'x',
    '[]',
    '["AES_CM_128_HMAC_SHA1_80",[]]',
    '["AES_CM_128_HMAC_SHA1_80",[["QUJD",""]]]',
    '["NONE",[["",""]]]',
  ])('that were never packed are none: %s', (text) => expect(unpackKeys(Buffer.from(text))).toBe(null));
});
