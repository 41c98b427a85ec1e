/** A packet says in its first byte how many frames are in it; 3: a second byte tells (RFC 6716 section 3.2.5). */
const COUNTED = 3;
const ONE_FRAME = 1;
const PADDED = 0x40;

/**
 * A packet of one frame (code 0) made `size` bytes long; what is added means nothing and decoders pass over it (RFC 6716
 * section 3.2.5, code 3 with padding). `size` is at most 256 bytes longer than the packet.
 */
export function padOpusPacket(packet: Uint8Array, size: number): Uint8Array {
  const missing = size - packet.length;
  if (missing === 0) return packet;
  const kind = packet[0]!;
  if (missing < 0 || missing > 256 || (kind & COUNTED) !== 0) throw new RangeError('this packet cannot be padded');
  const padded = new Uint8Array(size);
  padded[0] = kind | COUNTED;
  padded[1] = missing === 1 ? ONE_FRAME : ONE_FRAME | PADDED;
  // The bytes that follow the frame; this byte and the one before are the first two of those that are missing.
  if (missing > 1) padded[2] = missing - 2;
  padded.set(packet.subarray(1), missing === 1 ? 2 : 3);
  return padded;
}
