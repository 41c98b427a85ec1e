import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { ALL_OFF, ALL_ON, askers, blurred, call, CALLS, company, CUSTOMER, withUser } from './testing.ts';
import type { AccountSettings, CallFacts, RuleSettings, Verdict } from './types.ts';

/** What a source document means, the call, the settings that differ, the verdict, and who asks. */
type Row = [meaning: string, facts: CallFacts, changes: Partial<AccountSettings>, verdict: Verdict, asking?: string[]];

function prove(rows: readonly Row[]): void {
  it.each(rows)('%s', (_meaning, facts, changes, verdict, asking) => {
    const decision = decide(facts, company(changes));
    expect(decision.verdict).toBe(verdict);
    if (asking !== undefined) expect(askers(decision)).toEqual(asking);
  });
}

const rule = (changes: Partial<RuleSettings> = {}): RuleSettings => ({
  id: 'r1',
  description: 'Record sales',
  isOn: true,
  mode: 'automatic',
  ...changes,
});
const rules = (...list: Partial<RuleSettings>[]): Partial<AccountSettings> => ({
  rules: list.map((changes, index) => rule({ id: `r${index + 1}`, ...changes })),
});
const onDemand = (changes: object = {}): Partial<AccountSettings> => ({
  onDemand: { isAllowed: true, isOn: true, ...changes },
});

describe('D1 rules (pascom)', () => {
  prove([
    ['D1 without a rule and without any setting nothing is recorded', CALLS.in, {}, 'ignore', []],
    [
      'D1 an automatic rule records the calls of its role',
      CALLS.in,
      rules({ roleId: 'sellers' }),
      'record',
      ['rule:r1'],
    ],
    ['D1 a rule that is disabled does nothing', CALLS.in, rules({ isOn: false }), 'ignore'],
    ['D1 a role means its users', call(CUSTOMER, '1002'), rules({ roleId: 'bobs' }), 'record'],
    ['D1 a role means whole teams', CALLS.out, rules({ roleId: 'sellers' }), 'record'],
    ['D1 a role means nobody else', call(CUSTOMER, '1002'), rules({ roleId: 'sellers' }), 'ignore'],
    ['D1 a rule whose role is gone means nobody', CALLS.in, rules({ roleId: 'gone' }), 'ignore'],
    ['D1 a rule without a role means everybody', call(CUSTOMER, '1003'), rules({}), 'record'],
    ['D1 a rule without a role means calls in which nobody is known', call(CUSTOMER, '4711'), rules({}), 'record'],
    ['D1 incoming only: an incoming call', CALLS.in, rules({ roleId: 'sellers', direction: 'in' }), 'record'],
    ['D1 incoming only: not an outgoing call', CALLS.out, rules({ roleId: 'sellers', direction: 'in' }), 'ignore'],
    ['D1 outgoing only: an outgoing call', CALLS.out, rules({ roleId: 'sellers', direction: 'out' }), 'record'],
    ['D1 outgoing only: not an incoming call', CALLS.in, rules({ roleId: 'sellers', direction: 'out' }), 'ignore'],
    ['D1 both directions', CALLS.out, rules({ roleId: 'sellers', direction: 'both' }), 'record'],
    [
      'D1 internal origin: a call between colleagues',
      CALLS.internal,
      rules({ roleId: 'sellers', origin: 'internal' }),
      'record',
    ],
    ['D1 internal origin: not a customer', CALLS.in, rules({ roleId: 'sellers', origin: 'internal' }), 'ignore'],
    ['D1 external origin: a customer', CALLS.in, rules({ roleId: 'sellers', origin: 'external' }), 'record'],
    ['D1 external origin: not a colleague', CALLS.internal, rules({ roleId: 'sellers', origin: 'external' }), 'ignore'],
    ['D1 both origins', CALLS.internal, rules({ roleId: 'sellers', origin: 'both' }), 'record'],
    [
      'D1 direction is the member’s own: an internal call is incoming for the one who is called',
      CALLS.internal,
      rules({ roleId: 'bobs', direction: 'in' }),
      'record',
    ],
    [
      'D1 direction is the member’s own: and outgoing for the one who calls',
      CALLS.internal,
      rules({ roleId: 'sellers', direction: 'in' }),
      'ignore',
    ],
    [
      'D1 a manual rule records nothing by itself',
      CALLS.in,
      { ...rules({ mode: 'manual', roleId: 'sellers' }), ...onDemand({ who: 'rules' }) },
      'offer',
      [],
    ],
    [
      'D1 a manual rule is for its members only',
      call(CUSTOMER, '1002'),
      { ...rules({ mode: 'manual', roleId: 'sellers' }), ...onDemand({ who: 'rules' }) },
      'ignore',
    ],
    [
      'D1 a manual rule heeds the direction',
      CALLS.out,
      { ...rules({ mode: 'manual', roleId: 'sellers', direction: 'in' }), ...onDemand({ who: 'rules' }) },
      'ignore',
    ],
    [
      'D1 a manual rule heeds the origin',
      CALLS.internal,
      { ...rules({ mode: 'manual', roleId: 'sellers', origin: 'external' }), ...onDemand({ who: 'rules' }) },
      'ignore',
    ],
    [
      'D1 an automatic rule wins over a manual one',
      CALLS.in,
      { ...rules({ mode: 'manual' }, { roleId: 'sellers' }), ...onDemand() },
      'record',
      ['rule:r2'],
    ],
    [
      'D1 unknown direction: a rule for one direction does not guess',
      blurred('1001', CUSTOMER),
      rules({ roleId: 'sellers', direction: 'in' }),
      'ignore',
    ],
    [
      'D1 unknown direction: a rule for both directions records',
      blurred('1001', CUSTOMER),
      rules({ roleId: 'sellers', direction: 'both', origin: 'external' }),
      'record',
    ],
    [
      'D1 unknown origin: a rule for external calls does not guess',
      call('', '1001'),
      rules({ roleId: 'sellers', origin: 'external' }),
      'ignore',
    ],
    [
      'D1 the first start’s rule is for everybody',
      CALLS.in,
      { rules: [{ id: 'first', description: 'Record all calls', isOn: true, mode: 'automatic', scope: 'call' }] },
      'record',
      ['rule:first'],
    ],
  ]);

  it('D1 deliveries of a rule come into the decision', () => {
    expect(decide(CALLS.in, company(rules({ handling: { deliveries: ['mail', 'script'] } }))).deliveries).toEqual([
      'mail',
      'script',
    ]);
  });

  it('D1 two rules at once make one recording: both are named, deliveries united, the longest wins', () => {
    const decision = decide(
      CALLS.in,
      company(
        rules(
          { handling: { deliveries: ['mail'], longestSeconds: 60, retention: { amount: 4, unit: 'hours' } } },
          {
            roleId: 'sellers',
            handling: {
              deliveries: ['export', 'mail'],
              longestSeconds: 600,
              retention: { amount: 12, unit: 'months' },
            },
          },
        ),
      ),
    );
    expect(askers(decision)).toEqual(['rule:r1', 'rule:r2']);
    expect(decision).toMatchObject({
      deliveries: ['export', 'mail'],
      longestSeconds: 600,
      retention: { amount: 12, unit: 'months' },
    });
  });
});

