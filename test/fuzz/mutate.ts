import { seededNumbers } from '../e2e/noise.ts';

/** A whole number from 0 to below the argument. */
export type Dice = (below: number) => number;

export function dice(seed: number): Dice {
  const next = seededNumbers(seed);
  return (below) => Math.floor(next() * below);
}

/** Numbers at which lengths and counters break. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

/**
 * Changes bytes in one to six places: flips bits, puts in pieces of the language, cuts, doubles, moves, mixes with another input, sets
 * numbers to their edges.
 */
export function mutate(input: Buffer, other: Buffer, pieces: readonly string[], roll: Dice): Buffer {
  let bytes: Buffer = Buffer.from(input);
  for (let edits = 1 + roll(6); edits > 0; edits--) bytes = edit(bytes, other, pieces, roll);
  return bytes;
}

function edit(bytes: Buffer, other: Buffer, pieces: readonly string[], roll: Dice): Buffer {
  const at = roll(bytes.length + 1);
  const to = Math.min(bytes.length, at + roll(roll(8) === 0 ? 500 : 12));
  switch (roll(8)) {
    case 0:
      if (at < bytes.length) bytes[at] = bytes[at]! ^ (1 << roll(8));
      return bytes;
    case 1:
      return splice(bytes, at, to, Buffer.from(pieces[roll(pieces.length)] ?? '', 'latin1'));
    case 2:
      return splice(bytes, at, to, Buffer.alloc(0));
    case 3:
      return splice(bytes, at, at, bytes.subarray(at, to));
    case 4:
      return splice(bytes, at, to, other.subarray(roll(other.length + 1)).subarray(0, roll(300)));
    case 5:
      return splice(bytes, at, at, Buffer.from((pieces[roll(pieces.length)] ?? '').repeat(1 + roll(200)), 'latin1'));
    case 6:
      return setNumber(bytes, at, EDGES[roll(EDGES.length)]!, roll(3));
    default:
      return roll(4) === 0 ? bytes.subarray(0, at) : setNumber(bytes, at, roll(256), 0);
  }
}

function splice(bytes: Buffer, from: number, to: number, put: Uint8Array): Buffer {
  return Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(to)]);
}

function setNumber(bytes: Buffer, at: number, value: number, width: number): Buffer {
  if (at + 4 > bytes.length) return bytes;
  if (width === 0) bytes[at] = value & 0xff;
  else if (width === 1) bytes.writeUInt16BE(value & 0xffff, at);
  else bytes.writeUInt32BE(value, at);
  return bytes;
}
