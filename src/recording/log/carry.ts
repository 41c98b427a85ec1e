import { join } from 'node:path';
import { systemCode } from '../../base/errors.ts';
import type { Random } from '../../base/ids.ts';
import { WRAPPED_KEY_BYTES } from '../../seal/spool.ts';
import { carryRecord } from './carried.ts';
import type { AppendFile, LogFiles, ReadFile } from './files.ts';
import { CARRIED, carriedName, encodeSegmentHeader, SEGMENT_ID_BYTES, type SegmentHeader } from './format.ts';
import { encodeTrailer, IndexBuilder, type RecordPlace } from './segment-index.ts';
import { SegmentReader, type RawRecord } from './segment-reader.ts';

export interface CarryWriterOptions {
  readonly folder: string;
  readonly files: LogFiles;
  readonly node: string;
  readonly random: Random;
  /** When the oldest of the segments was made, wall ms. */
  readonly createdAt: number;
}

/** So much goes out in one write. */
const WRITE_BYTES = 1024 * 1024;

/** Whether a record is still needed. */
export type IsNeeded = (callId: string, place: RecordPlace) => boolean;

interface Found {
  readonly callId: string;
  readonly place: RecordPlace;
  readonly raw: RawRecord;
}

/** Writes one segment of records that were sealed into others. It has no key of its own: each record brings its origin's along. */
export class CarryWriter {
  readonly name: string;
  /** Bytes taken so far. */
  bytes = 0;
  readonly #options: CarryWriterOptions;
  readonly #head: Buffer;
  readonly #index = new IndexBuilder();
  #file: AppendFile | null = null;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #offset = 0;

  constructor(options: CarryWriterOptions) {
    this.#options = options;
    const { node, createdAt, random } = options;
    const id = random(SEGMENT_ID_BYTES);
    this.name = carriedName(createdAt, id);
    this.#head = encodeSegmentHeader({ id, node, worker: 0, createdAt, wrappedKey: Buffer.alloc(WRAPPED_KEY_BYTES) });
  }

  /**
   * Takes the needed records of a segment over, all or none.
   * @returns false when not every record in it is where and what the index says: such a segment is not to be touched
   */
  async take(name: string, isNeeded: IsNeeded): Promise<boolean> {
    const { folder, files } = this.#options;
    const found = await readNeeded(new SegmentReader(folder, name, files), isNeeded);
    if (found === null) return false;
    const { origin, records } = found;
    for (const { callId, place, raw } of records) {
      const kind = place.kind | CARRIED;
      await this.#add(callId, { ...place, kind }, carryRecord(origin, raw.head, raw.header, raw.sealed));
    }
    return true;
  }

  /** Everything is on the disk, under its name, when this resolves. */
  async finish(): Promise<void> {
    if (this.bytes === 0) return;
    await this.#flush();
    const index = this.#index.encode();
    const trailer = encodeTrailer(index, this.#offset);
    this.#waiting = [index, trailer];
    this.#waitingBytes = index.length + trailer.length;
    await this.#flush();
    await this.#file!.datasync();
    await this.#file!.close();
    this.#file = null;
    await this.#options.files.syncFolder(this.#options.folder);
  }

  /** Removes the half of a file; the segments it was made from are still there. */
  async abandon(): Promise<void> {
    await this.#file?.close().catch(() => undefined);
    this.#file = null;
    await this.#options.files.unlink(join(this.#options.folder, this.name)).catch(() => undefined);
  }

  async #add(callId: string, place: RecordPlace, buffers: readonly Buffer[]): Promise<void> {
    if (this.#file === null) {
      this.#file = await this.#options.files.create(join(this.#options.folder, this.name));
      this.#waiting.push(this.#head);
      this.#waitingBytes = this.#head.length;
    }
    this.#index.add(callId, { ...place, offset: this.#offset + this.#waitingBytes });
    for (const buffer of buffers) {
      this.#waiting.push(buffer);
      this.#waitingBytes += buffer.length;
      this.bytes += buffer.length;
    }
    if (this.#waitingBytes >= WRITE_BYTES) await this.#flush();
  }

  async #flush(): Promise<void> {
    const written = await this.#file!.writev(this.#waiting, this.#offset);
    if (written !== this.#waitingBytes)
      throw Object.assign(new Error(`only ${written} of ${this.#waitingBytes} bytes were written`), { code: 'ENOSPC' });
    this.#offset += written;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
}

/** Null when the segment is damaged anywhere, or the disk does not give part of it: that may be had at another time. */
async function readNeeded(
  segment: SegmentReader,
  isNeeded: IsNeeded,
): Promise<{ readonly origin: SegmentHeader; readonly records: Found[] } | null> {
  const file = await segment.open();
  try {
    const origin = await segment.header(file);
    const records = await collect(segment, file, isNeeded);
    return origin === null || records === null ? null : { origin, records };
  } catch (error) {
    if (systemCode(error) === 'EIO') return null;
    throw error;
  } finally {
    await file.close();
  }
}

/** The needed records in the order in which they stand; null when the segment is damaged anywhere. */
async function collect(segment: SegmentReader, file: ReadFile, isNeeded: IsNeeded): Promise<Found[] | null> {
  const index = await segment.index(file);
  if (segment.damages.length > 0) return null;
  const found: Found[] = [];
  for (const callId of index.callIds()) {
    for (const place of index.placesOf(callId)) {
      if (!isNeeded(callId, place)) continue;
      const raw = await segment.readRaw(file, { ...place, callId });
      if (raw === 'moved' || raw === 'damaged') return null;
      found.push({ callId, place, raw });
    }
  }
  return found.sort((a, b) => a.place.offset - b.place.offset);
}