describe('D2 the per-call override (pascom MDC_MON_MODE)', () => {
  const overridden = (override: string, facts = CALLS.in): CallFacts => ({ ...facts, override });
  prove([
    ['D2 auto is the normal decision', overridden('auto'), rules({}), 'record', ['rule:r1']],
    ['D2 auto without a rule records nothing', overridden('auto'), {}, 'ignore'],
    ['D2 unset is the normal decision', CALLS.in, rules({}), 'record'],
    ['D2 an empty value is unset', overridden('  '), rules({}), 'record'],
    ['D2 a value that is not known is the normal decision', overridden('maybe'), rules({}), 'record'],
    ['D2 force is recorded in every case', overridden('force'), {}, 'record', ['override:force']],
    ['D2 force over an endpoint that is off', overridden('force'), withUser('alice', { endpoints: ALL_OFF }), 'record'],
    ['D2 force over an exclusion', overridden('force'), { filters: { exclusions: [{ pattern: '!' }] } }, 'record'],
    [
      'D2 force over discarding what fits nobody',
      overridden('force', call(CUSTOMER, '4711')),
      { unassigned: { to: 'discard' } },
      'record',
    ],
    ['D2 deny is not recorded, a rule notwithstanding', overridden('deny'), rules({}), 'forbid', []],
    ['D2 deny over the entire account', overridden('deny'), { entire: ALL_ON }, 'forbid'],
    [
      'D2 deny over a queue',
      { ...overridden('deny'), queue: 'Support' },
      { queues: [{ id: 'q', name: 'Support', record: 'all' }] },
      'forbid',
    ],
    [
      'D2 deny over a number',
      { ...overridden('deny'), dialled: '+4930555100' },
      { numbers: [{ id: 'n', number: '+4930555100', record: 'all' }] },
      'forbid',
    ],
    ['D2 deny over a flow step', { ...overridden('deny'), flow: { step: 'start' } }, {}, 'forbid'],
    [
      'D2 deny over a pilot',
      { ...overridden('deny'), pilot: '8500' },
      { pilots: [{ kind: 'record', number: '8500' }] },
      'forbid',
    ],
    ['D2 deny over recording by hand', overridden('deny'), onDemand(), 'forbid'],
    ['D2 manual skips the rules and permits recording by hand', overridden('manual'), rules({}), 'offer', []],
    [
      'D2 manual skips every automatic setting',
      overridden('manual'),
      { entire: ALL_ON, endpoints: ALL_ON },
      'offer',
      [],
    ],
    ['D2 manual does not need the account’s switch', overridden('manual'), onDemand({ isOn: false }), 'offer'],
    ['D2 manual does not go round the brand', overridden('manual'), onDemand({ isAllowed: false }), 'ignore'],
    ['D2 the value is read in any letter case', overridden(' DENY '), rules({}), 'forbid'],
  ]);

  it('D2 deny leaves nobody a control', () => {
    const { controls } = decide(overridden('deny'), company(onDemand()));
    expect(Object.values(controls).map((control) => control.by)).toEqual(Array(6).fill('nobody'));
  });

  it('D2 deny at set-up destroys nothing: nothing was captured', () => {
    expect(decide(overridden('deny'), company()).destroy).toBe(false);
  });

  it('D2 a value that is not known is named', () => {
    const { layers } = decide(overridden('maybe'), company());
    expect(layers.find((word) => word.layer === 'override')?.why).toContain('"maybe"');
  });
});

