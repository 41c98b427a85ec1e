import { recordSealer, type RecordSealer } from '../../seal/record-sealer.ts';
import { newSegmentKey, wrapKey, type SpoolRecipient } from '../../seal/spool.ts';
import type { Random } from '../../base/ids.ts';
import type { Chunk, ChunkPool } from './chunks.ts';
import type { AppendFile } from './files.ts';
import {
  encodeRecordHeader,
  encodeSegmentHeader,
  HEADER_BLOCK_BYTES,
  RECORD_HEADER_BYTES,
  RECORD_KINDS,
  RECORD_AAD_BYTES,
  recordBytes,
  SEGMENT_ID_BYTES,
  segmentName,
  type RecordKind,
} from './format.ts';
import { encodeTrailer, IndexBuilder } from './segment-index.ts';

/** A call as the log sees it: its counter, and what of it is not yet on the disk. */
export interface CallTrack {
  readonly callId: string;
  readonly callKey: Buffer;
  readonly epoch: number;
  /** Sequence number of the last record that was made; 0 = none. */
  sequence: number;
  unsynced: number;
  readonly segments: Set<string>;
  /** Called when nothing of the call waits any more. */
  waiting: (() => void)[];
}

/** A record between its making and its fdatasync. */
export interface PendingRecord {
  readonly track: CallTrack;
  readonly kind: RecordKind;
  readonly sequence: number;
  readonly baseUs: number;
  /** Monotonic ms of the record's oldest packet. */
  readonly oldestAt: number;
  readonly bodyBytes: number;
  /** Where it stands as it is written: header, ciphertext, tag. */
  readonly chunk: Chunk;
  readonly start: number;
  readonly end: number;
}

export interface SegmentOptions {
  readonly recipient: SpoolRecipient;
  readonly node: string;
  readonly worker: number;
  /** Wall time, ms. */
  readonly createdAt: number;
  readonly random: Random;
  readonly chunks: ChunkPool;
}

/** What makes a segment, apart from the file that it is in. */
interface SegmentSecrets {
  readonly id: Buffer;
  readonly sealer: RecordSealer;
  readonly head: Buffer;
  /** Where its records wait for the disk. */
  readonly chunks: ChunkPool;
  nextNumber: number;
}

/** A write takes at most this at once, so that a backlog after a stall goes out in pieces. */
const WRITE_BYTES = 8 * 1024 * 1024;

/**
 * One segment while it is written: its key, what was sealed into it and how far that has come.
 * `pending[0 … written)` is in the file but not synced; `pending[written …)` waits for its write.
 */
export class Segment {
  readonly name: string;
  readonly #secrets: SegmentSecrets;
  readonly #index = new IndexBuilder();

  file: AppendFile | null = null;
  /** Its place in the folder is durable. */
  isLinked = false;
  /** No more records: written to its end, it gets its index and is closed. */
  isClosing = false;
  hasIndex = false;
  /** Its file failed; whatever a call that is still under way says of it does not count. */
  isAbandoned = false;
  readonly pending: PendingRecord[] = [];
  written = 0;
  /** Bytes in the file; and of those, the bytes known to be on the disk. */
  offset = 0;
  syncedOffset = 0;
  /** What it will take when all is written. */
  bytes = HEADER_BLOCK_BYTES;

  private constructor(name: string, secrets: SegmentSecrets) {
    this.name = name;
    this.#secrets = secrets;
  }

  /** A segment with a fresh key. */
  static make({ recipient, node, worker, createdAt, random, chunks }: SegmentOptions): Segment {
    const id = random(SEGMENT_ID_BYTES);
    const key = newSegmentKey(random);
    const head = encodeSegmentHeader({ id, node, worker, createdAt, wrappedKey: wrapKey(recipient, key, id) });
    return new Segment(segmentName(createdAt, worker, id), {
      id,
      sealer: recordSealer(key),
      head,
      chunks,
      nextNumber: 0,
    });
  }

