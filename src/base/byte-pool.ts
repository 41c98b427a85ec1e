/**
 * Pieces of memory of one size that are used again and again. Fresh ones for each call cost more than what is done in them: the system clears them
 * page by page, and the engine, which sees large memory come and go, collects its whole heap each time.
 */
export class BytePool {
  readonly #size: number;
  readonly #most: number;
  readonly #spare: ArrayBuffer[] = [];

  /** @param most how many are kept for later at most */
  constructor(size: number, most: number) {
    this.#size = size;
    this.#most = most;
  }

  /** A piece with whatever was in it. */
  take(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#spare.pop() ?? Buffer.allocUnsafeSlow(this.#size).buffer);
  }

  takeBuffer(): Buffer<ArrayBuffer> {
    return Buffer.from(this.take().buffer);
  }

  /** Takes a piece back that nobody reads or writes any more, once. Other memory, and a part of a piece, is left alone. */
  give(bytes: Uint8Array): void {
    const { buffer, length } = bytes;
    if (length !== this.#size || !(buffer instanceof ArrayBuffer) || buffer.byteLength !== this.#size) return;
    if (this.#spare.length < this.#most) this.#spare.push(buffer);
  }
}
