import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { messageOf, systemCode } from '../../base/errors.ts';
import { systemRandom, type Random } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { SpoolRecipient } from '../../seal/spool.ts';
import { callKeyOf } from './call-key.ts';
import { ChunkPool } from './chunks.ts';
import type { LogFiles } from './files.ts';
import type { RecordKind } from './format.ts';
import { LagWindow } from './lag.ts';
import { Segment, type CallTrack } from './segment.ts';

export interface LogLimits {
  /** A segment is closed at this size, or at this age. */
  readonly segmentBytes: number;
  readonly segmentMs: number;
  /** From the start of one fdatasync to the start of the next, when there is something to sync. */
  readonly syncMs: number;
  /** Unsynced records are kept until one is this old or all together this large; what comes then is lost, and declared. */
  readonly bufferMs: number;
  readonly bufferBytes: number;
}

export const DEFAULT_LIMITS: LogLimits = {
  segmentBytes: 64 * 1024 * 1024,
  segmentMs: 60_000,
  syncMs: 250,
  bufferMs: 30_000,
  bufferBytes: 768 * 1024 * 1024,
};

/** Something an administrator must know of; `active` false = it is over. */
export interface LogAlarm {
  readonly code: 'log-write' | 'log-late' | 'audio-lost';
  readonly text: string;
  readonly active: boolean;
}

export interface SegmentWriterOptions {
  readonly folder: string;
  readonly files: LogFiles;
  readonly recipient: SpoolRecipient;
  readonly node: string;
  readonly worker: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly onAlarm: (alarm: LogAlarm) => void;
  readonly random?: Random;
  readonly limits?: Partial<LogLimits>;
}

export interface LogFigures {
  readonly recordsWritten: number;
  readonly bytesWritten: number;
  readonly segmentsOpened: number;
  readonly syncs: number;
  readonly recordsLost: number;
  readonly failures: number;
  /** Age of the oldest record that is not on the disk, ms. */
  readonly unsyncedMs: number;
  readonly unsyncedBytes: number;
  /** From a packet's arrival to its fdatasync's return: of each fdatasync the oldest packet, over the last 256. */
  readonly syncLagP99Ms: number;
  /** How long one fdatasync takes, over the last 256. */
  readonly syncP99Ms: number;
  /** Segments that are not finished, each with the bytes known to be on the disk. */
  readonly open: readonly { readonly name: string; readonly synced: number }[];
}

const LATE_MS = 1000;
const RETRY_MS = 200;
const RETRY_AT_MOST_MS = 1000;

/**
 * Writes sealed records, grouped: one write for all that gathered since the last {@link tick}, one fdatasync for all that was
 * written since the last. A record is let go only when its fdatasync returned; when the file fails, everything that was not
 * synced goes to another file, and the failed one is never asked again.
 */
export class SegmentWriter {
  readonly #options: SegmentWriterOptions;
  readonly #limits: LogLimits;
  readonly #lag = new LagWindow(256);
  readonly #syncTimes = new LagWindow(256);
  readonly #alarms = new Set<string>();
  readonly #chunks = new ChunkPool();
  /** In the order of their making; the last one takes new records. */
  #segments: Segment[] = [];
  #current: Segment;
  #currentSince = 0;
  #writing: Promise<void> | null = null;
  #syncing: Promise<void> | null = null;
  #lastSync = Number.NEGATIVE_INFINITY;
  #retryAt = Number.NEGATIVE_INFINITY;
  #retryMs = RETRY_MS;
  #attempts = 0;
  #unsyncedBytes = 0;
  #counts = { recordsWritten: 0, bytesWritten: 0, segmentsOpened: 0, syncs: 0, recordsLost: 0, failures: 0 };

  constructor(options: SegmentWriterOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#current = this.#makeSegment();
  }

  track(callId: string, epoch: number): CallTrack {
    const callKey = callKeyOf(callId);
    return { callId, callKey, epoch, sequence: 0, unsynced: 0, segments: new Set(), waiting: [] };
  }

