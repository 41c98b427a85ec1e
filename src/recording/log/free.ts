import type { Clock } from '../../base/clock.ts';
import { messageOf, systemCode } from '../../base/errors.ts';
import { systemRandom, type Random } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { VoidRecords } from '../ports.ts';
import { CarryWriter, type IsNeeded } from './carry.ts';
import type { LogFiles } from './files.ts';
import { kindName } from './format.ts';
import { SegmentHoldings, type IsVoid, type LoggedCall } from './holdings.ts';

export interface SegmentFreerOptions {
  readonly folder: string;
  readonly files: LogFiles;
  readonly log: Log;
  readonly clock: Clock;
  readonly node: string;
  readonly random?: Random;
  readonly limits?: Partial<CarryLimits>;
}

export interface CarryLimits {
  /** A segment is left alone until it is so old: most of its calls are short, and will be archived. */
  readonly minAgeMs: number;
  /** Segments are gathered until there are so many of them, or one is so old: else there would be many small files. */
  readonly atLeast: number;
  readonly maxAgeMs: number;
  /** At most this is copied in one go. */
  readonly bytes: number;
  /** The same where something void must go: ten minutes are allowed for that. */
  readonly urgentBytes: number;
}

const CARRY_LIMITS: CarryLimits = {
  minAgeMs: 120_000,
  atLeast: 16,
  maxAgeMs: 300_000,
  bytes: 8 * 1024 * 1024,
  urgentBytes: 64 * 1024 * 1024,
};
/** After a copy that failed. */
const REST_MS = 60_000;
/** Between looks for what is void. */
const PURGE_MS = 30_000;

interface Candidate {
  readonly name: string;
  readonly createdAt: number;
  readonly needed: number;
}

/**
 * Removes segments that nobody needs any more, and carries the few records that are still needed out of the others: else one long call
 * would hold everything that was captured beside it. The recorder alone may do so.
 */
export class SegmentFreer {
  readonly #options: SegmentFreerOptions;
  readonly #limits: CarryLimits;
  readonly #holdings: SegmentHoldings;
  /** Segments that cannot be copied as a whole; they stay until all of their calls are done. */
  readonly #left = new Set<string>();
  #restUntil = Number.NEGATIVE_INFINITY;
  #purgeAt = Number.NEGATIVE_INFINITY;

  constructor(options: SegmentFreerOptions) {
    this.#options = options;
    this.#limits = { ...CARRY_LIMITS, ...options.limits };
    this.#holdings = new SegmentHoldings(options.folder, options.files, options.log);
  }

  /** Ids of all calls that have records in the folder, those of open segments included; null when a part cannot be read. */
  listCalls(): Promise<Set<string> | null> {
    return this.#holdings.listCalls();
  }

  /** What the log knows of the calls that are asked for. */
  describe(isAskedFor: (callId: string) => boolean): Promise<LoggedCall[]> {
    return this.#holdings.describe(isAskedFor);
  }

