import { describe, expect, it } from 'vitest';
import { decide, redecide } from './decide.ts';
import type { CallFacts, PolicySettings } from './types.ts';

const facts: CallFacts = { trunk: 'sbc', parties: [], direction: 'UNKNOWN', vendorIds: {} };
const settings = (recordAll: boolean): PolicySettings => ({
  version: 7,
  accounts: [
    {
      id: 'main',
      name: 'Main',
      rules: [{ id: 'all', description: 'Record all calls', isOn: recordAll, mode: 'automatic', scope: 'call' }],
    },
  ],
});

describe('decide', () => {
  it('records every call of an account with the rule of the first start, and says why', () => {
    const decision = decide(facts, settings(true));
    expect(decision).toMatchObject({ verdict: 'record', accountId: 'main', settingsVersion: 7 });
    expect(decision.layers.find((word) => word.layer === 'rule')?.why).toContain('"Record all calls"');
  });

  it('ignores the call when the setting is off, and every layer says so', () => {
    const decision = decide(facts, settings(false));
    expect(decision.verdict).toBe('ignore');
    expect(decision.layers.map((word) => word.says)).toEqual(decision.layers.map(() => 'nothing'));
  });

  it('holds the call while there are no settings, so that nothing is lost', () => {
    expect(decide(facts, null).verdict).toBe('hold');
    expect(decide(facts, { version: 1, accounts: [] }).verdict).toBe('hold');
  });

  it('forbids a denied call even without settings', () => {
    expect(decide({ ...facts, override: 'deny' }, null)).toMatchObject({ verdict: 'forbid', destroy: false });
  });

  it('decides a held call as soon as settings are there, and goes on with decisions of older versions', () => {
    const held = decide(facts, null);
    expect(redecide(held, facts, settings(true)).verdict).toBe('record');
    const old = { verdict: 'record', accountId: 'main', settingsVersion: 1, layers: [] } as const;
    expect(redecide(old, facts, settings(false))).toMatchObject({
      verdict: 'ignore',
      accountId: 'main',
      destroy: false,
    });
  });
});
