export type DamageKind = 'flipped bit' | 'torn end' | 'zeroed sector' | 'swapped records';

/** Where a record stands in a file. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export const DAMAGES: readonly DamageKind[] = ['flipped bit', 'torn end', 'zeroed sector', 'swapped records'];
const SECTOR = 512;

/** The bytes with one damage of this kind, at a place that `random` (0 to below 1) picks. Always differs from the original. */
export function damaged(intact: Buffer, kind: DamageKind, records: readonly Span[], random: () => number): Buffer {
  for (;;) {
    const bytes = attempt(intact, kind, records, random);
    if (!bytes.equals(intact)) return bytes;
  }
}

function attempt(intact: Buffer, kind: DamageKind, records: readonly Span[], random: () => number): Buffer {
  const below = (limit: number): number => Math.floor(random() * limit);
  const bytes = Buffer.from(intact);
  switch (kind) {
    case 'flipped bit':
      bytes[below(bytes.length)]! ^= 1 << below(8);
      return bytes;
    case 'torn end':
      return bytes.subarray(0, below(bytes.length));
    case 'zeroed sector': {
      const at = SECTOR * below(Math.ceil(bytes.length / SECTOR));
      return bytes.fill(0, at, Math.min(bytes.length, at + SECTOR));
    }
    case 'swapped records': {
      const pick = [below(records.length), below(records.length)].sort((a, b) => a - b);
      const [first, second] = pick.map((at) => records[at]!);
      return swap(intact, first!, second!);
    }
  }
}

function swap(intact: Buffer, first: Span, second: Span): Buffer {
  if (first === second) return intact;
  const part = ({ from, to }: Span): Buffer => intact.subarray(from, to);
  const between = intact.subarray(first.to, second.from);
  return Buffer.concat([
    intact.subarray(0, first.from),
    part(second),
    between,
    part(first),
    intact.subarray(second.to),
  ]);
}
