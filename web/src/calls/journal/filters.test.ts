import { describe, expect, it } from 'vitest';
import { callQueryOf, readCallFilters, withCallChange } from './filters.ts';

describe('the journal’s filters in the address', () => {
  it('takes what can be read and drops the rest', () => {
    expect(readCallFilters({ q: 'Alice', verdict: 'ignore', from: '2026-11-20', to: 'soon', x: 1 })).toEqual({
      q: 'Alice',
      verdict: 'ignore',
      from: '2026-11-20',
    });
    expect(readCallFilters({ q: '  ', verdict: 'perhaps', from: 7 })).toEqual({});
  });

  it('includes the whole of the last day', () => {
    const { from, to } = callQueryOf({ from: '2026-11-20', to: '2026-11-20' });
    expect(Date.parse(to!) - Date.parse(from!)).toBe(86_400_000);
  });

  it('takes a filter away', () => {
    expect(withCallChange({ q: 'a', verdict: 'record' }, { verdict: undefined })).toEqual({ q: 'a' });
  });
});
