import { join } from 'node:path';
import { messageOf, systemCode } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { LogFiles } from './files.ts';
import { isSegmentName } from './format.ts';
import { SegmentReader } from './segment-reader.ts';

export interface SegmentFreerOptions {
  readonly folder: string;
  readonly files: LogFiles;
  readonly log: Log;
}

/**
 * Removes segments that nobody needs any more. The recorder alone may do so. It remembers which calls a closed segment holds, so
 * that each is looked into once.
 */
export class SegmentFreer {
  readonly #options: SegmentFreerOptions;
  readonly #callsOf = new Map<string, readonly string[]>();

  constructor(options: SegmentFreerOptions) {
    this.#options = options;
  }

  /** Ids of all calls that have records in the folder, those of open segments included. */
  async listCalls(): Promise<Set<string>> {
    const { folder, files } = this.#options;
    const calls = new Set<string>();
    for (const name of (await files.list(folder)).filter(isSegmentName)) {
      for (const id of await this.#readCalls(name)) calls.add(id);
    }
    return calls;
  }

  /**
   * Removes each closed segment that holds calls of this kind only.
   * @param isDone whether a call's audio is needed no more: archived and confirmed, or never to be kept
   * @param stillOpen names of segments that are being written, asked for after the folder was listed: a newer one is not touched
   * @returns the names that were removed
   */
  async free(isDone: (callId: string) => boolean, stillOpen: () => Promise<ReadonlySet<string>>): Promise<string[]> {
    const { folder, files, log } = this.#options;
    const listed = (await files.list(folder)).filter(isSegmentName);
    const open = await stillOpen();
    const names = listed.filter((name) => !open.has(name));
    const freed: string[] = [];
    for (const name of names) {
      const calls = this.#callsOf.get(name) ?? (await this.#readCalls(name));
      this.#callsOf.set(name, calls);
      if (!calls.every(isDone)) continue;
      try {
        await files.unlink(join(folder, name));
        freed.push(name);
      } catch (error) {
        if (systemCode(error) !== 'ENOENT')
          log.warn({ segment: name, error: messageOf(error) }, 'a segment cannot be removed');
      }
      this.#callsOf.delete(name);
    }
    return freed;
  }

  async #readCalls(name: string): Promise<string[]> {
    const { folder, files } = this.#options;
    const segment = new SegmentReader(folder, name, files);
    try {
      const file = await segment.open();
      try {
        return (await segment.index(file)).callIds();
      } finally {
        await file.close();
      }
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
  }
}