  /**
   * Seals a record; the body is copied. Its sequence number is used up even when the buffer is full and the record lost, so that
   * every reader sees the gap.
   * @param oldestAt monotonic ms of the oldest packet in it
   * @returns false when it was lost
   */
  append(track: CallTrack, kind: RecordKind, baseUs: number, oldestAt: number, body: Uint8Array): boolean {
    const sequence = ++track.sequence;
    if (this.#isFull()) {
      this.#counts.recordsLost++;
      this.#alarm(
        'audio-lost',
        true,
        'the disk does not take the audio log; the buffer is full and audio is being lost.',
      );
      return false;
    }
    if (this.#current.bytes >= this.#limits.segmentBytes) this.#rotate();
    if (this.#current.pending.length === 0 && this.#current.offset === 0)
      this.#currentSince = this.#options.clock.mono();
    this.#current.seal({ track, kind, sequence, baseUs, oldestAt, body });
    track.unsynced++;
    this.#unsyncedBytes += body.length;
    return true;
  }

  /** Resolves when every record of the call so far is on the disk. */
  synced(track: CallTrack): Promise<void> {
    if (track.unsynced === 0) return Promise.resolve();
    return new Promise((resolve) => track.waiting.push(resolve));
  }

  /** To be called every 50 ms or so: starts the write and the fdatasync that are due. */
  tick(): void {
    const now = this.#options.clock.mono();
    const isOld = this.#current.offset > 0 && now - this.#currentSince >= this.#limits.segmentMs;
    if (isOld) this.#rotate();
    if (now >= this.#retryAt) void this.#write();
    if (now - this.#lastSync >= this.#limits.syncMs) void this.#sync();
    const age = this.#unsyncedMs(now);
    this.#alarm('log-late', age > LATE_MS, 'the oldest packet that is not on the disk is over a second old.');
    if (age < this.#limits.bufferMs / 2) this.#alarm('audio-lost', false, 'the disk takes the audio log again.');
  }

  /** Writes, indexes, syncs and closes everything. Gives up after a few failures in a row. */
  async close(): Promise<void> {
    this.#rotate();
    const failures = this.#counts.failures;
    while (this.#segments.some((segment) => segment !== this.#current) && this.#counts.failures < failures + 3) {
      await this.#write();
      await this.#sync();
    }
  }

  get figures(): LogFigures {
    return {
      ...this.#counts,
      unsyncedMs: this.#unsyncedMs(this.#options.clock.mono()),
      unsyncedBytes: this.#unsyncedBytes,
      syncLagP99Ms: this.#lag.p99(),
      syncP99Ms: this.#syncTimes.p99(),
      open: this.#segments.map(({ name, syncedOffset }) => ({ name, synced: syncedOffset })),
    };
  }

  #makeSegment(): Segment {
    const { recipient, node, worker, clock, random = systemRandom } = this.#options;
    const chunks = this.#chunks;
    const segment = Segment.make({ recipient, node, worker, createdAt: clock.now(), random, chunks });
    this.#segments.push(segment);
    return segment;
  }

  #rotate(): void {
    this.#current.isClosing = true;
    this.#current = this.#makeSegment();
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeAll().finally(() => (this.#writing = null));
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (const segment of this.#segments) {
      try {
        await this.#writeSegment(segment);
      } catch (error) {
        this.#abandon(segment, error);
        return;
      }
    }
  }

  async #writeSegment(segment: Segment): Promise<void> {
    while (segment.unwritten > 0 && !segment.isAbandoned) {
      segment.file ??= await this.#create(segment);
      const offset = segment.offset;
      this.#counts.recordsWritten += await segment.write(segment.file);
      this.#counts.bytesWritten += segment.offset - offset;
    }
    if (!segment.isClosing || segment.hasIndex || segment.isAbandoned) return;
    if (segment.file === null) this.#remove(segment);
    else await segment.writeIndex(segment.file);
  }

  async #create(segment: Segment): Promise<Segment['file'] & object> {
    const file = await this.#options.files.create(join(this.#options.folder, segment.name));
    this.#counts.segmentsOpened++;
    return file;
  }

  #sync(): Promise<void> {
    this.#syncing ??= this.#syncAll().finally(() => (this.#syncing = null));
    return this.#syncing;
  }

  async #syncAll(): Promise<void> {
    this.#lastSync = this.#options.clock.mono();
    for (const segment of this.#segments) {
      if (segment.file === null || segment.offset === segment.syncedOffset) continue;
      try {
        await this.#syncSegment(segment, segment.file);
      } catch (error) {
        this.#abandon(segment, error);
      }
    }
  }