describe('D9 brands and accounts, S1 recording by hand', () => {
  const manual = rules({ mode: 'manual', roleId: 'sellers' });
  prove([
    ['D9 the account’s switch offers it to everybody (KAZOO)', CALLS.in, onDemand(), 'offer'],
    ['D9 without the account’s switch it is not offered', CALLS.in, onDemand({ isOn: false }), 'ignore'],
    [
      'D9 without the brand’s permission it is not offered (IvozProvider)',
      CALLS.in,
      onDemand({ isAllowed: false }),
      'ignore',
    ],
    [
      'D9 a brand that has said nothing has not allowed it',
      CALLS.in,
      { brandId: 'b', onDemand: { isOn: true } },
      'ignore',
    ],
    ['D9 an account without a brand needs no permission', CALLS.in, { onDemand: { isOn: true } }, 'offer'],
    [
      'D9 a manual rule does not go round the brand',
      CALLS.in,
      { ...manual, ...onDemand({ isAllowed: false, who: 'rules' }) },
      'ignore',
    ],
    [
      'D9 a manual rule needs the account’s switch',
      CALLS.in,
      { ...manual, ...onDemand({ isOn: false, who: 'rules' }) },
      'ignore',
    ],
    ['D9 for rules only: with the rule', CALLS.in, { ...manual, ...onDemand({ who: 'rules' }) }, 'offer'],
    ['D9 for rules only: without a rule', CALLS.in, onDemand({ who: 'rules' }), 'ignore'],
    ['S1 by hand beside an automatic recording', CALLS.in, { ...onDemand(), ...rules({}) }, 'record'],
    [
      'S1 by hand where an endpoint is off',
      CALLS.in,
      { ...onDemand(), ...withUser('alice', { endpoints: ALL_OFF }) },
      'offer',
    ],
  ]);

  it('S1 who may start and stop: the users of the account who are in the call', () => {
    const { controls } = decide(CALLS.internal, company(onDemand()));
    expect(controls.start).toEqual({ by: 'users', userIds: ['alice', 'bob'] });
    expect(controls.stop).toEqual(controls.start);
  });

  it('S1 who may start under a rule: its members', () => {
    const { controls } = decide(CALLS.internal, company({ ...manual, ...onDemand({ who: 'rules' }) }));
    expect(controls.start).toEqual({ by: 'users', userIds: ['alice'] });
  });

  it('S1 what was asked for automatically is not for users to stop, but by hand they still start', () => {
    const { controls } = decide(CALLS.in, company({ ...rules({}), ...onDemand() }));
    expect(controls.stopAutomatic.by).toBe('administrators');
    expect(controls.start.by).toBe('users');
  });

  it('S2 users in the call may pause, unless the account leaves it to administrators', () => {
    expect(decide(CALLS.in, company(rules({}))).controls.pause).toEqual({ by: 'users', userIds: ['alice'] });
    const strict = decide(CALLS.in, company({ ...rules({}), pause: { who: 'administrators' } }));
    expect(strict.controls.pause.by).toBe('administrators');
  });

  it('S2 the mode of a pause and its end come from the account', () => {
    expect(decide(CALLS.in, company(rules({})))).toMatchObject({ pauseMode: 'cut', resumeAfterSeconds: null });
    const settings = company({ ...rules({}), pause: { mode: 'silence', resumeAfterSeconds: 90 } });
    expect(decide(CALLS.in, settings)).toMatchObject({ pauseMode: 'silence', resumeAfterSeconds: 90 });
  });

  it('S2 nobody pauses what is not captured', () => {
    expect(decide(CALLS.in, company()).controls.pause.by).toBe('nobody');
  });
});

