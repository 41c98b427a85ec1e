/** Bytes that can be read anywhere: an object of a store, or the plaintext of a sealed one. */
export interface RandomAccess {
  /** Length in bytes. */
  readonly size: number;
  /**
   * The bytes from `offset`; fewer than `length` only at the end.
   * @throws EarshotError SEAL_CORRUPT where the source is authenticated and the bytes are not what was sealed
   */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** Random access to bytes in memory. */
export function accessOf(bytes: Uint8Array): RandomAccess {
  return {
    size: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.subarray(offset, Math.min(bytes.length, offset + length))),
    close: () => Promise.resolve(),
  };
}

/** Reads all of it in steps; one step is in memory at a time. */
export async function* streamOf(access: RandomAccess, step = 256 * 1024): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < access.size; offset += step) {
    yield await access.read(offset, Math.min(step, access.size - offset));
  }
}

/** The stream as one buffer. @throws RangeError when it is longer than `limit` bytes */
export async function gather(stream: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size > limit) throw new RangeError(`longer than ${limit} bytes`);
    // A copy: a part may be good only until the next is asked for.
    parts.push(Buffer.from(part));
  }
  return Buffer.concat(parts, size);
}
