/** Writes big-endian bit fields; grows as needed. */
export class BitWriter {
  #bytes = new Uint8Array(16384);
  #length = 0;
  #pending = 0;
  #count = 0;

  /** The low `width` bits of `value`, 1 to 24. */
  write(value: number, width: number): void {
    this.#pending = ((this.#pending << width) | (value & ((1 << width) - 1))) >>> 0;
    this.#count += width;
    while (this.#count >= 8) {
      this.#count -= 8;
      this.#byte((this.#pending >>> this.#count) & 0xff);
    }
    this.#pending &= (1 << this.#count) - 1;
  }

  /** `zeros` zero bits and a one. */
  unary(zeros: number): void {
    for (; zeros >= 16; zeros -= 16) this.write(0, 16);
    this.write(1, zeros + 1);
  }

  /** Rice codes of `values[from, to)`: the quotient in unary, then the remainder of `parameter` bits. */
  rice(values: Uint32Array, from: number, to: number, parameter: number): void {
    const mask = (1 << parameter) - 1;
    // The inner loop of the encoder: the fields are held in variables, and short codes are written in one go.
    let pending = this.#pending;
    let count = this.#count;
    for (let i = from; i < to; i++) {
      const value = values[i]!;
      const width = (value >>> parameter) + 1 + parameter;
      if (width > 24) {
        this.#pending = pending & ((1 << count) - 1);
        this.#count = count;
        this.unary(value >>> parameter);
        if (parameter > 0) this.write(value, parameter);
        pending = this.#pending;
        count = this.#count;
        continue;
      }
      pending = (pending << width) | (mask + 1) | (value & mask);
      for (count += width; count >= 8;) {
        count -= 8;
        this.#byte((pending >>> count) & 0xff);
      }
    }
    this.#pending = pending & ((1 << count) - 1);
    this.#count = count;
  }

  /** Fills the byte with zeros. */
  align(): void {
    if (this.#count > 0) this.write(0, 8 - this.#count);
  }

  /** What was written since the last {@link clear}; valid until the next write. The position must be aligned. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
    this.#pending = 0;
    this.#count = 0;
  }

  #byte(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const grown = new Uint8Array(2 * this.#length);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length++] = byte;
  }
}

/** Reads big-endian bit fields. @throws RangeError behind the end. */
export class BitReader {
  readonly #bytes: Uint8Array;
  /** In bits. */
  position: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes;
    this.position = 8 * offset;
  }

  /** An unsigned field of up to 24 bits. */
  read(width: number): number {
    if (width === 0) return 0;
    const first = this.position >> 3;
    const shift = 32 - width - (this.position & 7);
    this.position += width;
    if (this.position > 8 * this.#bytes.length) throw new RangeError('bits end early');
    const bytes = this.#bytes;
    const word =
      (bytes[first]! << 24) |
      ((bytes[first + 1] ?? 0) << 16) |
      ((bytes[first + 2] ?? 0) << 8) |
      (bytes[first + 3] ?? 0);
    return (word >>> shift) & (2 ** width - 1);
  }

  /** A two's complement field of up to 24 bits. */
  signed(width: number): number {
    return width === 0 ? 0 : (this.read(width) << (32 - width)) >> (32 - width);
  }

  /** Zero bits before the next one, which is read over. */
  unary(): number {
    let zeros = 0;
    for (;;) {
      const byte = this.#bytes[this.position >> 3];
      if (byte === undefined) throw new RangeError('bits end early');
      const rest = (byte << (this.position & 7)) & 0xff;
      if (rest !== 0) {
        const leading = Math.clz32(rest) - 24;
        this.position += leading + 1;
        return zeros + leading;
      }
      const step = 8 - (this.position & 7);
      zeros += step;
      this.position += step;
    }
  }

  align(): void {
    this.position = (this.position + 7) & ~7;
  }
}
