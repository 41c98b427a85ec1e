import { describe, expect, it } from 'vitest';
import type { RuleValue } from '../directory/types.ts';
import { keptWords, lasting } from './duration.ts';
import { ruleSentences } from './rule.ts';

const all: RuleValue = { description: 'Record all calls', isOn: true, mode: 'automatic' };

describe('a rule in two sentences', () => {
  it('says that everything is recorded, and for how long it is kept', () => {
    expect(ruleSentences(all, null)).toEqual([
      'All calls are recorded automatically.',
      'Each is recorded from beginning to end and kept as long as the account says.',
    ]);
  });

  it('names role, direction, origin, longest duration and retention', () => {
    const rule: RuleValue = {
      ...all,
      direction: 'in',
      origin: 'external',
      handling: { longestSeconds: 7200, retention: { amount: 90, unit: 'days' } },
    };
    expect(ruleSentences(rule, 'Sales')).toEqual([
      'Calls of Sales that come in from outside are recorded automatically.',
      'Each is recorded while the member is in the call, for 2 hours at most, and kept for 90 days.',
    ]);
  });

  it('tells every pair of direction and origin apart', () => {
    const said = (['in', 'out', 'both'] as const).flatMap((direction) =>
      (['internal', 'external', 'both'] as const).map(
        (origin) => ruleSentences({ ...all, direction, origin }, 'Sales')[0],
      ),
    );
    expect(new Set(said).size).toBe(9);
  });

  it('says who may record by hand, and that live-keep destroys', () => {
    const manual: RuleValue = { ...all, mode: 'manual', origin: 'external' };
    expect(ruleSentences(manual, 'Sales')[0]).toBe(
      'The members of Sales may record calls with people outside by hand.',
    );
    expect(ruleSentences({ ...manual, liveKeep: true }, null)[0]).toBe(
      'Everybody may keep calls with people outside: each is held sealed, and destroyed unless somebody asks for it.',
    );
  });

  it('does not claim an effect of a rule that is off', () => {
    expect(ruleSentences({ ...all, isOn: false }, null)[0]).toBe(
      'Switched off. If it were on: all calls are recorded automatically.',
    );
  });
});

it('says lengths and times of keeping in whole units', () => {
  expect([60, 90, 3600, 5430, 0].map(lasting)).toEqual([
    '1 minute',
    '1 minute 30 seconds',
    '1 hour',
    '1 hour 30 minutes 30 seconds',
    '0 seconds',
  ]);
  expect(keptWords('forever')).toBe('until somebody deletes it');
  expect(keptWords({ amount: 1, unit: 'months' })).toBe('for 1 month');
});
