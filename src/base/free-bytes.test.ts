import { expect, it } from 'vitest';
import { freeBytes } from './free-bytes.ts';

it('empties an array that has its memory for itself', () => {
  const own = Buffer.from(new ArrayBuffer(8));
  freeBytes(own);
  expect(own).toHaveLength(0);
});

it('leaves an array alone that shares its memory', () => {
  const whole = new Uint8Array(8).fill(7);
  freeBytes(whole.subarray(0, 4));
  expect(whole).toEqual(new Uint8Array(8).fill(7));
});
