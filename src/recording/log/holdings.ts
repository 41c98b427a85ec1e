import { join } from 'node:path';
import { systemCode } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { LogFiles, ReadFile } from './files.ts';
import { isSegmentName, kindName } from './format.ts';
import type { RecordPlace } from './segment-index.ts';
import { SegmentReader } from './segment-reader.ts';

/** What the log itself tells of a call, without opening a record. */
export interface LoggedCall {
  readonly callId: string;
  /** Wall ms, from the times of the segments: as a rule right to a second, never too late. */
  readonly openedAt: number;
  /** Base time of its last record, ms since the opening. */
  readonly lastMs: number;
  /** Whether any packets were kept; a call that was never answered has at most notes. */
  readonly hasPackets: boolean;
  /** Its highest epoch, and the last sequence number in that. */
  readonly epoch: number;
  readonly lastSequence: number;
}

export type IsVoid = (callId: string, place: RecordPlace) => boolean;

type Known = { -readonly [Key in keyof LoggedCall]: LoggedCall[Key] };

/**
 * Which calls have records in which segment of a folder. Of closed segments it is remembered, so that each is looked into once.
 */
export class SegmentHoldings {
  readonly #folder: string;
  readonly #files: LogFiles;
  readonly #log: Log;
  readonly #bytesOf = new Map<string, ReadonlyMap<string, number>>();
  /** Segments that the disk does not give; each was told of. */
  readonly #unreadable = new Set<string>();

  constructor(folder: string, files: LogFiles, log: Log) {
    this.#folder = folder;
    this.#files = files;
    this.#log = log;
  }

  async names(): Promise<string[]> {
    return (await this.#files.list(this.#folder)).filter(isSegmentName).sort();
  }

  /** Bytes of each call in a closed segment; nothing when it is gone, null when the disk does not give it. */
  async bytesOf(name: string): Promise<ReadonlyMap<string, number> | null> {
    const known = this.#bytesOf.get(name);
    if (known !== undefined) return known;
    const bytes = await this.#look(name, async (segment, file) => (await segment.index(file)).bytesByCall(segment.end));
    if (bytes === 'unreadable') return null;
    this.#bytesOf.set(name, bytes ?? new Map());
    return bytes ?? new Map();
  }

  /** Whether a closed segment holds a record that is void. */
  async holdsVoid(name: string, calls: ReadonlySet<string>, isVoid: IsVoid): Promise<boolean> {
    const held = [...((await this.bytesOf(name)) ?? new Map()).keys()].filter((callId) => calls.has(callId));
    if (held.length === 0) return false;
    const found = await this.#look(name, async (segment, file) => {
      const index = await segment.index(file);
      return held.some((callId) => index.placesOf(callId).some((place) => isVoid(callId, place)));
    });
    return found === true;
  }

  forget(name: string): void {
    this.#bytesOf.delete(name);
  }

  /** Ids of all calls that have records in the folder, those of open segments included; null when the disk does not give a part of it. */
  async listCalls(): Promise<Set<string> | null> {
    const calls = new Set<string>();
    for (const name of await this.names()) {
      const ids =
        this.#bytesOf.get(name)?.keys() ??
        (await this.#look(name, async (segment, file) => (await segment.index(file)).callIds()));
      if (ids === 'unreadable') return null;
      for (const id of ids ?? []) calls.add(id);
    }
    return calls;
  }

  /** What the log knows of the calls that are asked for; those of which it holds nothing, or nothing that can be read, are left out. */
  async describe(isAskedFor: (callId: string) => boolean): Promise<LoggedCall[]> {
    const calls = new Map<string, Known>();
    for (const name of await this.names()) {
      const known = this.#bytesOf.get(name);
      if (known !== undefined && ![...known.keys()].some(isAskedFor)) continue;
      await this.#look(name, (segment, file) => describeSegment(segment, file, isAskedFor, calls));
    }
    return [...calls.values()];
  }

  async #look<T>(
    name: string,
    look: (segment: SegmentReader, file: ReadFile) => Promise<T>,
  ): Promise<T | 'unreadable' | undefined> {
    const segment = new SegmentReader(this.#folder, name, this.#files);
    try {
      const file = await segment.open();
      try {
        return await look(segment, file);
      } finally {
        await file.close();
      }
    } catch (error) {
      const code = systemCode(error);
      if (code === 'ENOENT') return undefined;
      if (code !== 'EIO') throw error;
      if (!this.#unreadable.has(name))
        this.#log.error({ segment: name }, 'the disk does not give a segment of the audio log; it stays');
      this.#unreadable.add(name);
      return 'unreadable';
    }
  }

  path(name: string): string {
    return join(this.#folder, name);
  }
}

async function describeSegment(
  segment: SegmentReader,
  file: ReadFile,
  isAskedFor: (callId: string) => boolean,
  calls: Map<string, Known>,
): Promise<void> {
  const index = await segment.index(file);
  const createdAt = Number(segment.name.split('-')[0]);
  for (const callId of index.callIds().filter(isAskedFor)) {
    const call = calls.get(callId) ?? nothingOf(callId);
    calls.set(callId, call);
    const places = index.placesOf(callId);
    let first = Number.POSITIVE_INFINITY;
    for (const { epoch, sequence, kind, baseUs } of places) {
      first = Math.min(first, baseUs / 1000);
      call.lastMs = Math.max(call.lastMs, baseUs / 1000);
      call.hasPackets ||= kindName(kind) === 'packets';
      if (epoch > call.epoch) call.lastSequence = 0;
      call.epoch = Math.max(call.epoch, epoch);
      if (epoch === call.epoch) call.lastSequence = Math.max(call.lastSequence, sequence);
    }
    // A segment is there before its first record is, so each gives a time that is not too late; the latest of them is the best.
    call.openedAt = Math.max(call.openedAt, createdAt - first);
  }
}

function nothingOf(callId: string): Known {
  return { callId, openedAt: 0, lastMs: 0, hasPackets: false, epoch: 0, lastSequence: 0 };
}
