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
  const json = Buffer.from(JSON.stringify(entry), 'utf8');
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + json.length);
  MAGIC.copy(frame);
  frame.writeUInt32BE(json.length, LENGTH);
  json.copy(frame, FRAME_HEADER_BYTES);
  frame.writeUInt32BE(crcOf(frame, json.length), CRC);
  return frame;
}

export interface FramesRead {
  readonly entries: JournalEntry[];
  /** First byte after the last whole frame; what follows may still be on its way. */
  readonly end: number;
  /** Stretches before `end` that hold no readable frame. */
  readonly damages: { readonly from: number; readonly to: number }[];
}

/** Reads the frames of a file's bytes from `start`. Goes on behind damage at the next whole frame; never returns half a frame. */
export function decodeFrames(bytes: Buffer, start = 0): FramesRead {
  const read: FramesRead & { end: number } = { entries: [], end: start, damages: [] };
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
    at = frame.end;
    read.end = at;
  }
  return read;
}

function decodeFrame(bytes: Buffer, at: number): { entry: JournalEntry; end: number } | null {
  if (bytes.compare(MAGIC, 0, MAGIC.length, at, at + MAGIC.length) !== 0) return null;
  const length = bytes.readUInt32BE(at + LENGTH);
  const end = at + FRAME_HEADER_BYTES + length;
  if (length > MAX_FRAME_BYTES || end > bytes.length) return null;
  if (bytes.readUInt32BE(at + CRC) !== crcOf(bytes.subarray(at), length)) return null;
  try {
    const entry: unknown = JSON.parse(bytes.toString('utf8', at + FRAME_HEADER_BYTES, end));
    return isEntry(entry) ? { entry, end } : null;
  } catch {
    return null;
  }
}

function crcOf(frame: Buffer, length: number): number {
  return crc32(frame.subarray(FRAME_HEADER_BYTES, FRAME_HEADER_BYTES + length), crc32(frame.subarray(LENGTH, CRC)));
}

/** The CRC says that these are the recorder's own bytes; so only the outline is checked. */
function isEntry(value: unknown): value is JournalEntry {
  return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
}
