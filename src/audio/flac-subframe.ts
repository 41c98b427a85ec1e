import type { BitWriter } from './bits.ts';

/** Bits of a sample. */
const DEPTH = 16;
const MOST_ORDER = 4;
/** Rice parameters have four bits, of which the last value is an escape (RFC 9639 section 9.2.7). */
const MOST_RICE = 14;
const MOST_PARTITION_ORDER = 6;

/** Writes one channel of a block as the shortest of constant, verbatim and fixed prediction (RFC 9639 section 9.2). */
export function writeSubframe(out: BitWriter, samples: Int16Array): void {
  const bits = orOf(samples);
  if (samples.every((sample) => sample === samples[0])) {
    out.write(0, 8);
    out.write(samples[0]!, DEPTH);
    return;
  }
  const wasted = 31 - Math.clz32(bits & -bits);
  const values = wasted === 0 ? samples : shifted(samples, wasted);
  const order = bestOrder(values);
  const residual = residualOf(values, order);
  const rice = bestRice(residual, order, samples.length);
  const depth = DEPTH - wasted;
  const verbatim = rice.bits >= samples.length * depth;
  out.write(((verbatim ? 1 : 8 + order) << 1) | (wasted > 0 ? 1 : 0), 8);
  if (wasted > 0) out.unary(wasted - 1);
  const literal = verbatim ? values.length : order;
  for (let i = 0; i < literal; i++) out.write(values[i]!, depth);
  if (!verbatim) writeResidual(out, residual, order, rice);
}

function orOf(samples: Int16Array): number {
  let bits = 0;
  for (let i = 0; i < samples.length; i++) bits |= samples[i]!;
  return bits;
}

function shifted(samples: Int16Array, by: number): Int16Array {
  const out = new Int16Array(samples.length);
  for (let i = 0; i < out.length; i++) out[i] = samples[i]! >> by;
  return out;
}

/** The order of fixed predictor with the least sum of residuals. */
function bestOrder(values: Int16Array): number {
  const sums = [0, 0, 0, 0, 0];
  let last = 0;
  let last1 = 0;
  let last2 = 0;
  let last3 = 0;
  for (let i = 0; i < values.length; i++) {
    const r0 = values[i]!;
    const r1 = r0 - last;
    const r2 = r1 - last1;
    const r3 = r2 - last2;
    const r4 = r3 - last3;
    last = r0;
    last1 = r1;
    last2 = r2;
    last3 = r3;
    if (i < MOST_ORDER) continue;
    sums[0]! += Math.abs(r0);
    sums[1]! += Math.abs(r1);
    sums[2]! += Math.abs(r2);
    sums[3]! += Math.abs(r3);
    sums[4]! += Math.abs(r4);
  }
  const order = sums.indexOf(Math.min(...sums));
  return Math.min(order, values.length - 1);
}

/** Residuals in zigzag form (0, −1, 1, −2 …); the first `order` places are unused. */
function residualOf(values: Int16Array, order: number): Uint32Array {
  const differences = Int32Array.from(values);
  // A fixed predictor of order n leaves the n-th difference.
  for (let pass = 1; pass <= order; pass++) {
    for (let i = differences.length - 1; i >= pass; i--) differences[i]! -= differences[i - 1]!;
  }
  const out = new Uint32Array(values.length);
  for (let i = order; i < out.length; i++) out[i] = (differences[i]! << 1) ^ (differences[i]! >> 31);
  return out;
}

/** The fixed predictors of RFC 9639 section 9.2.5. */
export function predict(values: Int16Array | Int32Array, i: number, order: number): number {
  switch (order) {
    case 0:
      return 0;
    case 1:
      return values[i - 1]!;
    case 2:
      return 2 * values[i - 1]! - values[i - 2]!;
    case 3:
      return 3 * (values[i - 1]! - values[i - 2]!) + values[i - 3]!;
    default:
      return 4 * (values[i - 1]! + values[i - 3]!) - 6 * values[i - 2]! - values[i - 4]!;
  }
}

interface Rice {
  readonly partitionOrder: number;
  readonly parameters: readonly number[];
  /** Length of the coded residual, as estimated from sums: never less than it is. */
  readonly bits: number;
}

function bestRice(residual: Uint32Array, order: number, length: number): Rice {
  let sums = [0];
  let finest = 0;
  while (finest < MOST_PARTITION_ORDER && length % (2 << finest) === 0 && length >> (finest + 1) > order) finest++;
  const size = length >> finest;
  sums = Array.from({ length: 1 << finest }, (_, part) => {
    let sum = 0;
    for (let i = Math.max(order, part * size); i < (part + 1) * size; i++) sum += residual[i]!;
    return sum;
  });
  let best: Rice | undefined;
  for (let partitionOrder = finest; ; partitionOrder--) {
    const rice = riceOf(sums, partitionOrder, length >> partitionOrder, order);
    if (best === undefined || rice.bits < best.bits) best = rice;
    if (partitionOrder === 0) return best;
    sums = Array.from({ length: sums.length / 2 }, (_, i) => sums[2 * i]! + sums[2 * i + 1]!);
  }
}

function riceOf(sums: readonly number[], partitionOrder: number, size: number, order: number): Rice {
  let bits = 6;
  const parameters = sums.map((sum, part) => {
    const count = part === 0 ? size - order : size;
    const mean = sum / Math.max(1, count);
    const parameter = Math.max(0, Math.min(MOST_RICE, Math.floor(Math.log2(mean * Math.LN2 + 1))));
    bits += 4 + count * (1 + parameter) + Math.floor(sum / 2 ** parameter);
    return parameter;
  });
  return { partitionOrder, parameters, bits };
}

function writeResidual(out: BitWriter, residual: Uint32Array, order: number, rice: Rice): void {
  out.write(0, 2);
  out.write(rice.partitionOrder, 4);
  const size = residual.length >> rice.partitionOrder;
  rice.parameters.forEach((parameter, part) => {
    out.write(parameter, 4);
    out.rice(residual, Math.max(order, part * size), (part + 1) * size, parameter);
  });
}
