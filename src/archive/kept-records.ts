import { BytePool } from '../base/byte-pool.ts';
import { freeBytes } from '../base/free-bytes.ts';
import type { LogItem } from '../recording/log/reader.ts';

const SLAB_BYTES = 1024 * 1024;
/** One call of a quarter of an hour, or several short ones at once. */
const slabs = new BytePool(SLAB_BYTES, 16);

/**
 * What was read of a call, in order, to be gone through again. The packets are copied to memory that is used for one call after the other: ten
 * thousand buffers an hour that stay for a while would make the engine collect its whole heap again and again.
 */
export class KeptRecords {
  readonly #items: LogItem[] = [];
  readonly #slabs: Buffer[] = [];
  #used = SLAB_BYTES;

  get items(): readonly LogItem[] {
    return this.#items;
  }

  /** @returns the item to go on with: the memory of the one that was given is gone, unless it is a note */
  keep(item: LogItem): LogItem {
    const kept =
      item.kind === 'packets' && item.body.length <= SLAB_BYTES ? { ...item, body: this.#copy(item.body) } : item;
    this.#items.push(kept);
    return kept;
  }

  /** Gives the memory back; nobody may read the items any more. */
  release(): void {
    for (const slab of this.#slabs.splice(0)) slabs.give(slab);
    this.#items.length = 0;
    this.#used = SLAB_BYTES;
  }

  #copy(body: Buffer): Buffer {
    if (this.#used + body.length > SLAB_BYTES) {
      this.#slabs.push(slabs.takeBuffer());
      this.#used = 0;
    }
    const at = this.#used;
    this.#used += body.length;
    const copy = this.#slabs.at(-1)!.subarray(at, this.#used);
    body.copy(copy);
    freeBytes(body);
    return copy;
  }
}
