import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import type { CallFacts, PolicySettings } from './types.ts';

const facts: CallFacts = { trunk: 'sbc', parties: [], direction: 'UNKNOWN', vendorIds: {} };
const settings = (recordAll: boolean): PolicySettings => ({
  version: 7,
  accounts: [{ id: 'main', name: 'Main', recordAll }],
});

describe('decide', () => {
  it('records every call of an account that records all, and says why', () => {
    const decision = decide(facts, settings(true));
    expect(decision).toMatchObject({ verdict: 'record', accountId: 'main', settingsVersion: 7 });
    expect(decision.layers[0]?.why).toContain('records all calls');
  });

  it('ignores the call when the setting is off', () => {
    expect(decide(facts, settings(false))).toMatchObject({ verdict: 'ignore', layers: [{ says: 'nothing' }] });
  });

  it('holds the call while there are no settings, so that nothing is lost', () => {
    expect(decide(facts, null).verdict).toBe('hold');
    expect(decide(facts, { version: 1, accounts: [] }).verdict).toBe('hold');
  });
});
