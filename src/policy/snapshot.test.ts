import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { snapshotFault } from './snapshot.ts';
import { ALL_ON, CALLS, company } from './testing.ts';

describe('snapshotFault', () => {
  it('takes the smallest and a full snapshot', () => {
    expect(snapshotFault({ version: 1, accounts: [{ id: 'a', name: 'A' }] })).toBeNull();
    const full = company({
      endpoints: ALL_ON,
      entire: ALL_ON,
      filters: { direction: 'in', traffic: 'external', exclusions: [{ pattern: '8!', manualToo: true }] },
      handling: { longestSeconds: null, retention: { amount: 48, unit: 'months' }, deliveries: ['mail'] },
      unassigned: { to: 'catch-all', userId: 'catch' },
      pause: { mode: 'silence', who: 'administrators', resumeAfterSeconds: 60 },
      pilots: [{ kind: 'cti', number: '9000' }],
    });
    expect(snapshotFault(JSON.parse(JSON.stringify(full)))).toBeNull();
  });

  it.each([
    [null, 'must hold fields'],
    [{ version: 1.5, accounts: [] }, 'version must be a whole number'],
    [{ version: 1, accounts: {} }, 'accounts must be a list'],
    [{ version: 1, accounts: [{ id: '', name: '' }] }, 'accounts[0].id'],
    [{ version: 1, accounts: [{ id: 'a', name: 'A', recordAll: true }] }, 'accounts[0].recordAll is of an older form'],
    [
      company({ filters: { exclusions: [{ pattern: '12a' }] } }),
      'accounts[0].filters.exclusions[0].pattern "12a" holds "a"',
    ],
    [company({ internalPatterns: ['1+2'] }), 'accounts[0].internalPatterns[0]'],
    [company({ unassigned: { to: 'catch-all' } as never }), 'accounts[0].unassigned'],
    [company({ handling: { retention: { amount: 0, unit: 'days' } } }), 'accounts[0].handling.retention'],
    [company({ endpoints: { inboundInternal: 'yes' } as never }), 'accounts[0].endpoints.inboundInternal'],
    [
      company({
        roles: [
          { id: 'r', name: 'R' },
          { id: 'r', name: 'S' },
        ],
      }),
      'accounts[0].roles: two have the id r',
    ],
  ])('names what is wrong: %#', (value, fault) => {
    expect(snapshotFault(value)).toContain(fault);
  });

  it('never throws, and what it lets through can be decided by', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('users', 'rules', 'filters', 'pilots', 'queues'), (value, key) => {
        const settings = company({ [key]: value });
        if (snapshotFault(settings) === null) decide(CALLS.in, settings);
        expect(typeof (snapshotFault(value) ?? '')).toBe('string');
      }),
      { numRuns: 300 },
    );
  });
});
