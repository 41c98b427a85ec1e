import type { KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { openRecord, recordKey, TAG_BYTES, unwrapKey, type SpoolIdentity } from '../../seal/spool.ts';
import type { LogFiles, ReadFile } from './files.ts';
import { openCarried, type Origin } from './carried.ts';
import {
  CARRIED,
  decodeRecordHeader,
  decodeSegmentHeader,
  HEADER_BLOCK_BYTES,
  RECORD_HEADER_BYTES,
  recordAad,
  recordBytes,
  type RecordHeader,
  type SegmentHeader,
} from './format.ts';
import { GrowingIndex } from './growing-index.ts';
import { scanFromStart, scanRecords, type Damage, type ScanState } from './scan.ts';
import { decodeTrailer, type PlaceIndex, SegmentIndex, TRAILER_BYTES, type RecordPlace } from './segment-index.ts';

/** What a record place must be, or it is not the record that the index told of. */
export interface ExpectedRecord extends RecordPlace {
  readonly callId: string;
}

/** A record as it stands in the file, sealed. */
export interface RawRecord {
  readonly head: Buffer;
  readonly header: RecordHeader;
  /** Body and tag. */
  readonly sealed: Buffer;
}

/** Keys of other segments whose records were carried here; each costs an X25519. */
const MOST_KEYS = 256;

/**
 * One segment as readers see it. Holds the index (from the file's end, or by a scan when that is missing, damaged or lies) and the
 * opened key; the file itself is opened for each use, so that hundreds of segments cost no descriptors.
 */
export class SegmentReader {
  readonly name: string;
  readonly #path: string;
  readonly #files: LogFiles;
  /** The file's own; nothing will be added. */
  #index: SegmentIndex | null = null;
  #distrustIndex = false;
  #scan: ScanState = scanFromStart();
  /** What a scan found, as long as there is no better. */
  #scanned: GrowingIndex | null = null;
  #looking: Promise<unknown> = Promise.resolve();
  #header: SegmentHeader | null = null;
  readonly #keys = new Map<string, KeyObject>();
  /** First byte behind the records. */
  #end = HEADER_BLOCK_BYTES;

  constructor(folder: string, name: string, files: LogFiles) {
    this.name = name;
    this.#path = join(folder, name);
    this.#files = files;
  }

  /** What the cache counts. */
  get byteLength(): number {
    return 1024 + (this.#index?.byteLength ?? 0) + (this.#scanned?.byteLength ?? 0);
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
  async index(file: ReadFile): Promise<PlaceIndex> {
    if (this.#index !== null) return this.#index;
    // One after the other: two scans at once would find everything twice.
    const looked = this.#looking.then(() => this.#index ?? this.#look(file));
    this.#looking = looked.catch(() => undefined);
    return looked;
  }

  async #look(file: ReadFile): Promise<PlaceIndex> {
    const size = await file.size();
    const own = this.#distrustIndex ? null : await readOwnIndex(file, size);
    if (own !== null) {
      this.#end = own.offset;
      this.#index = own.index;
      this.#scanned = null;
      return own.index;
    }
    const scanned = this.#scanned ?? this.#scanAnew();
    await scanRecords(file, size, this.#scan, ({ offset, header }) =>
      scanned.add(header.callId, { ...header, offset }),
    );
    this.#end = this.#scan.offset;
    return scanned;
  }

  #scanAnew(): GrowingIndex {
    this.#scan = scanFromStart();
    this.#scanned = new GrowingIndex();
    return this.#scanned;
  }

  /** First byte behind the records, as of the last {@link index}. */
  get end(): number {
    return this.#end;
  }

  /** The segment's header; null when both copies are damaged. */
  async header(file: ReadFile): Promise<SegmentHeader | null> {
    this.#header ??= decodeSegmentHeader(await file.read(0, HEADER_BLOCK_BYTES));
    return this.#header;
  }

  /** The index at the file's end does not agree with its records: from now on a scan counts. @returns false when it already did */
  distrustIndex(): boolean {
    if (this.#distrustIndex || this.#index === null) return false;
    this.#distrustIndex = true;
    this.#index = null;
    return true;
  }

  /**
   * Reads and opens one record.
   * @returns its plaintext; 'moved' when another record or none stands there; 'damaged' when it does not open
   */
  async read(file: ReadFile, expected: ExpectedRecord, identity: SpoolIdentity): Promise<Buffer | 'moved' | 'damaged'> {
    // Before the record, whose bytes are good until the next read.
    const origin = this.#header ?? (await this.header(file));
    const raw = await this.readRaw(file, expected);
    if (raw === 'moved' || raw === 'damaged') return raw;
    const tag = raw.sealed.subarray(raw.sealed.length - TAG_BYTES);
    const body = raw.sealed.subarray(0, raw.sealed.length - TAG_BYTES);
    if ((raw.header.kind & CARRIED) !== 0) {
      const carried = openCarried(raw.header, body);
      return carried === null ? 'damaged' : this.#open(carried, tag, identity);
    }
    if (origin === null) return 'damaged';
    return this.#open({ origin, head: raw.head, header: raw.header, ciphertext: body }, tag, identity);
  }

  /** Reads one record without opening it. */
  async readRaw(file: ReadFile, expected: ExpectedRecord): Promise<RawRecord | 'moved' | 'damaged'> {
    // A copy: what was read is good until the next read.
    const head = Buffer.from(await file.read(expected.offset, RECORD_HEADER_BYTES));
    const header = decodeRecordHeader(head);
    if (header === null || header.callId !== expected.callId || header.epoch !== expected.epoch) return 'moved';
    if (header.sequence !== expected.sequence || header.kind !== expected.kind) return 'moved';
    const length = recordBytes(header.bodyBytes) - RECORD_HEADER_BYTES;
    const sealed = await file.read(expected.offset + RECORD_HEADER_BYTES, length);
    return sealed.length < length ? 'damaged' : { head, header, sealed };
  }

  #open(record: SealedPlace, tag: Buffer, identity: SpoolIdentity): Buffer | 'damaged' {
    const { origin, head, header, ciphertext } = record;
    const key = this.#keyOf(origin, identity);
    if (key === null) return 'damaged';
    return openRecord(key, header.number, recordAad(origin.id, head), { ciphertext, tag }) ?? 'damaged';
  }

  #keyOf({ id, wrappedKey }: Origin, identity: SpoolIdentity): KeyObject | null {
    const name = id.toString('latin1') + wrappedKey.toString('latin1');
    const known = this.#keys.get(name);
    if (known !== undefined) return known;
    try {
      const key = recordKey(unwrapKey(identity, wrappedKey, id));
      if (this.#keys.size >= MOST_KEYS) this.#keys.clear();
      this.#keys.set(name, key);
      return key;
    } catch {
      return null;
    }
  }
}

interface SealedPlace {
  readonly origin: Origin;
  readonly head: Buffer;
  readonly header: RecordHeader;
  readonly ciphertext: Buffer;
}

async function readOwnIndex(
  file: ReadFile,
  size: number,
): Promise<{ readonly index: SegmentIndex; readonly offset: number } | null> {
  if (size < HEADER_BLOCK_BYTES + TRAILER_BYTES) return null;
  const trailer = decodeTrailer(await file.read(size - TRAILER_BYTES, TRAILER_BYTES), size);
  if (trailer === null || trailer.offset < HEADER_BLOCK_BYTES) return null;
  const index = SegmentIndex.decode(Buffer.from(await file.read(trailer.offset, trailer.length)), trailer.crc);
  return index === null ? null : { index, offset: trailer.offset };
}
