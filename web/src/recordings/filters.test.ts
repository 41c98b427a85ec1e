import { describe, expect, it } from 'vitest';
import { queryOf, readFilters, withChange } from './filters.ts';

describe('the address of the list', () => {
  it('gives the filters that it names', () => {
    const search = { q: 'alice', direction: 'IN', number: '+1 555', min: '10', max: 60, from: '2026-03-01' };
    expect(readFilters(search)).toEqual({
      q: 'alice',
      direction: 'IN',
      number: '+1 555',
      min: 10,
      max: 60,
      from: '2026-03-01',
    });
  });

  it('loses what cannot be meant, so that a mistyped address shows a list and no error', () => {
    const search = {
      q: '  ',
      direction: 'UP',
      number: '<b>',
      min: '-1',
      max: 'long',
      from: '2026-13-45',
      period: 'year',
    };
    expect(readFilters(search)).toEqual({});
  });

  it('takes a number that the router has read as a number for text', () => {
    expect(readFilters({ q: 1001, number: 1001 })).toEqual({ q: '1001', number: '1001' });
  });

  it('lets a period win over days', () => {
    expect(readFilters({ period: '7d', from: '2026-03-01', to: '2026-03-02' })).toEqual({ period: '7d' });
  });

  it('leaves a filter out that is taken away', () => {
    expect(withChange({ q: 'a', min: 5 }, { min: undefined })).toEqual({ q: 'a' });
  });
});

describe('what is asked of the API', () => {
  const now = new Date(2026, 2, 10, 15, 30);

  it('begins a period at midnight of its first day, today included', () => {
    expect(queryOf({ period: 'today' }, now)).toEqual({ from: new Date(2026, 2, 10).toISOString() });
    expect(queryOf({ period: '7d' }, now)).toEqual({ from: new Date(2026, 2, 4).toISOString() });
    expect(queryOf({ period: '30d' }, now)).toEqual({ from: new Date(2026, 1, 9).toISOString() });
  });

  it('includes the last day as a whole, over the end of a month too', () => {
    expect(queryOf({ from: '2026-02-01', to: '2026-02-28' }, now)).toEqual({
      from: new Date(2026, 1, 1).toISOString(),
      to: new Date(2026, 2, 1).toISOString(),
    });
  });

  it('sends text without the spaces around it, and lengths in seconds', () => {
    expect(queryOf({ q: ' bob ', min: 0, max: 90, direction: 'OUT', number: '1001' }, now)).toEqual({
      q: 'bob',
      minDuration: 0,
      maxDuration: 90,
      direction: 'OUT',
      number: '1001',
    });
  });
});

it('asks for what is nobody’s only when it is said', () => {
  expect(queryOf(readFilters({ unassigned: true }))).toEqual({ unassigned: true });
  expect(readFilters({ unassigned: 'yes' })).toEqual({});
});
