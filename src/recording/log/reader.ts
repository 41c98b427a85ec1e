import { systemCode } from '../../base/errors.ts';
import type { SpoolIdentity } from '../../seal/spool.ts';
import { systemFiles, type LogFiles, type ReadFile } from './files.ts';
import { isCarriedName, isSegmentName, kindName, type RecordKind } from './format.ts';
import { lastOfEpochs, withGaps } from './gaps.ts';
import type { RecordPlace } from './segment-index.ts';
import { SegmentReader } from './segment-reader.ts';

/** One record of a call, opened. */
export interface LogRecord {
  readonly kind: RecordKind;
  readonly epoch: number;
  readonly sequence: number;
  /** µs since the call's opening; arrival of its first packet. */
  readonly baseUs: number;
  readonly body: Buffer;
}

/** Records of a call that are not there or do not open. Never filled with anything. */
export interface LogGap {
  readonly kind: 'gap';
  readonly epoch: number;
  /** First and last missing sequence number. */
  readonly from: number;
  readonly to: number;
  /** Base times of the records before and after it; null at either end. */
  readonly afterUs: number | null;
  readonly beforeUs: number | null;
}

export type LogItem = LogRecord | LogGap;

export interface ReadCallOptions {
  readonly callId: string;
  /** Names of the segments that hold it; empty or missing = look in all. */
  readonly segments?: readonly string[];
  /** The call's last record, as its end was journalled; what is missing before it is declared. */
  readonly last?: { readonly epoch: number; readonly sequence: number };
}

export interface LogReaderOptions {
  readonly folder: string;
  readonly identity: SpoolIdentity;
  readonly files?: LogFiles;
  /** Memory for indexes of segments that were read before. */
  readonly cacheBytes?: number;
}

interface Copy extends RecordPlace {
  readonly segment: SegmentReader;
}

/** How many segments stay open while a call is read. */
const OPEN_FILES = 8;
/** How often the folder is looked at again for one record because its segment went: it was carried to another. */
const LOOKS = 4;

/**
 * Reads calls out of the audio log. Keeps the indexes of the segments that it met, so that many calls of the same segments do
 * not cost a scan each. Records come in the order of (epoch, sequence); of two copies the first that opens counts.
 */
export class LogReader {
  readonly #folder: string;
  readonly #identity: SpoolIdentity;
  readonly #files: LogFiles;
  readonly #cacheBytes: number;
  readonly #segments = new Map<string, SegmentReader>();

  constructor({ folder, identity, files = systemFiles, cacheBytes = 64 * 1024 * 1024 }: LogReaderOptions) {
    this.#folder = folder;
    this.#identity = identity;
    this.#files = files;
    this.#cacheBytes = cacheBytes;
  }

  /**
   * The records of a call, one at a time: memory for its index (30 bytes a record or so) and one record.
   * @throws the system's errors; Error when segments go faster than they can be read, to be tried again
   */
  async *readCall(options: ReadCallOptions): AsyncGenerator<LogItem> {
    const open = new OpenFiles();
    try {
      const copies = await this.#copiesOf(options, open);
      yield* withGaps(this.#records(options, copies, open), lastOfEpochs(copies, options.last));
    } finally {
      await open.closeAll();
    }
  }

  /** Ids of all calls that have records in the folder. */
  async listCalls(): Promise<Set<string>> {
    const calls = new Set<string>();
    for (const name of await this.#names([])) {
      for (const id of await this.callsOf(name)) calls.add(id);
    }
    return calls;
  }

  /** Ids of the calls in one segment; none when it was freed meanwhile. */
  async callsOf(name: string): Promise<string[]> {
    const segment = this.#segment(name);
    const open = new OpenFiles();
    try {
      const file = await open.use(segment);
      return file === null ? [] : (await segment.index(file)).callIds();
    } finally {
      await open.closeAll();
    }
  }

  async #copiesOf({ callId, segments = [] }: ReadCallOptions, open: OpenFiles): Promise<Copy[]> {
    for (let look = 0; look <= LOOKS; look++) {
      const copies: Copy[] = [];
      let vanished = 0;
      for (const name of await this.#names(segments)) {
        const segment = this.#segment(name);
        const file = await open.use(segment);
        if (file === null) vanished++;
        else for (const place of (await segment.index(file)).placesOf(callId)) copies.push({ ...place, segment });
        this.#trim();
      }
      // What went since the folder was listed has come elsewhere.
      if (vanished === 0) return copies.sort((a, b) => a.epoch - b.epoch || a.sequence - b.sequence);
    }
    throw new Error('segments of the call went again and again while it was looked up');
  }

