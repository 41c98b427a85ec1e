/**
 * RTCP (RFC 3550, 6). A datagram is a compound of packets, each with this header:
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|  count  |      PT       |   length in 32-bit words - 1  |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                  SSRC of the sender of the packet             |
 * ```
 *
 * A sender report (PT 200) goes on with NTP time (64 bits, at 8), RTP timestamp (16), packet count (20), octet count (24).
 */
export type RtcpPacket = SenderReport | ReceiverReport | SourceDescription | Goodbye | OtherRtcp;

export interface SenderReport {
  readonly type: 'sr';
  readonly ssrc: number;
  /** Ms since 1970 by the sender's clock; null where it has none (both words zero). */
  readonly ntpMs: number | null;
  readonly rtpTimestamp: number;
  readonly packets: number;
  readonly octets: number;
  /** Where the packet begins in the datagram; its first {@link SENDER_REPORT_BYTES} bytes hold all of the above. */
  readonly at: number;
}

export interface ReceiverReport {
  readonly type: 'rr';
  readonly ssrc: number;
}

export interface SourceDescription {
  readonly type: 'sdes';
  readonly cnames: readonly { readonly ssrc: number; readonly cname: string }[];
}

export interface Goodbye {
  readonly type: 'bye';
  readonly ssrcs: readonly number[];
}

export interface OtherRtcp {
  readonly type: 'other';
  readonly packetType: number;
}

/** Header, SSRC and sender information, without the report blocks. */
export const SENDER_REPORT_BYTES = 28;

const HEADER_BYTES = 4;
const PACKET_TYPE = 1;
const LENGTH = 2;
const SSRC = 4;
const NTP_SECONDS = 8;
const NTP_FRACTION = 12;
const RTP_TIMESTAMP = 16;
const PACKET_COUNT = 20;
const OCTET_COUNT = 24;

const SR = 200;
const RR = 201;
const SDES = 202;
const BYE = 203;
const CNAME = 1;
/** Seconds from 1900 (NTP) to 1970. */
const NTP_TO_UNIX = 2_208_988_800;

/** RFC 5761, 4: on a port that carries both, a second byte of 192 to 223 is RTCP. */
export function isRtcpByte(secondByte: number): boolean {
  return secondByte >= 192 && secondByte <= 223;
}

/**
 * The packets of a compound, up to the first that cannot be read; what came before it counts.
 * Wrong first packets (RFC 3550, 6.1 demands SR or RR; RFC 5506 does not) are taken.
 */
export function readRtcp(bytes: Buffer): RtcpPacket[] {
  const packets: RtcpPacket[] = [];
  let at = 0;
  while (at + HEADER_BYTES <= bytes.length) {
    if (bytes[at]! >> 6 !== 2) break;
    const end = at + 4 * (bytes.readUInt16BE(at + LENGTH) + 1);
    if (end > bytes.length) break;
    const packet = readPacket(bytes, at, end);
    if (packet === null) break;
    packets.push(packet);
    at = end;
  }
  return packets;
}

function readPacket(bytes: Buffer, at: number, end: number): RtcpPacket | null {
  const packetType = bytes[at + PACKET_TYPE]!;
  const count = bytes[at]! & 0x1f;
  switch (packetType) {
    case SR:
      return end - at < SENDER_REPORT_BYTES ? null : readSenderReport(bytes, at);
    case RR:
      return end - at < 8 ? null : { type: 'rr', ssrc: bytes.readUInt32BE(at + SSRC) };
    case SDES:
      return { type: 'sdes', cnames: readNames(bytes, at + HEADER_BYTES, end, count) };
    case BYE:
      return { type: 'bye', ssrcs: readSources(bytes, at + HEADER_BYTES, end, count) };
    default:
      return { type: 'other', packetType };
  }
}

/** Reads a sender report whose {@link SENDER_REPORT_BYTES} bytes are there. */
export function readSenderReport(bytes: Buffer, at: number): SenderReport {
  return {
    type: 'sr',
    ssrc: bytes.readUInt32BE(at + SSRC),
    ntpMs: ntpToUnixMs(bytes.readUInt32BE(at + NTP_SECONDS), bytes.readUInt32BE(at + NTP_FRACTION)),
    rtpTimestamp: bytes.readUInt32BE(at + RTP_TIMESTAMP),
    packets: bytes.readUInt32BE(at + PACKET_COUNT),
    octets: bytes.readUInt32BE(at + OCTET_COUNT),
    at,
  };
}

/** NTP's 32-bit seconds wrap in 2036; a first half of the range means the era after it (RFC 4330, 3). */
function ntpToUnixMs(seconds: number, fraction: number): number | null {
  if (seconds === 0 && fraction === 0) return null;
  const era = seconds < 0x8000_0000 ? 0x1_0000_0000 : 0;
  return (seconds + era - NTP_TO_UNIX) * 1000 + (fraction * 1000) / 0x1_0000_0000;
}

function readSources(bytes: Buffer, from: number, end: number, count: number): number[] {
  const ssrcs: number[] = [];
  for (let at = from; ssrcs.length < count && at + 4 <= end; at += 4) ssrcs.push(bytes.readUInt32BE(at));
  return ssrcs;
}

function readNames(bytes: Buffer, from: number, end: number, count: number): { ssrc: number; cname: string }[] {
  const names: { ssrc: number; cname: string }[] = [];
  let at = from;
  for (let chunk = 0; chunk < count && at + 4 <= end; chunk++) {
    const ssrc = bytes.readUInt32BE(at);
    at += 4;
    // Items: type, length, text; a zero type ends the chunk, which is padded to 32 bits (RFC 3550, 6.5).
    while (at + 2 <= end && bytes[at] !== 0) {
      const stop = at + 2 + bytes[at + 1]!;
      if (stop > end) return names;
      if (bytes[at] === CNAME) names.push({ ssrc, cname: bytes.toString('utf8', at + 2, stop) });
      at = stop;
    }
    at = from + 4 * (Math.floor((at - from) / 4) + 1);
  }
  return names;
}
