import { padOpusPacket } from './opus-packet.ts';

/** Longer packets would take another byte in the table of an Ogg page, whose size is to be known. */
const LONGEST = 254;
/** What one packet may take of what is left, in shares of the packets that are to come: sounds that need more get it from others. */
const GENEROSITY = 1.2;

/**
 * Packets of as many frames, `bytes` long together: each takes what it needs, within what is left, and what nobody needed
 * is filled up at the end. `encode` gives packets of at most so many bytes.
 */
export function fillPage(
  frames: number,
  bytes: number,
  encode: (frame: number, most: number) => Uint8Array,
): Uint8Array[] {
  const packets: Uint8Array[] = [];
  let left = bytes;
  for (let frame = 0; frame < frames; frame++) {
    const share = left / (frames - frame);
    const packet = encode(frame, Math.min(LONGEST, left, Math.floor(GENEROSITY * share)));
    packets.push(packet);
    left -= packet.length;
  }
  for (let at = frames - 1; left > 0; at--) {
    const packet = packets[at]!;
    const more = Math.min(left, LONGEST - packet.length);
    packets[at] = padOpusPacket(packet, packet.length + more);
    left -= more;
  }
  return packets;
}