  async *#records(options: ReadCallOptions, copies: readonly Copy[], open: OpenFiles): AsyncGenerator<LogRecord> {
    let done: Copy | null = null;
    let left = copies;
    for (let at = 0, looks = 0; at < left.length; at++) {
      const copy = left[at]!;
      if (done !== null && !isBehind(copy, done)) continue;
      const kind = kindName(copy.kind);
      const body = await this.#open(options.callId, copy, open);
      if (body === 'gone') {
        // It is somewhere: who takes it for missing now would have it freed.
        if (looks === LOOKS) throw new Error(`segment ${copy.segment.name} went again and again while it was read`);
        looks++;
        left = await this.#copiesOf(options, open);
        at = -1;
        continue;
      }
      if (!(body instanceof Buffer) || kind === undefined) continue;
      done = copy;
      looks = 0;
      yield { kind, epoch: copy.epoch, sequence: copy.sequence, baseUs: copy.baseUs, body };
    }
  }

  /** Opens one copy; where the segment's index led astray, looks for the record by a scan. */
  async #open(callId: string, copy: Copy, open: OpenFiles): Promise<Buffer | 'gone' | null> {
    const { segment } = copy;
    const file = await open.use(segment);
    if (file === null) return 'gone';
    const body = await segment.read(file, { ...copy, callId }, this.#identity);
    if (body instanceof Buffer) return body;
    if (body === 'moved') segment.distrustIndex();
    const places = body === 'moved' ? (await segment.index(file)).placesOf(callId) : [];
    const place = places.find(({ epoch, sequence }) => epoch === copy.epoch && sequence === copy.sequence);
    if (place === undefined || place.offset === copy.offset) return null;
    const found = await segment.read(file, { ...place, callId }, this.#identity);
    return found instanceof Buffer ? found : null;
  }

  async #names(wanted: readonly string[]): Promise<string[]> {
    const listed = await this.#listed();
    if (wanted.length === 0) return listed;
    // What is missing was carried before; where to may have slipped past a listing that was under way.
    const now = wanted.every((name) => listed.includes(name)) ? listed : await this.#listed();
    return now.filter((name) => wanted.includes(name) || isCarriedName(name));
  }

  async #listed(): Promise<string[]> {
    const names = (await this.#files.list(this.#folder)).filter(isSegmentName).sort();
    this.#forgetOthers(names);
    return names;
  }

  /** What was freed does not come back. */
  #forgetOthers(names: readonly string[]): void {
    const there = new Set(names);
    for (const name of this.#segments.keys()) if (!there.has(name)) this.#segments.delete(name);
  }

  /** Memory that is held for segments that were read before. */
  get heldBytes(): number {
    let bytes = 0;
    for (const segment of this.#segments.values()) bytes += segment.byteLength;
    return bytes;
  }

  #segment(name: string): SegmentReader {
    const known = this.#segments.get(name) ?? new SegmentReader(this.#folder, name, this.#files);
    // Again at the end: the map is in the order of last use.
    this.#segments.delete(name);
    this.#segments.set(name, known);
    return known;
  }

  #trim(): void {
    let bytes = this.heldBytes;
    for (const [name, segment] of this.#segments) {
      if (bytes <= this.#cacheBytes) return;
      bytes -= segment.byteLength;
      this.#segments.delete(name);
    }
  }
}

function isBehind(copy: Copy, other: Copy): boolean {
  return copy.epoch > other.epoch || (copy.epoch === other.epoch && copy.sequence > other.sequence);
}

/** The few files that one reading keeps open. */
class OpenFiles {
  readonly #files = new Map<string, ReadFile>();

  /** The segment's file, or null when it is gone. */
  async use(segment: SegmentReader): Promise<ReadFile | null> {
    const known = this.#files.get(segment.name);
    if (known !== undefined) return known;
    const [oldest] = this.#files;
    if (this.#files.size >= OPEN_FILES && oldest !== undefined) {
      this.#files.delete(oldest[0]);
      await oldest[1].close();
    }
    try {
      const file = await segment.open();
      this.#files.set(segment.name, file);
      return file;
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    }
  }

  async closeAll(): Promise<void> {
    for (const file of this.#files.values()) await file.close();
    this.#files.clear();
  }
}
