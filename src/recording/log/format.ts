import { crc32 } from 'node:zlib';
import { TAG_BYTES, WRAPPED_KEY_BYTES } from '../../seal/spool.ts';
import { callIdOf } from './call-key.ts';

/**
 * Bytes of the audio log (docs/formats.md). A segment is a header block, sealed records one after the other, and, when it was
 * closed in order, an index and a trailer. All numbers are big-endian.
 */
export const RECORD_KINDS = { packets: 1, trace: 2, metadata: 3 } as const;
export type RecordKind = keyof typeof RECORD_KINDS;
const KIND_NAMES = new Map<number, RecordKind>(
  Object.entries(RECORD_KINDS).map(([name, kind]) => [kind, name as RecordKind]),
);

/** In a record's kind: the record was carried here from another segment; see `carried.ts`. */
export const CARRIED = 0x8000;

/** Kind by its number on disk, carried or not, or undefined for one that this version does not know. */
export function kindName(kind: number): RecordKind | undefined {
  return KIND_NAMES.get(kind & ~CARRIED);
}

// ---- segment header: two copies, a page apart, so that one bad sector does not cost the segment ----
export const SEGMENT_MAGIC = 0x45534701; // "ESG" 1
export const HEADER_COPY_AT = 4096;
export const HEADER_BLOCK_BYTES = 8192;
export const SEGMENT_ID_BYTES = 16;
const SEGMENT_VERSION = 1;
const AT = {
  version: 4,
  worker: 6,
  id: 8,
  created: 24,
  wrapped: 32,
  node: 32 + WRAPPED_KEY_BYTES,
} as const;
const NODE_BYTES = 32;
const HEADER_CRC_AT = AT.node + NODE_BYTES;
export const SEGMENT_HEADER_BYTES = HEADER_CRC_AT + 4;

export interface SegmentHeader {
  readonly id: Buffer;
  readonly node: string;
  readonly worker: number;
  /** Wall time, ms. */
  readonly createdAt: number;
  readonly wrappedKey: Buffer;
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const block = Buffer.alloc(HEADER_BLOCK_BYTES);
  block.writeUInt32BE(SEGMENT_MAGIC, 0);
  block.writeUInt16BE(SEGMENT_VERSION, AT.version);
  block.writeUInt16BE(header.worker, AT.worker);
  header.id.copy(block, AT.id);
  block.writeBigUInt64BE(BigInt(Math.trunc(header.createdAt)), AT.created);
  header.wrappedKey.copy(block, AT.wrapped);
  block.write(header.node, AT.node, NODE_BYTES, 'utf8');
  block.writeUInt32BE(crc32(block.subarray(0, HEADER_CRC_AT)), HEADER_CRC_AT);
  block.copy(block, HEADER_COPY_AT, 0, SEGMENT_HEADER_BYTES);
  return block;
}

/** The header of a segment from either of its copies; null when both are damaged or it is no segment. */
export function decodeSegmentHeader(block: Buffer): SegmentHeader | null {
  return decodeCopy(block) ?? decodeCopy(block.subarray(HEADER_COPY_AT));
}

function decodeCopy(copy: Buffer): SegmentHeader | null {
  if (copy.length < SEGMENT_HEADER_BYTES || copy.readUInt32BE(0) !== SEGMENT_MAGIC) return null;
  if (copy.readUInt16BE(AT.version) !== SEGMENT_VERSION) return null;
  if (copy.readUInt32BE(HEADER_CRC_AT) !== crc32(copy.subarray(0, HEADER_CRC_AT))) return null;
  return {
    id: Buffer.from(copy.subarray(AT.id, AT.id + SEGMENT_ID_BYTES)),
    node: copy.toString('utf8', AT.node, HEADER_CRC_AT).replace(/\0+$/, ''),
    worker: copy.readUInt16BE(AT.worker),
    createdAt: Number(copy.readBigUInt64BE(AT.created)),
    wrappedKey: Buffer.from(copy.subarray(AT.wrapped, AT.wrapped + WRAPPED_KEY_BYTES)),
  };
}

// ---- record ----
export const RECORD_MAGIC = 0x45535202; // "ESR" 2
export const RECORD_MAGIC_BYTES = Buffer.from([0x45, 0x53, 0x52, 0x02]);
const REC = { body: 4, kind: 8, epoch: 10, call: 12, sequence: 28, number: 32, reserved: 36, base: 38 } as const;
const RECORD_CRC_AT = 44;
export const RECORD_HEADER_BYTES = 48;
/** No record is longer; a larger length is damage. A note of SIP or metadata is at most 64 kB and a bit. */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

