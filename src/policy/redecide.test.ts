import { describe, expect, it } from 'vitest';
import { decide, redecide } from './decide.ts';
import { ALL_ON, ALL_OFF, askers, call, CALLS, company, CUSTOMER, withUser } from './testing.ts';
import type { AccountSettings, CallFacts, Decided } from './types.ts';

/** The decision after each of these moments of one call. */
function through(changes: Partial<AccountSettings>, ...moments: CallFacts[]): Decided[] {
  const settings = company(changes);
  const decisions: Decided[] = [];
  for (const facts of moments) {
    const last = decisions.at(-1);
    decisions.push(last === undefined ? decide(facts, settings) : redecide(last, facts, settings));
  }
  return decisions;
}
const verdicts = (decisions: Decided[]): string[] => decisions.map((one) => one.verdict);

const toAlice = CALLS.in;
const toBob = call(CUSTOMER, '1002');
const toOutside = call(CUSTOMER, '+4989123456');
const aliceAndOther = call('+4989123456', '1001');

describe('D11 transfers are decided again under the scope of who asked', () => {
  const aliceOn = withUser('alice', { endpoints: ALL_ON });
  const ddi: Partial<AccountSettings> = { numbers: [{ id: 'main-line', number: '+4930555100', record: 'incoming' }] };
  const rule = (changes: object): Partial<AccountSettings> => ({
    rules: [{ id: 'r', description: 'Rule', isOn: true, mode: 'automatic', ...changes }],
  });

  it.each([
    ['endpoint: from a recorded to an unrecorded user, it stops', aliceOn, [toAlice, toBob], ['record', 'ignore']],
    [
      'endpoint: back to the recorded user, it goes on',
      aliceOn,
      [toAlice, toBob, toAlice],
      ['record', 'ignore', 'record'],
    ],
    ['endpoint: from an unrecorded to a recorded user, it starts', aliceOn, [toBob, toAlice], ['ignore', 'record']],
    [
      'endpoint: between recorded users it does not stop, though the colleague passed it on (KAZOO’s limit)',
      { endpoints: { inboundExternal: 'on' } } as const,
      [toAlice, toBob],
      ['record', 'record'],
    ],
    [
      'call: the entire account goes on whoever is there',
      { entire: { inboundExternal: 'on' } } as const,
      [toAlice, toBob, toOutside],
      ['record', 'record', 'record'],
    ],
    [
      'call: a queue goes on after a transfer out of it',
      { queues: [{ id: 'q', name: 'Q', record: 'all' }] } as const,
      [{ ...toAlice, queue: 'q' }, toBob],
      ['record', 'record'],
    ],
    [
      'call: a rule for everybody goes on',
      rule({ direction: 'in', origin: 'external' }),
      [toAlice, CALLS.internal],
      ['record', 'record'],
    ],
    [
      'endpoint: a rule for a role ends with its member',
      rule({ roleId: 'sellers' }),
      [toAlice, toBob],
      ['record', 'ignore'],
    ],
    [
      'call: a rule for a role that says the whole call',
      rule({ roleId: 'sellers', scope: 'call' }),
      [toAlice, toBob],
      ['record', 'record'],
    ],
    [
      'external party: a number’s recording goes on through transfers between users (IvozProvider)',
      ddi,
      [{ ...toAlice, dialled: '+4930555100' }, toBob],
      ['record', 'record'],
    ],
    [
      'external party: it ends when the external party has left',
      ddi,
      [{ ...toAlice, dialled: '+4930555100' }, CALLS.internal],
      ['record', 'ignore'],
    ],
    [
      'external party: another external party does not take its place',
      ddi,
      [
        { ...toAlice, dialled: '+4930555100' },
        { ...aliceAndOther, dialled: '+4930555100' },
      ],
      ['record', 'ignore'],
    ],
    [
      'external party: it comes back, so does the recording',
      ddi,
      [{ ...toAlice, dialled: '+4930555100' }, CALLS.internal, toBob],
      ['record', 'ignore', 'record'],
    ],
    [
      'external party: it is transferred to another external one and stays',
      ddi,
      [{ ...toAlice, dialled: '+4930555100' }, toOutside],
      ['record', 'record'],
    ],
    [
      'external party: a rule with this scope',
      rule({ roleId: 'sellers', scope: 'external-party' }),
      [toAlice, toBob, CALLS.internal],
      ['record', 'record', 'ignore'],
    ],
    [
      'nobody is named for a moment: nothing stops by accident',
      aliceOn,
      [toAlice, { ...toAlice, parties: [] }, toAlice],
      ['record', 'record', 'record'],
    ],
    [
      'an excluded party comes in: it stops; leaves: it goes on',
      { entire: ALL_ON, filters: { exclusions: [{ pattern: '7100' }] } } as const,
      [toAlice, call(CUSTOMER, '7100'), toBob],
      ['record', 'ignore', 'record'],
    ],
    [
      'a flow step starts and stops',
      {},
      [
        toAlice,
        { ...toAlice, flow: { step: 'start' } as const },
        toAlice,
        { ...toAlice, flow: { step: 'stop' } as const },
      ],
      ['ignore', 'record', 'record', 'ignore'],
    ],
  ])('%s', (_meaning, changes, moments, expected) => {
    expect(verdicts(through(changes, ...moments))).toEqual(expected);
  });

  it('one layer ends, another goes on: one recording, whose asker changes', () => {
    const [first, second] = through({ ...aliceOn, ...ddi }, { ...toAlice, dialled: '+4930555100' }, toBob);
    expect(askers(first!)).toEqual(['endpoint:alice', 'number:main-line']);
    expect(askers(second!)).toEqual(['number:main-line']);
    expect([first!.scope, second!.scope]).toEqual(['external-party', 'external-party']);
  });

  it('what ended says why', () => {
    const [, second] = through(aliceOn, toAlice, toBob);
    expect(second!.layers.find((word) => word.layer === 'transfer')?.why).toContain(
      'Alice asked while its user was in the call',
    );
  });

  it('the recording stays with its first user; the call keeps account and direction', () => {
    const decisions = through({ entire: ALL_ON }, toAlice, toBob);
    for (const { owner } of decisions) expect(owner).toEqual({ kind: 'user', userId: 'alice', groupId: 'sales' });
    expect(through({}, toAlice, CALLS.internal).map((one) => one.direction)).toEqual(['IN', 'IN']);
    expect(through({}, CALLS.internal, CALLS.out).map((one) => one.direction)).toEqual(['INTERNAL', 'OUT']);
  });
});