  /**
   * After trouble with the file: the same segment for another file, with all that is not known to be on the disk. The sealed
   * records go on as they are (same key, same number, same bytes), so that the way out of a full disk costs next to nothing.
   */
  again(attempt: number): Segment {
    const base = this.name.replace(/(-r\d+)?\.seg$/, '');
    const next = new Segment(`${base}-r${attempt}.seg`, this.#secrets);
    next.isClosing = this.isClosing;
    for (const record of this.pending.splice(0)) {
      next.pending.push(record);
      record.chunk.isSpoilt = true;
      next.bytes += recordBytes(record.bodyBytes);
      record.track.segments.add(next.name);
    }
    return next;
  }

  get unwritten(): number {
    return this.pending.length - this.written;
  }

  /** Seals one record; it waits here for its write. */
  seal(record: {
    readonly track: CallTrack;
    readonly kind: RecordKind;
    readonly sequence: number;
    readonly baseUs: number;
    readonly oldestAt: number;
    readonly body: Uint8Array;
  }): void {
    const { track, kind, sequence, baseUs, oldestAt, body } = record;
    const number = this.#secrets.nextNumber++;
    const { id, sealer, chunks } = this.#secrets;
    const length = recordBytes(body.length);
    const chunk = chunks.take(length);
    const { used: end, bytes } = chunk;
    const start = end - length;
    const header = bytes.subarray(start, start + RECORD_HEADER_BYTES);
    const fields = { kind: RECORD_KINDS[kind], epoch: track.epoch, sequence, number, baseUs, bodyBytes: body.length };
    encodeRecordHeader(header, fields, track.callKey);
    sealer.seal(number, id, { bytes, start, headerBytes: RECORD_HEADER_BYTES, aadBytes: RECORD_AAD_BYTES }, body);
    this.pending.push({ track, kind, sequence, baseUs, oldestAt, bodyBytes: body.length, chunk, start, end });
    this.bytes += length;
    track.segments.add(this.name);
  }

  /**
   * Writes what waits, up to {@link WRITE_BYTES}, the header first.
   * @returns how many records went out
   * @throws whatever the file throws; a short write counts as failure
   */
  async write(file: AppendFile): Promise<number> {
    const head = this.offset === 0 ? [this.#secrets.head] : [];
    let length = head.length * HEADER_BLOCK_BYTES;
    let upTo = this.written;
    for (; upTo < this.pending.length && length < WRITE_BYTES; upTo++) {
      const record = this.pending[upTo]!;
      this.#index.add(record.track.callId, {
        offset: this.offset + length,
        epoch: record.track.epoch,
        sequence: record.sequence,
        kind: RECORD_KINDS[record.kind],
        baseUs: record.baseUs,
      });
      length += record.end - record.start;
    }
    const buffers = [...head, ...joined(this.pending.slice(this.written, upTo))];
    const count = upTo - this.written;
    await this.#append(file, buffers, length);
    // Records may have been synced and removed from the front meanwhile, so count instead of naming the place.
    this.written += count;
    return count;
  }

  /** Writes index and trailer behind the last record. */
  async writeIndex(file: AppendFile): Promise<void> {
    const index = this.#index.encode();
    const trailer = encodeTrailer(index, this.offset);
    await this.#append(file, [index, trailer], index.length + trailer.length);
    this.hasIndex = true;
  }

  /** The first `count` records are on the disk. */
  settle(count: number, offset: number): PendingRecord[] {
    this.written -= count;
    this.syncedOffset = offset;
    const settled = this.pending.splice(0, count);
    for (const { chunk } of settled) this.#secrets.chunks.release(chunk);
    return settled;
  }

  async #append(file: AppendFile, buffers: readonly Buffer[], length: number): Promise<void> {
    const count = await file.writev(buffers, this.offset);
    if (count !== length)
      throw Object.assign(new Error(`only ${count} of ${length} bytes were written`), { code: 'ENOSPC' });
    this.offset += length;
  }
}

/** The records' bytes in as few pieces as they stand in. */
function joined(records: readonly PendingRecord[]): Buffer[] {
  const runs: { chunk: Chunk; start: number; end: number }[] = [];
  for (const { chunk, start, end } of records) {
    const last = runs.at(-1);
    if (last?.chunk === chunk && last.end === start) last.end = end;
    else runs.push({ chunk, start, end });
  }
  return runs.map(({ chunk, start, end }) => chunk.bytes.subarray(start, end));
}