export interface RecordHeader {
  /** Number on disk; see {@link kindName}. */
  readonly kind: number;
  /** Incarnation of the recorder within this call, from 0. */
  readonly epoch: number;
  readonly callId: string;
  /** Counts per call and epoch, from 1. */
  readonly sequence: number;
  /** Counts per segment, from 0; the nonce. */
  readonly number: number;
  /** Arrival of the record's first packet, µs since the call's opening; 48 bits. */
  readonly baseUs: number;
  readonly bodyBytes: number;
}

/** Writes the header's {@link RECORD_HEADER_BYTES} bytes to the beginning of `target`. */
export function encodeRecordHeader(target: Buffer, header: Omit<RecordHeader, 'callId'>, callKey: Buffer): void {
  target.writeUInt32BE(RECORD_MAGIC, 0);
  target.writeUInt32BE(header.bodyBytes, REC.body);
  target.writeUInt16BE(header.kind, REC.kind);
  target.writeUInt16BE(header.epoch, REC.epoch);
  callKey.copy(target, REC.call);
  target.writeUInt32BE(header.sequence, REC.sequence);
  target.writeUInt32BE(header.number, REC.number);
  target.writeUInt16BE(0, REC.reserved);
  target.writeUIntBE(header.baseUs, REC.base, 6);
  target.writeUInt32BE(crc32(target.subarray(0, RECORD_CRC_AT)), RECORD_CRC_AT);
}

/** The same record's header in another segment: a kind of its own, and a body of its own length. */
export function recastRecordHeader(header: Buffer, kind: number, bodyBytes: number): Buffer {
  const recast = Buffer.from(header);
  recast.writeUInt32BE(bodyBytes, REC.body);
  recast.writeUInt16BE(kind, REC.kind);
  recast.writeUInt32BE(crc32(recast.subarray(0, RECORD_CRC_AT)), RECORD_CRC_AT);
  return recast;
}

/** The record header at `at`, or null where there is none: wrong magic, CRC or length. */
export function decodeRecordHeader(bytes: Buffer, at = 0): RecordHeader | null {
  if (at + RECORD_HEADER_BYTES > bytes.length || bytes.readUInt32BE(at) !== RECORD_MAGIC) return null;
  const crc = crc32(bytes.subarray(at, at + RECORD_CRC_AT));
  if (bytes.readUInt32BE(at + RECORD_CRC_AT) !== crc) return null;
  const bodyBytes = bytes.readUInt32BE(at + REC.body);
  if (bodyBytes > MAX_BODY_BYTES) return null;
  return {
    kind: bytes.readUInt16BE(at + REC.kind),
    epoch: bytes.readUInt16BE(at + REC.epoch),
    callId: callIdOf(bytes, at + REC.call),
    sequence: bytes.readUInt32BE(at + REC.sequence),
    number: bytes.readUInt32BE(at + REC.number),
    baseUs: bytes.readUIntBE(at + REC.base, 6),
    bodyBytes,
  };
}

/** What a record takes on disk. */
export function recordBytes(bodyBytes: number): number {
  return RECORD_HEADER_BYTES + bodyBytes + TAG_BYTES;
}

/** Of a record's header, what is additional data of its seal: all but the CRC. */
export const RECORD_AAD_BYTES = RECORD_CRC_AT;

/** Additional data of a record's seal: the segment's id, then the record's header without its CRC. */
export function recordAad(segmentId: Buffer, header: Buffer): Buffer {
  return Buffer.concat([segmentId, header.subarray(0, RECORD_CRC_AT)]);
}

/** `1767225600000-w0-5f3a9c21.seg`: sorts by time of creation; `-r1` and so on when its records moved to another file. */
export function segmentName(createdAt: number, worker: number, id: Buffer): string {
  return `${String(Math.trunc(createdAt)).padStart(13, '0')}-w${worker}-${id.toString('hex', 0, 4)}.seg`;
}

/** `1767225600000-c-5f3a9c21.seg`: records that were carried out of others, the oldest of which was made then. */
export function carriedName(createdAt: number, id: Buffer): string {
  return `${String(Math.trunc(createdAt)).padStart(13, '0')}-c-${id.toString('hex', 0, 4)}.seg`;
}

export function isSegmentName(name: string): boolean {
  return /^\d{13,}-(w\d+|c)-[0-9a-f]{8}(-r\d+)?\.seg$/.test(name);
}

export function isCarriedName(name: string): boolean {
  return isSegmentName(name) && name.includes('-c-');
}
