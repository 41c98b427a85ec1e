import { describe, expect, it } from 'vitest';
import { isSame, mergeOnto, patched } from './merge.ts';

interface Value {
  readonly name: string;
  readonly isOn?: boolean;
  readonly numbers?: readonly string[];
  readonly handling?: { readonly longestSeconds?: number; readonly format?: string };
}

describe('my change on top of theirs', () => {
  const base: Value = { name: 'Sales', isOn: true, handling: { longestSeconds: 60 } };

  it('keeps what each of us changed', () => {
    expect(mergeOnto<Value>(base, { ...base, isOn: false }, { ...base, name: 'Sales and service' })).toEqual({
      name: 'Sales and service',
      isOn: false,
      handling: { longestSeconds: 60 },
    });
  });

  it('looks into objects', () => {
    const mine = { ...base, handling: { longestSeconds: 120 } };
    const theirs = { ...base, handling: { longestSeconds: 60, format: 'wav' } };
    expect(mergeOnto<Value>(base, mine, theirs).handling).toEqual({ longestSeconds: 120, format: 'wav' });
  });

  it('lets mine win where both changed the same, lists as a whole', () => {
    const mine = { ...base, numbers: ['1'] };
    expect(mergeOnto<Value>(base, mine, { ...base, numbers: ['2', '3'] }).numbers).toEqual(['1']);
  });

  it('takes out what I took out', () => {
    expect(mergeOnto<Value>(base, { name: 'Sales', isOn: true }, { ...base, name: 'New' })).toEqual({
      name: 'New',
      isOn: true,
    });
  });
});

it('compares by content, whatever the order of fields', () => {
  expect(isSame({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 })).toBe(true);
  expect(isSame({ a: 1 }, { a: 1, b: undefined })).toBe(true);
  expect(isSame({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
});

it('takes undefined fields out when patching', () => {
  expect(patched<Value>({ name: 'a', isOn: true }, { isOn: undefined })).toEqual({ name: 'a' });
});
