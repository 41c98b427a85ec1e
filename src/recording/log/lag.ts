/** The last `size` measurements, for a percentile that follows the present. */
export class LagWindow {
  readonly #values: Float64Array;
  #count = 0;

  constructor(size: number) {
    this.#values = new Float64Array(size);
  }

  add(value: number): void {
    this.#values[this.#count++ % this.#values.length] = value;
  }

  /** 0 while there is none. */
  p99(): number {
    const values = this.#values.slice(0, Math.min(this.#count, this.#values.length)).sort();
    return values[Math.max(0, Math.ceil(values.length * 0.99) - 1)] ?? 0;
  }
}