  /**
   * Removes each closed segment that holds calls of this kind only.
   * @param isDone whether a call's audio is needed no more: archived and confirmed, or never to be kept
   * @param stillOpen names of segments that are being written, asked for after the folder was listed: a newer one is not touched
   * @returns the names that were removed
   */
  async free(isDone: (callId: string) => boolean, stillOpen: () => Promise<ReadonlySet<string>>): Promise<string[]> {
    const freed: string[] = [];
    for (const name of await this.#closed(stillOpen)) {
      const held = await this.#holdings.bytesOf(name);
      // Of what cannot be read nobody knows whether it is needed.
      if (held !== null && [...held.keys()].every(isDone) && (await this.#remove(name))) freed.push(name);
    }
    return freed;
  }

  /**
   * Carries what is still needed out of closed segments of which at most half is: each copied byte frees at least one. A bounded piece
   * of work; what is left waits for the next call.
   * @returns the names of the segments that went
   */
  async carry(isDone: (callId: string) => boolean, stillOpen: () => Promise<ReadonlySet<string>>): Promise<string[]> {
    const now = this.#options.clock.mono();
    if (now < this.#restUntil) return [];
    const candidates = await this.#candidates(isDone, await this.#closed(stillOpen));
    const oldest = candidates[0];
    if (oldest === undefined) return [];
    const isDue =
      candidates.length >= this.#limits.atLeast ||
      this.#options.clock.now() - oldest.createdAt >= this.#limits.maxAgeMs;
    if (!isDue) return [];
    return this.#tryCarry(candidates, (callId) => !isDone(callId), this.#limits.bytes);
  }

  /**
   * Rewrites closed segments in which something is void without it, however much else they hold. A bounded piece of work.
   * @returns the names of the segments that went
   */
  async purge(
    isDone: (callId: string) => boolean,
    stillOpen: () => Promise<ReadonlySet<string>>,
    voids: VoidRecords,
  ): Promise<string[]> {
    const { calls } = voids;
    const now = this.#options.clock.mono();
    if (calls.size === 0 || now < Math.max(this.#restUntil, this.#purgeAt)) return [];
    const look = voids.look();
    const isVoid: IsVoid = (callId, { baseUs, kind }) => look(callId, baseUs, kindName(kind) === 'packets');
    const found: Candidate[] = [];
    for (const name of await this.#closed(stillOpen)) {
      if (this.#left.has(name) || !(await this.#holdings.holdsVoid(name, calls, isVoid))) continue;
      let needed = 0;
      for (const [callId, bytes] of (await this.#holdings.bytesOf(name)) ?? []) if (!isDone(callId)) needed += bytes;
      found.push({ name, createdAt: Number(name.split('-')[0]), needed });
    }
    const isNeeded: IsNeeded = (callId, place) => !isDone(callId) && !isVoid(callId, place);
    const gone = found.length === 0 ? [] : await this.#tryCarry(found, isNeeded, this.#limits.urgentBytes);
    // More is left: at once; else a look into many indexes again and again would be for nothing.
    if (gone.length === found.length) this.#purgeAt = now + PURGE_MS;
    return gone;
  }

  async #tryCarry(candidates: readonly Candidate[], isNeeded: IsNeeded, most: number): Promise<string[]> {
    try {
      return await this.#carry(candidates, isNeeded, most);
    } catch (error) {
      this.#restUntil = this.#options.clock.mono() + REST_MS;
      this.#options.log.warn({ error: messageOf(error) }, 'records could not be carried forward; trying again later');
      return [];
    }
  }

  async #carry(candidates: readonly Candidate[], isNeeded: IsNeeded, most: number): Promise<string[]> {
    const { folder, files, node, random = systemRandom } = this.#options;
    const writer = new CarryWriter({ folder, files, node, random, createdAt: candidates[0]!.createdAt });
    const emptied: string[] = [];
    try {
      for (const { name, needed } of candidates) {
        if (emptied.length > 0 && writer.bytes + needed > most) break;
        if (await writer.take(name, isNeeded)) emptied.push(name);
        else this.#left.add(name);
      }
      // Only what is known to be on the disk stands for what goes.
      await writer.finish();
    } catch (error) {
      await writer.abandon();
      throw error;
    }
    const gone: string[] = [];
    for (const name of emptied) if (await this.#remove(name)) gone.push(name);
    this.#options.log.debug(
      { into: writer.name, segments: gone.length, bytes: writer.bytes },
      'records carried forward',
    );
    return gone;
  }

  async #candidates(isDone: (callId: string) => boolean, names: readonly string[]): Promise<Candidate[]> {
    const found: Candidate[] = [];
    for (const name of names) {
      const createdAt = Number(name.split('-')[0]);
      if (this.#left.has(name) || this.#options.clock.now() - createdAt < this.#limits.minAgeMs) continue;
      let all = 0;
      let needed = 0;
      for (const [callId, bytes] of (await this.#holdings.bytesOf(name)) ?? []) {
        all += bytes;
        if (!isDone(callId)) needed += bytes;
      }
      if (needed > 0 && 2 * needed <= all) found.push({ name, createdAt, needed });
    }
    return found;
  }

  async #closed(stillOpen: () => Promise<ReadonlySet<string>>): Promise<string[]> {
    const names = await this.#holdings.names();
    const open = await stillOpen();
    return names.filter((name) => !open.has(name));
  }

  /** @returns whether it is gone by this */
  async #remove(name: string): Promise<boolean> {
    const { files, log } = this.#options;
    this.#holdings.forget(name);
    this.#left.delete(name);
    try {
      await files.unlink(this.#holdings.path(name));
      return true;
    } catch (error) {
      if (systemCode(error) !== 'ENOENT')
        log.warn({ segment: name, error: messageOf(error) }, 'a segment cannot be removed');
      return false;
    }
  }
}
