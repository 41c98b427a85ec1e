import { BytePool } from '../../base/byte-pool.ts';
import type { ReadFile } from './files.ts';
import {
  decodeRecordHeader,
  HEADER_BLOCK_BYTES,
  RECORD_HEADER_BYTES,
  RECORD_MAGIC_BYTES,
  recordBytes,
  type RecordHeader,
} from './format.ts';

/** Bytes of a segment in which no record could be found. */
export interface Damage {
  readonly from: number;
  readonly to: number;
}

export interface FoundRecord {
  readonly offset: number;
  readonly header: RecordHeader;
}

/** How far a scan has come; a growing segment is scanned on from here. */
export interface ScanState {
  /** First byte after the last whole record. */
  offset: number;
  readonly damages: Damage[];
}

export function scanFromStart(): ScanState {
  return { offset: HEADER_BLOCK_BYTES, damages: [] };
}

const CHUNK_BYTES = 1024 * 1024;
const chunks = new BytePool(CHUNK_BYTES, 2);

/**
 * Finds records by their headers, without opening them. Where a header is damaged it goes on at the next magic whose CRC is
 * right. Bytes at the end that hold no whole record are left for the next scan: the record may still be on its way.
 * @param end bytes of the file to look at
 */
export async function scanRecords(
  file: ReadFile,
  end: number,
  state: ScanState,
  onRecord: (record: FoundRecord) => void,
): Promise<void> {
  const room = chunks.takeBuffer();
  try {
    await scanWithin(new Window(file, end, room), end, state, onRecord);
  } finally {
    chunks.give(room);
  }
}

async function scanWithin(
  window: Window,
  end: number,
  state: ScanState,
  onRecord: (record: FoundRecord) => void,
): Promise<void> {
  let at = state.offset;
  while (at + RECORD_HEADER_BYTES <= end) {
    const header = await window.headerAt(at);
    if (header !== null && at + recordBytes(header.bodyBytes) <= end) {
      if (at > state.offset) state.damages.push({ from: state.offset, to: at });
      onRecord({ offset: at, header });
      at += recordBytes(header.bodyBytes);
      state.offset = at;
    } else {
      at = await window.nextMagic(at + 1);
    }
  }
}

/** Reads the file in large pieces, forward. */
class Window {
  readonly #file: ReadFile;
  readonly #end: number;
  readonly #room: Buffer;
  #bytes: Buffer = Buffer.alloc(0);
  #from = 0;

  constructor(file: ReadFile, end: number, room: Buffer) {
    this.#file = file;
    this.#end = end;
    this.#room = room;
  }

  async headerAt(at: number): Promise<RecordHeader | null> {
    await this.#hold(at, RECORD_HEADER_BYTES);
    return decodeRecordHeader(this.#bytes, at - this.#from);
  }

  /** Where the next magic stands at or after `at`; the end when there is none. */
  async nextMagic(at: number): Promise<number> {
    for (let from = at; from + RECORD_HEADER_BYTES <= this.#end;) {
      await this.#hold(from, RECORD_HEADER_BYTES);
      const found = this.#bytes.indexOf(RECORD_MAGIC_BYTES, from - this.#from);
      if (found !== -1) return this.#from + found;
      // The magic may lie across the border of two pieces.
      from = this.#from + this.#bytes.length - RECORD_MAGIC_BYTES.length + 1;
    }
    return this.#end;
  }

  async #hold(at: number, length: number): Promise<void> {
    if (at >= this.#from && at + length <= this.#from + this.#bytes.length) return;
    const most = Math.min(CHUNK_BYTES, this.#end - at);
    this.#bytes = await this.#file.read(at, most, this.#room.subarray(0, most));
    this.#from = at;
  }
}
