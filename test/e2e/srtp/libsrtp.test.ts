import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SrtpKeys } from '../../../src/rtp/srtp/keys.ts';
import { SrtpReceiver } from '../../../src/rtp/srtp/receiver.ts';
import { SrtpSender } from '../../../src/rtp/srtp/sender.ts';
import { LibSrtp } from './libsrtp.ts';
import { newKeys } from './secure-call.ts';

let libsrtp: LibSrtp;

beforeAll(async () => {
  libsrtp = await LibSrtp.compile();
});

afterAll(() => libsrtp.remove());

/** Packets around a wrap of the sequence number, with contributing sources and header extensions among them. */
const PACKETS = Array.from({ length: 200 }, (_, index) => {
  const packet = Buffer.alloc(12 + 8 + 160 + (index % 7), index);
  packet[0] = [0x80, 0x82, 0x90][index % 3]!;
  packet[1] = 0;
  packet.writeUInt16BE((65_436 + index) & 0xffff, 2);
  packet.writeUInt32BE(0xcafe_0001, 8);
  packet.writeUInt32BE(0xbede_0001, 12);
  return packet;
});

const REPORTS = Array.from({ length: 20 }, (_, index) => {
  const report = Buffer.alloc(28 + 4 * index, index);
  report.writeUInt32BE(0x80c8_0000 + report.length / 4 - 1, 0);
  report.writeUInt32BE(0xcafe_0001, 4);
  return report;
});

function opened(receiver: SrtpReceiver, wires: readonly Buffer[], packets: 'rtp' | 'rtcp'): Buffer[] {
  return wires.map((wire) => {
    const end = packets === 'rtp' ? receiver.openRtp(wire, 0, 0) : receiver.openRtcp(wire, 0);
    return wire.subarray(0, Math.max(0, end));
  });
}

describe.each(['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM', 'AEAD_AES_256_GCM'])(
  '%s, between libsrtp and us',
  (name) => {
    const plain = newKeys(name);
    const withMki: SrtpKeys = { ...plain, masters: [{ ...plain.masters[0]!, mki: Buffer.from([0, 7, 9]) }] };

    it.each([
      ['without an MKI', plain],
      ['with an MKI', withMki],
    ])('%s, is opened by either as the other protected it', async (_what, keys) => {
      const theirs = await libsrtp.convert('protect', 'rtp', keys, PACKETS);
      expect(opened(new SrtpReceiver(keys), theirs, 'rtp')).toEqual(PACKETS);
      const sender = new SrtpSender(keys);
      const ours = PACKETS.map((packet) => sender.protectRtp(packet));
      expect(await libsrtp.convert('open', 'rtp', keys, ours)).toEqual(PACKETS);

      const theirReports = await libsrtp.convert('protect', 'rtcp', keys, REPORTS);
      expect(opened(new SrtpReceiver(keys), theirReports, 'rtcp')).toEqual(REPORTS);
      const ourReports = REPORTS.map((report) => sender.protectRtcp(report));
      // libsrtp 2 looks for the MKI of SRTCP before a tag as long as that of SRTP.
      if (keys.masters[0]!.mki.length > 0 && keys.suite.rtpTagBytes !== keys.suite.rtcpTagBytes) return;
      expect(await libsrtp.convert('open', 'rtcp', keys, ourReports)).toEqual(REPORTS);
    });
  },
);
