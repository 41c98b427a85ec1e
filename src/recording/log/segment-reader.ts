import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { openRecord, recordKey, TAG_BYTES, unwrapKey, type SpoolIdentity } from '../../seal/spool.ts';
import type { LogFiles, ReadFile } from './files.ts';
import {
  decodeRecordHeader,
  decodeSegmentHeader,
  HEADER_BLOCK_BYTES,
  RECORD_HEADER_BYTES,
  recordAad,
  recordBytes,
  type SegmentHeader,
} from './format.ts';
import { scanFromStart, scanRecords, type Damage, type ScanState } from './scan.ts';
import { decodeTrailer, IndexBuilder, SegmentIndex, TRAILER_BYTES, type RecordPlace } from './segment-index.ts';

/** What a record place must be, or it is not the record that the index told of. */
export interface ExpectedRecord extends RecordPlace {
  readonly callId: string;
}

/**
 * One segment as readers see it. Holds the index (from the file's end, or by a scan when that is missing, damaged or lies) and the
 * opened key; the file itself is opened for each use, so that hundreds of segments cost no descriptors.
 */
export class SegmentReader {
  readonly name: string;
  readonly #path: string;
  readonly #files: LogFiles;
  #index: SegmentIndex | null = null;
  /** The index is the file's own; nothing will be added. */
  #isClosed = false;
  #distrustIndex = false;
  #scan: ScanState = scanFromStart();
  #scanned = new IndexBuilder();
  #header: SegmentHeader | null = null;
  #key: KeyObject | null = null;

  constructor(folder: string, name: string, files: LogFiles) {
    this.name = name;
    this.#path = join(folder, name);
    this.#files = files;
  }

  /** What the cache counts. */
  get byteLength(): number {
    return 1024 + (this.#index?.byteLength ?? 0);
  }

  /** Damage that a scan met; none is known of a segment whose index was read. */
  get damages(): readonly Damage[] {
    return this.#scan.damages;
  }

  /** @throws the system's error, ENOENT when the segment was freed */
  open(): Promise<ReadFile> {
    return this.#files.openRead(this.#path);
  }

  /** The index as of now: of a segment that still grows, up to its last whole record. */
  async index(file: ReadFile): Promise<SegmentIndex> {
    if (this.#isClosed && this.#index !== null) return this.#index;
    const size = await file.size();
    const own = this.#distrustIndex ? null : await readOwnIndex(file, size);
    if (own !== null) {
      this.#isClosed = true;
      this.#index = own;
      return own;
    }
    const before = this.#scan.offset;
    await scanRecords(file, size, this.#scan, ({ offset, header }) =>
      this.#scanned.add(header.callId, { ...header, offset }),
    );
    if (this.#index === null || this.#scan.offset !== before) this.#index = this.#scanned.build();
    return this.#index;
  }

  /** The index at the file's end does not agree with its records: from now on a scan counts. @returns false when it already did */
  distrustIndex(): boolean {
    if (this.#distrustIndex || !this.#isClosed) return false;
    this.#distrustIndex = true;
    this.#isClosed = false;
    this.#index = null;
    return true;
  }

  /**
   * Reads and opens one record.
   * @returns its plaintext; 'moved' when another record or none stands there; 'damaged' when it does not open
   */
  async read(file: ReadFile, expected: ExpectedRecord, identity: SpoolIdentity): Promise<Buffer | 'moved' | 'damaged'> {
    const head = await file.read(expected.offset, RECORD_HEADER_BYTES);
    const header = decodeRecordHeader(head);
    if (header === null || header.callId !== expected.callId || header.epoch !== expected.epoch) return 'moved';
    if (header.sequence !== expected.sequence || header.kind !== expected.kind) return 'moved';
    const length = recordBytes(header.bodyBytes) - RECORD_HEADER_BYTES;
    const sealed = await file.read(expected.offset + RECORD_HEADER_BYTES, length);
    if (sealed.length < length || !(await this.#unlock(file, identity))) return 'damaged';
    const ciphertext = sealed.subarray(0, length - TAG_BYTES);
    const tag = sealed.subarray(length - TAG_BYTES);
    const aad = recordAad(this.#header!.id, head);
    return openRecord(this.#key!, header.number, aad, { ciphertext, tag }) ?? 'damaged';
  }

  async #unlock(file: ReadFile, identity: SpoolIdentity): Promise<boolean> {
    if (this.#key !== null) return true;
    this.#header = decodeSegmentHeader(await file.read(0, HEADER_BLOCK_BYTES));
    if (this.#header === null) return false;
    try {
      this.#key = recordKey(unwrapKey(identity, this.#header.wrappedKey, this.#header.id));
      return true;
    } catch {
      return false;
    }
  }
}

async function readOwnIndex(file: ReadFile, size: number): Promise<SegmentIndex | null> {
  if (size < HEADER_BLOCK_BYTES + TRAILER_BYTES) return null;
  const trailer = decodeTrailer(await file.read(size - TRAILER_BYTES, TRAILER_BYTES), size);
  if (trailer === null || trailer.offset < HEADER_BLOCK_BYTES) return null;
  return SegmentIndex.decode(await file.read(trailer.offset, trailer.length), trailer.crc);
}