describe('D2 the override through a call', () => {
  const denied: CallFacts = { ...toAlice, override: 'deny' };
  it('is inherited by later legs and transfers', () => {
    expect(verdicts(through({}, { ...toAlice, override: 'force' }, toBob, CALLS.internal))).toEqual(
      Array(3).fill('record'),
    );
    expect(verdicts(through({ entire: ALL_ON }, { ...toAlice, override: 'manual' }, toBob))).toEqual([
      'offer',
      'offer',
    ]);
  });

  it('deny in mid-call ends it and destroys what was captured', () => {
    const decisions = through({ entire: ALL_ON }, toAlice, denied, toBob);
    expect(verdicts(decisions)).toEqual(['record', 'forbid', 'forbid']);
    expect(decisions.map((one) => one.destroy)).toEqual([false, true, true]);
  });

  it('deny holds, whatever a later leg says', () => {
    expect(verdicts(through({}, denied, { ...toBob, override: 'force' }, { ...toBob, override: 'auto' }))).toEqual(
      Array(3).fill('forbid'),
    );
  });

  it('deny from the beginning destroys nothing', () => {
    expect(through({}, denied, toBob).map((one) => one.destroy)).toEqual([false, false]);
  });

  it('auto of a later leg takes an inherited force back', () => {
    expect(verdicts(through({}, { ...toAlice, override: 'force' }, { ...toBob, override: 'auto' }))).toEqual([
      'record',
      'ignore',
    ]);
  });
});

it('a change of settings between two decisions holds for what is decided anew', () => {
  const first = decide(CALLS.in, company(withUser('alice', { endpoints: ALL_ON })));
  const users = withUser('alice', { endpoints: ALL_OFF });
  expect(redecide(first, CALLS.in, company(users)).verdict).toBe('ignore');
});