describe('S10, K3, S11 how it is kept', () => {
  const handled = (changes: Partial<AccountSettings>) =>
    decide(CALLS.in, company({ ...withUser('alice', { endpoints: ALL_ON }), ...changes }));

  it('S10 the default is no limit', () => {
    expect(handled({}).longestSeconds).toBeNull();
  });

  it('S10 the account’s limit holds for all', () => {
    expect(handled({ handling: { longestSeconds: 900 } }).longestSeconds).toBe(900);
  });

  it('S10 a group beats the account (KAZOO group settings: where, in what format, how long)', () => {
    const groups = [{ id: 'sales', name: 'Sales', handling: { longestSeconds: 60, format: 'mp3', storeId: 's3' } }];
    expect(handled({ groups, handling: { longestSeconds: 900, format: 'wav' } })).toMatchObject({
      longestSeconds: 60,
      format: 'mp3',
      storeId: 's3',
    });
  });

  it('S10 a user beats his group', () => {
    const groups = [{ id: 'sales', name: 'Sales', handling: { longestSeconds: 60 } }];
    const users = withUser('alice', { endpoints: ALL_ON, handling: { longestSeconds: 30 } });
    expect(handled({ ...users, groups }).longestSeconds).toBe(30);
  });

  it('S10 a rule beats user and account; no limit is a limit of its own', () => {
    const settings = { ...rules({ handling: { longestSeconds: null } }), handling: { longestSeconds: 900 } };
    expect(decide(CALLS.in, company(settings)).longestSeconds).toBeNull();
  });

  it('K3 forever beats any time, 48 months beat 12, and 4 hours are the shortest', () => {
    const kept = (...retentions: NonNullable<RuleSettings['handling']>['retention'][]) =>
      decide(CALLS.in, company(rules(...retentions.map((retention) => ({ handling: { retention: retention! } })))))
        .retention;
    const months = (amount: number) => ({ amount, unit: 'months' }) as const;
    expect(kept(months(12), months(48), { amount: 4, unit: 'hours' })).toEqual(months(48));
    expect(kept(months(12), 'forever')).toBe('forever');
    expect(kept({ amount: 4, unit: 'hours' })).toEqual({ amount: 4, unit: 'hours' });
  });

  it('S10 where two layers want different formats, the rule’s is taken', () => {
    const decision = decide(
      CALLS.in,
      company({ entire: ALL_ON, handling: { format: 'wav' }, ...rules({ handling: { format: 'flac' } }) }),
    );
    expect(askers(decision)).toEqual(['account:acme', 'rule:r1']);
    expect(decision.format).toBe('flac');
  });

  it('S11 announcements of all layers are given', () => {
    const settings = company(
      rules({ handling: { announcement: { before: 'notice' } } }, { handling: { announcement: { during: 'beep' } } }),
    );
    expect(decide(CALLS.in, settings).announcement).toEqual({ before: 'notice', during: 'beep' });
  });
});
