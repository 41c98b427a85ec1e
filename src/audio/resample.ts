/** Zero crossings of the kernel on either side, at the lower of the two rates. */
const LOBES = 16;
/** Leaves room below half the lower rate for the filter to fall off. */
const ROLL_OFF = 0.94;

/** Samples over which a resampler looks beyond its place, at the rate of its input. */
export function reach(from: number, to: number): number {
  return Math.ceil((LOBES / ROLL_OFF) * Math.max(1, from / to)) + 1;
}

/**
 * Changes the rate of mono samples by a windowed sinc, filtered below half the lower rate. `input` is read as silence beyond
 * its ends. Gives `count` output samples beginning at output sample `first`, where output sample 0 is input sample `origin`.
 */
export function resample(
  input: Int16Array,
  rates: { readonly from: number; readonly to: number },
  place: { readonly first: number; readonly count: number; readonly origin: number },
): Int16Array {
  const { from, to } = rates;
  const cutoff = ROLL_OFF * Math.min(1, to / from);
  const half = LOBES / cutoff;
  const kernels = new Map<number, Float64Array>();
  const out = new Int16Array(place.count);
  for (let i = 0; i < place.count; i++) {
    // Exact in integers: the fraction repeats with the period of the two rates.
    const numerator = (place.first + i) * from;
    const whole = Math.floor(numerator / to);
    const phase = numerator - whole * to;
    let kernel = kernels.get(phase);
    if (kernel === undefined) kernels.set(phase, (kernel = kernelAt(phase / to, cutoff, half)));
    const start = place.origin + whole - (kernel.length >> 1) + 1;
    let sum = 0;
    for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * (input[start + k] ?? 0);
    out[i] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return out;
}

/** Weights of the input samples around a place that lies `fraction` behind one; their sum is one. */
function kernelAt(fraction: number, cutoff: number, half: number): Float64Array {
  const side = Math.ceil(half) + 1;
  const kernel = new Float64Array(2 * side);
  let sum = 0;
  for (let k = 0; k < kernel.length; k++) {
    const x = k - side + 1 - fraction;
    if (Math.abs(x) >= half) continue;
    const angle = Math.PI * x * cutoff;
    const window = Math.cos((Math.PI * x) / (2 * half)) ** 2;
    sum += kernel[k] = (angle === 0 ? 1 : Math.sin(angle) / angle) * window;
  }
  return kernel.map((weight) => weight / sum);
}