  async #syncSegment(segment: Segment, file: NonNullable<Segment['file']>): Promise<void> {
    const { written, offset, hasIndex } = segment;
    if (!segment.isLinked) {
      await this.#options.files.syncFolder(this.#options.folder);
      segment.isLinked = true;
    }
    const started = this.#options.clock.mono();
    await file.datasync();
    this.#syncTimes.add(this.#options.clock.mono() - started);
    if (segment.isAbandoned) return;
    this.#counts.syncs++;
    this.#settle(segment, written, offset);
    if (!hasIndex) return;
    this.#remove(segment);
    await file
      .close()
      .catch((error: unknown) => this.#options.log.warn({ error: messageOf(error) }, 'closing a segment failed'));
  }

  #settle(segment: Segment, count: number, offset: number): void {
    const records = segment.settle(count, offset);
    const oldest = records[0];
    if (oldest !== undefined) this.#lag.add(this.#options.clock.mono() - oldest.oldestAt);
    for (const { track, bodyBytes } of records) {
      this.#unsyncedBytes -= bodyBytes;
      track.unsynced--;
      if (track.unsynced === 0) for (const resolve of track.waiting.splice(0)) resolve();
    }
    this.#retryMs = RETRY_MS;
    this.#alarm('log-write', false, 'the audio log is being written again.');
  }

  /** The file is not to be trusted any more: what it was not known to hold goes to another one. */
  #abandon(segment: Segment, error: unknown): void {
    if (segment.isAbandoned) return;
    segment.isAbandoned = true;
    this.#counts.failures++;
    const reason = systemCode(error) ?? messageOf(error);
    this.#options.log.error(
      { segment: segment.name, reason, error: messageOf(error) },
      'a segment failed; its records move on',
    );
    this.#alarm('log-write', true, `the audio log cannot be written (${reason}).`);
    this.#retryAt = this.#options.clock.mono() + this.#retryMs;
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_AT_MOST_MS);
    const next = segment.again(++this.#attempts);
    this.#segments[this.#segments.indexOf(segment)] = next;
    if (segment === this.#current) this.#current = next;
    void this.#dispose(segment, next);
  }

  /** Closes a failed file. It stays if anything in it is known to be on the disk, else it goes, as a full disk wants its room back. */
  async #dispose(segment: Segment, next: Segment): Promise<void> {
    const { files, folder } = this.#options;
    await segment.file?.close().catch(() => undefined);
    if (segment.syncedOffset > 0) return;
    for (const { track } of next.pending) track.segments.delete(segment.name);
    if (segment.file !== null) await files.unlink(join(folder, segment.name)).catch(() => undefined);
  }

  #remove(segment: Segment): void {
    this.#segments = this.#segments.filter((other) => other !== segment);
  }

  #isFull(): boolean {
    if (this.#unsyncedBytes >= this.#limits.bufferBytes) return true;
    return this.#unsyncedMs(this.#options.clock.mono()) >= this.#limits.bufferMs;
  }

  #unsyncedMs(now: number): number {
    let oldest = now;
    for (const segment of this.#segments) oldest = Math.min(oldest, segment.pending[0]?.oldestAt ?? now);
    return now - oldest;
  }

  #alarm(code: LogAlarm['code'], active: boolean, text: string): void {
    if (active === this.#alarms.has(code)) return;
    if (active) this.#alarms.add(code);
    else this.#alarms.delete(code);
    this.#options.onAlarm({ code, text, active });
  }
}
