import { crc32 } from 'node:zlib';
import type { JournalEntry } from '../../link/journal.ts';

/**
 * A journal file is frames one after the other, nothing else:
 *
 * ```
 *  0               4               8               12
 * +---------------+---------------+---------------+------------…
 * | magic "ESJ" 1 | length        | CRC-32        | JSON, UTF-8
 * +---------------+---------------+---------------+------------…
 * ```
 *
 * The CRC covers length and JSON. Numbers are big-endian.
 */
export const FRAME_HEADER_BYTES = 12;
/** A longer frame is damage. */
export const MAX_FRAME_BYTES = 16 * 1024 * 1024;

const MAGIC = Buffer.from([0x45, 0x53, 0x4a, 0x01]);
const LENGTH = 4;
const CRC = 8;

export function encodeFrame(entry: JournalEntry): Buffer {
  const json = JSON.stringify(entry);
  const length = Buffer.byteLength(json);
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length);
  MAGIC.copy(frame);
  frame.writeUInt32BE(length, LENGTH);
  frame.write(json, FRAME_HEADER_BYTES);
  frame.writeUInt32BE(crcOf(frame, length), CRC);
  return frame;
}

export interface FramesRead {
  readonly entries: JournalEntry[];
  /** Where each of them begins, and the bytes of its frame. */
  readonly places: { readonly at: number; readonly length: number }[];
  /** First byte after the last whole frame; what follows may still be on its way. */
  readonly end: number;
  /** Stretches before `end` that hold no readable frame. */
  readonly damages: { readonly from: number; readonly to: number }[];
}

/** Reads the frames of a file's bytes from `start`. Goes on behind damage at the next whole frame; never returns half a frame. */
export function decodeFrames(bytes: Buffer, start = 0): FramesRead {
  const read: FramesRead & { end: number } = { entries: [], places: [], end: start, damages: [] };
  let at = start;
  while (at + FRAME_HEADER_BYTES <= bytes.length) {
    const frame = decodeFrame(bytes, at);
    if (frame === null) {
      const next = bytes.indexOf(MAGIC, at + 1);
      at = next === -1 ? bytes.length : next;
      continue;
    }
    if (at > read.end) read.damages.push({ from: read.end, to: at });
    read.entries.push(frame.entry);
    read.places.push({ at, length: frame.end - at });
    at = frame.end;
    read.end = at;
  }
  return read;
}

/** Whether these bytes are one frame as it was written. */
export function isWholeFrame(bytes: Buffer): boolean {
  return bytes.length >= FRAME_HEADER_BYTES && frameEnd(bytes, 0) === bytes.length;
}

function decodeFrame(bytes: Buffer, at: number): { entry: JournalEntry; end: number } | null {
  const end = frameEnd(bytes, at);
  if (end === null) return null;
  try {
    const entry: unknown = JSON.parse(bytes.toString('utf8', at + FRAME_HEADER_BYTES, end));
    return isEntry(entry) ? { entry, end } : null;
  } catch {
    return null;
  }
}

/** The first byte behind the frame that begins here; null where none does, or it is not whole. */
function frameEnd(bytes: Buffer, at: number): number | null {
  if (bytes.compare(MAGIC, 0, MAGIC.length, at, at + MAGIC.length) !== 0) return null;
  const length = bytes.readUInt32BE(at + LENGTH);
  const end = at + FRAME_HEADER_BYTES + length;
  if (length > MAX_FRAME_BYTES || end > bytes.length) return null;
  return bytes.readUInt32BE(at + CRC) === crcOf(bytes.subarray(at), length) ? end : null;
}

function crcOf(frame: Buffer, length: number): number {
  return crc32(frame.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + length), crc32(frame.subarray(LENGTH, CRC)));
}

/** The CRC says that these are the recorder's own bytes; so only the outline is checked. */
function isEntry(value: unknown): value is JournalEntry {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
}
