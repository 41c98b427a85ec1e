/**
 * RTP's fixed header (RFC 3550, 5.1):
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |V=2|P|X|  CC   |M|     PT      |       sequence number         |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                           timestamp                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |           synchronization source (SSRC) identifier            |
 * +=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+=+
 * |            CC times: contributing source (CSRC)               |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |  X=1: defined by profile      |  length in 32-bit words       |
 * |                  header extension …                           |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | payload …     P=1: padding, its last byte counts it           |
 * ```
 */
export const RTP_HEADER_BYTES = 12;

const FLAGS = 0;
const MARKER_AND_TYPE = 1;
const SEQUENCE = 2;
const TIMESTAMP = 4;
const SSRC = 8;

const VERSION_MASK = 0xc0;
const VERSION_2 = 0x80;
const PADDING = 0x20;
const EXTENSION = 0x10;
const CSRC_COUNT = 0x0f;
const MARKER = 0x80;
const PAYLOAD_TYPE = 0x7f;

/** Whether this can be RTP or RTCP at all: version 2 (RFC 7983: first byte 128 to 191) and room for a fixed header. */
export function looksLikeRtp(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
  return end - start >= RTP_HEADER_BYTES && (bytes[start + FLAGS]! & VERSION_MASK) === VERSION_2;
}

/** The synchronization source of a packet that {@link looksLikeRtp}. */
export function ssrcOf(bytes: Uint8Array, start = 0): number {
  return uint32(bytes, start + SSRC);
}

/** The payload type of a packet that {@link looksLikeRtp}. */
export function payloadTypeOf(bytes: Uint8Array, start = 0): number {
  return bytes[start + MARKER_AND_TYPE]! & PAYLOAD_TYPE;
}

/** Marker bit and payload type as one byte, which tells RTCP from RTP on a shared port (RFC 5761, 4). */
export function secondByteOf(bytes: Uint8Array, start = 0): number {
  return bytes[start + MARKER_AND_TYPE]!;
}

/**
 * Reads packets in place; one instance serves any number of packets, so that nothing is allocated for each. The fields
 * hold the packet of the last {@link read} that returned true.
 */
export class RtpView {
  payloadType = 0;
  marker = false;
  sequence = 0;
  timestamp = 0;
  ssrc = 0;
  /** Where the payload stands in the bytes that were read; `payloadEnd` is the first byte after it. */
  payloadStart = 0;
  payloadEnd = 0;

  /**
   * @param end first byte after the packet
   * @returns false when the bytes are not an RTP packet: too short, wrong version, CSRC list or extension past the end
   */
  read(bytes: Uint8Array, start = 0, end = bytes.length): boolean {
    if (end > bytes.length || end - start < RTP_HEADER_BYTES) return false;
    const flags = bytes[start + FLAGS]!;
    if ((flags & VERSION_MASK) !== VERSION_2) return false;
    let payload = start + RTP_HEADER_BYTES + 4 * (flags & CSRC_COUNT);
    if ((flags & EXTENSION) !== 0) {
      if (payload + 4 > end) return false;
      payload += 4 + 4 * uint16(bytes, payload + 2);
    }
    if (payload > end) return false;
    const type = bytes[start + MARKER_AND_TYPE]!;
    this.marker = (type & MARKER) !== 0;
    this.payloadType = type & PAYLOAD_TYPE;
    this.sequence = uint16(bytes, start + SEQUENCE);
    this.timestamp = uint32(bytes, start + TIMESTAMP);
    this.ssrc = uint32(bytes, start + SSRC);
    this.payloadStart = payload;
    this.payloadEnd = end - paddingOf(bytes, flags, payload, end);
    return true;
  }
}

/** A padding count that cannot be true is ignored: the audio before it is worth more than the rule. */
function paddingOf(bytes: Uint8Array, flags: number, payload: number, end: number): number {
  if ((flags & PADDING) === 0 || end === payload) return 0;
  const count = bytes[end - 1]!;
  return count <= end - payload ? count : 0;
}

function uint16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}
