import { describe, expect, it } from 'vitest';
import type { Decision, Retention } from '../policy/types.ts';
import { retainUntil } from './retention.ts';
import { decision } from './testing.ts';

const HOUR = 3_600_000;
const usual = (endedAt: number): number => endedAt + 90 * 24 * HOUR;
const at = (text: string): number => Date.parse(`${text}T10:00:00Z`);
const asking = (...retentions: (Retention | null)[]): Decision[] =>
  retentions.map((retention) => ({ ...decision(), retention }));

/** The day, or null. */
function until(endedAt: number, ...retentions: (Retention | null)[]): string | null {
  const end = retainUntil(asking(...retentions), endedAt, usual);
  return end === null ? null : new Date(end).toISOString();
}

describe('how long a recording is kept (K3)', () => {
  it.each([
    ['4 hours', { amount: 4, unit: 'hours' }, '2026-01-31T14:00:00.000Z'],
    ['30 days', { amount: 30, unit: 'days' }, '2026-03-02T10:00:00.000Z'],
    ['1 month, into a shorter one', { amount: 1, unit: 'months' }, '2026-02-28T10:00:00.000Z'],
    ['12 months', { amount: 12, unit: 'months' }, '2027-01-31T10:00:00.000Z'],
    ['48 months', { amount: 48, unit: 'months' }, '2030-01-31T10:00:00.000Z'],
    ['25 months, into a leap year', { amount: 25, unit: 'months' }, '2028-02-29T10:00:00.000Z'],
    ['2 years', { amount: 2, unit: 'years' }, '2028-01-31T10:00:00.000Z'],
    ['for ever', 'forever', null],
    ['as the platform has it', null, '2026-05-01T10:00:00.000Z'],
    ['longer than a date can tell: for ever', { amount: 1e9, unit: 'years' }, null],
  ] as const)('%s', (_name, retention, expected) => {
    expect(until(at('2026-01-31'), retention)).toBe(expected);
  });

  it('by months of the calendar, at the end of February', () => {
    expect(until(at('2028-02-29'), { amount: 1, unit: 'years' })).toBe('2029-02-28T10:00:00.000Z');
    expect(until(at('2026-02-28'), { amount: 1, unit: 'months' })).toBe('2026-03-28T10:00:00.000Z');
  });

  it('for the longest that any of several asks for', () => {
    const [short, long] = [{ amount: 1, unit: 'months' } as const, { amount: 45, unit: 'days' } as const];
    expect(until(at('2026-01-31'), short, long)).toBe('2026-03-17T10:00:00.000Z');
    expect(until(at('2026-01-31'), short, null)).toBe('2026-05-01T10:00:00.000Z');
    expect(until(at('2026-01-31'), short, 'forever')).toBeNull();
    expect(retainUntil([], at('2026-01-31'), usual)).toBe(usual(at('2026-01-31')));
  });
});
