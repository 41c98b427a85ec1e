import { crc32 } from './crc.ts';

/** A page of an Ogg stream (RFC 3533 section 6) with whole packets: none of them goes on from one page to the next. */
export interface OggPage {
  /** Which stream of the file; the same on all of its pages. */
  readonly serial: number;
  /** Counts the stream's pages from 0. */
  readonly number: number;
  /** Where the last packet of the page ends, in the unit of the codec. */
  readonly granule: number;
  readonly last: boolean;
  readonly packets: readonly Uint8Array[];
}

const HEADER_BYTES = 27;
const MOST_SEGMENTS = 255;
const CRC_AT = 22;

/** Bytes that a page takes for packets of these lengths. */
export function oggPageBytes(lengths: readonly number[]): number {
  const segments = lengths.reduce((sum, length) => sum + segmentsOf(length), 0);
  if (segments > MOST_SEGMENTS) throw new RangeError(`a page has no room for ${segments} segments`);
  return HEADER_BYTES + segments + lengths.reduce((sum, length) => sum + length, 0);
}

export function oggPage({ serial, number, granule, last, packets }: OggPage): Uint8Array {
  const page = Buffer.alloc(oggPageBytes(packets.map((packet) => packet.length)));
  page.write('OggS', 'latin1');
  page[5] = (number === 0 ? 0x02 : 0) | (last ? 0x04 : 0);
  page.writeBigUInt64LE(BigInt(granule), 6);
  page.writeUInt32LE(serial, 14);
  page.writeUInt32LE(number, 18);
  let at = HEADER_BYTES;
  for (const { length } of packets) {
    // As many 255 as fit, and a last one that is smaller and may be 0.
    const end = at + segmentsOf(length) - 1;
    page.fill(255, at, end);
    page[end] = length % 255;
    at = end + 1;
  }
  page[HEADER_BYTES - 1] = at - HEADER_BYTES;
  for (const packet of packets) {
    page.set(packet, at);
    at += packet.length;
  }
  page.writeUInt32LE(crc32(page), CRC_AT);
  return page;
}

function segmentsOf(length: number): number {
  return Math.floor(length / 255) + 1;
}
