import { SrtpReceiver } from '../src/rtp/srtp/receiver.ts';
import { SrtpSender } from '../src/rtp/srtp/sender.ts';
import { masterBytes, srtpSuite } from '../src/rtp/srtp/suites.ts';

/**
 * CPU per packet of opening SRTP, 160 bytes of audio each; and of refusing a forged and a replayed one.
 *
 *   node bench/srtp.ts [packets]
 */
const PACKETS = Number(process.argv[2] ?? 100_000);
const SUITES = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32', 'AEAD_AES_128_GCM', 'AEAD_AES_256_GCM'];

function wiresOf(suiteName: string): Buffer[] {
  const sender = new SrtpSender(keysOf(suiteName));
  return Array.from({ length: PACKETS }, (_, index) => {
    const packet = Buffer.alloc(172, index);
    packet[0] = 0x80;
    packet.writeUInt16BE(index & 0xffff, 2);
    packet.writeUInt32BE(1, 8);
    return sender.protectRtp(packet);
  });
}

function keysOf(suiteName: string) {
  const suite = srtpSuite(suiteName)!;
  return { suite, masters: [{ keyAndSalt: Buffer.alloc(masterBytes(suite), 1), mki: Buffer.alloc(0) }] };
}

/** µs of CPU for each packet. */
function costOf(wires: readonly Buffer[], open: (wire: Buffer) => number, expected: (end: number) => boolean): string {
  const before = process.cpuUsage();
  for (const wire of wires) if (!expected(open(wire))) throw new Error('a packet was judged wrongly');
  const { user, system } = process.cpuUsage(before);
  return ((user + system) / wires.length).toFixed(2);
}

for (const suiteName of SUITES) {
  const receiver = new SrtpReceiver(keysOf(suiteName));
  const open = (wire: Buffer) => receiver.openRtp(wire, 0, 0);
  const wires = wiresOf(suiteName);
  const forged = wires.map((wire) => {
    const bytes = Buffer.from(wire);
    bytes[20]! ^= 1;
    return bytes;
  });
  // The first half warms up; forgeries are of packets that are yet to come.
  const half = PACKETS / 2;
  costOf(wires.slice(0, half), open, (end) => end > 0);
  const refused = costOf(forged.slice(half, half + 20_000), open, (end) => end < 0);
  const opened = costOf(wires.slice(half), open, (end) => end > 0);
  const replayed = costOf(wires.slice(half), open, (end) => end < 0);
  process.stdout.write(`${suiteName.padEnd(25)} opened ${opened} µs, forged ${refused} µs, replayed ${replayed} µs\n`);
}
