/** Lowest and highest sample of each stretch of time, for drawing. */
export interface Peaks {
  readonly msPerPeak: number;
  /** For each channel min, max, min, max … as the upper 8 bits of a 16-bit sample. */
  readonly channels: readonly Int8Array[];
}
