import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import { ALL_ON, askers, blurred, call, CALLS, COMPANY, company, CUSTOMER, withUser } from './testing.ts';
import type {
  AccountSettings,
  CallFacts,
  Decided,
  FilterSettings,
  PolicySettings,
  UserSettings,
  Verdict,
} from './types.ts';

type Row = [meaning: string, facts: CallFacts, changes: Partial<AccountSettings>, verdict: Verdict, asking?: string[]];

function prove(rows: readonly Row[]): void {
  it.each(rows)('%s', (_meaning, facts, changes, verdict, asking) => {
    const decision = decide(facts, company(changes));
    expect(decision.verdict).toBe(verdict);
    if (asking !== undefined) expect(askers(decision)).toEqual(asking);
  });
}

const rule = (changes: object = {}): Partial<AccountSettings> => ({
  rules: [{ id: 'r', description: 'Record all', isOn: true, mode: 'automatic', ...changes }],
});

describe('D7 filters on automatic recording (Imagicle)', () => {
  const filtered = (filters: FilterSettings, changes: Partial<AccountSettings> = {}) => ({
    endpoints: ALL_ON,
    ...changes,
    filters,
  });
  const excluding = (...patterns: string[]) => filtered({ exclusions: patterns.map((pattern) => ({ pattern })) });
  prove([
    ['D7 incoming only: an incoming call', CALLS.in, filtered({ direction: 'in' }), 'record'],
    ['D7 incoming only: not an outgoing call', CALLS.out, filtered({ direction: 'in' }), 'ignore'],
    ['D7 outgoing only: an outgoing call', CALLS.out, filtered({ direction: 'out' }), 'record'],
    ['D7 both directions', CALLS.out, filtered({ direction: 'both' }), 'record'],
    [
      'D7 direction is the phone’s: of an internal call the called side is recorded',
      CALLS.internal,
      filtered({ direction: 'in' }),
      'record',
      ['endpoint:bob'],
    ],
    [
      'D7 external only: a help desk records calls from outside',
      CALLS.in,
      filtered({ direction: 'in', traffic: 'external' }),
      'record',
    ],
    [
      'D7 external only: not conversations with colleagues',
      CALLS.internal,
      filtered({ traffic: 'external' }),
      'ignore',
    ],
    ['D7 internal only: a known user is internal', CALLS.internal, filtered({ traffic: 'internal' }), 'record'],
    [
      'D7 internal only: a number that matches an internal pattern',
      call('4711', '1001'),
      filtered({ traffic: 'internal' }, { internalPatterns: ['4...'] }),
      'record',
    ],
    [
      'D7 internal only: a number that matches none',
      call('5711', '1001'),
      filtered({ traffic: 'internal' }, { internalPatterns: ['4...'] }),
      'ignore',
    ],
    [
      'D7 unknown direction: the filter does not guess, nothing is lost',
      blurred('1001', CUSTOMER),
      filtered({ direction: 'in' }),
      'record',
    ],
    ['D7 the filter holds for rules too', CALLS.out, { ...rule(), filters: { direction: 'in' } }, 'ignore'],
    [
      'D7 the filter holds for the entire account too',
      CALLS.out,
      { entire: ALL_ON, filters: { direction: 'in' } },
      'ignore',
    ],
    [
      'D7 the filter does not stop a flow step',
      { ...CALLS.out, flow: { step: 'start' } },
      { filters: { direction: 'in' } },
      'record',
    ],
    [
      'D7 the filter leaves recording by hand alone',
      CALLS.out,
      { ...filtered({ direction: 'in' }), onDemand: { isOn: true } },
      'offer',
    ],
    ['D7 exclusion: the voicemail pilot 7100', call('1001', '7100'), excluding('7100'), 'ignore'],
    ['D7 exclusion: other numbers are recorded', call('1001', '7101'), excluding('7100'), 'record'],
    ['D7 exclusion: 72. is exactly three digits', call('1001', '725'), excluding('72.'), 'ignore'],
    ['D7 exclusion: 72. is not four digits', call('1001', '7255'), excluding('72.'), 'record'],
    ['D7 exclusion: 8! is any number that begins with 8', call('1001', '81234567'), excluding('8!'), 'ignore'],
    ['D7 exclusion: from as well as to', call('7100', '1001'), excluding('7100'), 'ignore'],
    ['D7 exclusion: several, one per line', call('1001', '725'), excluding('7100', '72.', '8!'), 'ignore'],
    ['D7 exclusion: a VIP in any form of his number', call('03055577', '1001'), excluding('+49 30 55577'), 'ignore'],
    ['D7 exclusion: a colleague who must not be recorded', CALLS.internal, excluding('1002'), 'ignore'],
    ['D7 exclusion: one’s own number is not the remote party', CALLS.in, excluding('1001'), 'record'],
    [
      'D7 exclusion: an excluded number on an automatic rule',
      call('1001', '7100'),
      { ...rule(), filters: { exclusions: [{ pattern: '7100' }] } },
      'ignore',
    ],
    [
      'D7 exclusion: over a number of the account',
      { ...call('03055577', '1001'), dialled: '+4930555100' },
      {
        numbers: [{ id: 'n', number: '+4930555100', record: 'all' }],
        filters: { exclusions: [{ pattern: '03055577' }] },
      },
      'ignore',
    ],
    [
      'D7 exclusion: where nobody of ours is known, everybody is remote',
      call(CUSTOMER, '7100'),
      { entire: ALL_ON, filters: { exclusions: [{ pattern: '7100' }] } },
      'ignore',
    ],
    [
      'D7 exclusion: recording by hand is still offered',
      call('1001', '7100'),
      { ...excluding('7100'), onDemand: { isOn: true } },
      'offer',
    ],
    [
      'D7 exclusion: unless it says neither by hand',
      call('1001', '7100'),
      { filters: { exclusions: [{ pattern: '7100', manualToo: true }] }, onDemand: { isOn: true } },
      'ignore',
    ],
    [
      'D7 the recorder’s own pilot is always excluded',
      call('1001', '8500'),
      { endpoints: ALL_ON, pilots: [{ kind: 'record', number: '8500' }] },
      'ignore',
    ],
    [
      'D7 and so is the range of a CTI pilot',
      call('1001', '90001234'),
      { endpoints: ALL_ON, pilots: [{ kind: 'cti', number: '9000' }] },
      'ignore',
    ],
  ]);
});

describe('S8 pilots (Imagicle)', () => {
  const pilots: AccountSettings['pilots'] = [
    { kind: 'record', number: '8400' },
    { kind: 'live-keep', number: '8500' },
    { kind: 'cti', number: '9000' },
    { kind: 'user-id', number: '860' },
  ];
  const to = (pilot: string): CallFacts => ({ ...blurred('1001'), pilot });
  prove([
    ['S8 a call to the recorder’s pilot is recorded', to('8400'), { pilots }, 'record', ['pilot:8400']],
    ['S8 a number beside the pilot is none', to('84001'), { pilots }, 'ignore'],
    ['S8 live-keep: nothing is recorded unless asked', to('8500'), { pilots }, 'offer', []],
    ['S8 live-keep: a recording that somebody else asks for is recorded', to('8500'), { pilots, ...rule() }, 'record'],
    ['S8 live-keep needs the brand’s permission', to('8500'), { pilots, onDemand: { isAllowed: false } }, 'ignore'],
    ['S8 the CTI prefix names 10,000 numbers: the first', to('90000000'), { pilots }, 'record', ['pilot:90000000']],
    ['S8 the CTI prefix names 10,000 numbers: the last', to('90009999'), { pilots }, 'record'],
    ['S8 the CTI prefix names 10,000 numbers: no shorter ones', to('9000999'), { pilots }, 'ignore'],
    ['S8 the CTI prefix names 10,000 numbers: no longer ones', to('900099999'), { pilots }, 'ignore'],
    ['S8 a pilot that says who asks for nothing', to('86071'), { pilots }, 'ignore', []],
  ]);

  it('S8 direction of such recordings is DIALIN, of a fork that names a user it is the call’s own', () => {
    const direction = (facts: CallFacts) => decide(facts, company({ pilots })).direction;
    expect(['8400', '8500', '90001234'].map((pilot) => direction(to(pilot)))).toEqual(Array(3).fill('DIALIN'));
    expect(direction({ ...CALLS.in, pilot: '86071' })).toBe('IN');
    expect(direction({ ...to('8400'), direction: 'IN' })).toBe('IN');
  });

  it('S8 live-keep holds all, for as long as set, and users in the call may keep it', () => {
    const decision = decide(to('8500'), company({ pilots, liveKeepMinutes: 15 }));
    expect(decision.liveKeepMinutes).toBe(15);
    expect(decision.controls.keep).toEqual({ by: 'users', userIds: ['alice'] });
  });

  it('S8 live-keep by a manual rule', () => {
    const settings = company({ ...rule({ mode: 'manual', liveKeep: true }), onDemand: { isOn: true, who: 'rules' } });
    expect(decide(CALLS.in, settings)).toMatchObject({ verdict: 'offer', liveKeepMinutes: 60 });
  });
});

describe('D8 who is it (Imagicle)', () => {
  const alice = (facts: CallFacts, changes: Partial<AccountSettings> = {}): Decided['parties'][number] | undefined =>
    decide(facts, company(changes)).parties.find((party) => party.userId === 'alice');
  const overlap: UserSettings[] = [
    ...COMPANY.users!,
    { id: 'dora', name: 'Dora', extensions: ['1001'], numericUserId: '81', numericPartitionId: '5' },
  ];
  const users = withUser('alice', { numericPartitionId: '4' }, overlap);
  const pilots: AccountSettings['pilots'] = [
    { kind: 'user-id', number: '860' },
    { kind: 'partition-id', number: '870' },
  ];

  it.each([
    ['extension', call(CUSTOMER, '1001'), 'extension'],
    ['number alias in international form', call(CUSTOMER, '+4930555001'), 'alias'],
    ['number alias in national form', call(CUSTOMER, '030 555001'), 'alias'],
    ['number alias without plus', call(CUSTOMER, '4930555001'), 'alias'],
    [
      'PBX user name in the address',
      call(CUSTOMER, 'x', { callee: { aor: 'sip:Alice@Example.com;user=phone' } }),
      'pbx-user',
    ],
    ['PBX user name told apart', call(CUSTOMER, 'x', { callee: { user: 'ALICE@example.com' } }), 'pbx-user'],
    ['device by MAC', call(CUSTOMER, 'x', { callee: { device: 'SEP001795BDD16B' } }), 'device'],
    ['agent', call(CUSTOMER, 'x', { callee: { agent: 'AGENT-7' } }), 'agent'],
  ])('D8 by %s', (_way, facts, by) => {
    expect(alice(facts)).toMatchObject({ userId: 'alice', by, side: 'internal' });
  });

  it.each([
    ['numeric user id: the one', '86071', 'alice', 'numeric-user-id'],
    ['numeric user id: the other', '86081', 'dora', 'numeric-user-id'],
    ['numeric partition id: the one', '8704', 'alice', 'partition-id'],
    ['numeric partition id: the other', '8705', 'dora', 'partition-id'],
  ])('D8 overlapping extensions told apart by %s', (_way, pilot, userId, by) => {
    const decision = decide({ ...CALLS.in, pilot }, company({ ...users, pilots }));
    expect(decision.parties[1]).toMatchObject({ userId, by });
  });

  it('D8 overlapping extensions that nothing tells apart: all are named, none is taken', () => {
    const decision = decide(CALLS.in, company(users));
    expect(decision.parties[1]).toMatchObject({ side: 'internal', candidates: ['alice', 'dora'] });
    expect(decision.parties[1]?.userId).toBeUndefined();
    expect(decision.layers[0]?.why).toContain('may be Alice or Dora');
  });

  it('D8 an overlapping extension is told by its device', () => {
    expect(alice(call(CUSTOMER, '1001', { callee: { device: '001795bdd16b' } }), users)).toBeDefined();
  });

  it('D8 sides: users internal, strangers and hidden numbers external, nothing told unknown', () => {
    const sides = (facts: CallFacts) => decide(facts, company()).parties.map((party) => party.side);
    expect(sides(call('anonymous', '1001'))).toEqual(['external', 'internal']);
    expect(sides(call('', '1001'))).toEqual(['unknown', 'internal']);
    expect(sides(call(CUSTOMER, '+4930555100'))).toEqual(['external', 'internal']);
  });

  it.each([
    ['the external caller', CALLS.in, 'IN'],
    ['the external callee', CALLS.out, 'OUT'],
    ['two of ours', CALLS.internal, 'INTERNAL'],
    ['parts that are not told', blurred('1001', CUSTOMER), 'UNKNOWN'],
    ['the number that was dialled', { ...blurred('1001', CUSTOMER), dialled: '+4930555100' }, 'IN'],
    ['the number that was presented', { ...blurred('1001', CUSTOMER), presented: '+4930555100' }, 'OUT'],
    ['the protocol’s word', { ...blurred('1001', CUSTOMER), direction: 'OUT' as const }, 'OUT'],
    ['the protocol’s word on a call between colleagues', { ...CALLS.internal, direction: 'IN' as const }, 'INTERNAL'],
  ])('F0 direction by %s', (_what, facts, direction) => {
    expect(decide(facts, company()).direction).toBe(direction);
  });

  it('D8 it belongs to the user, with the group of this moment', () => {
    expect(decide(CALLS.in, company(rule())).owner).toEqual({ kind: 'user', userId: 'alice', groupId: 'sales' });
    expect(decide(CALLS.internal, company(rule())).owner).toMatchObject({ userId: 'alice' });
  });

  it('D8 it belongs to the user whose setting asked', () => {
    expect(decide(CALLS.internal, company(withUser('bob', { endpoints: ALL_ON }))).owner).toMatchObject({
      userId: 'bob',
    });
  });

  const stranger = call(CUSTOMER, '4711');
  it.each([
    ['nothing is set: it is listed as unassigned', {}, 'record', { kind: 'unassigned' }],
    [
      'a catch-all user',
      { unassigned: { to: 'catch-all', userId: 'catch' } },
      'record',
      { kind: 'catch-all', userId: 'catch', groupId: null },
    ],
    [
      'a catch-all user who is gone: it is not lost',
      { unassigned: { to: 'catch-all', userId: 'gone' } },
      'record',
      { kind: 'unassigned' },
    ],
    ['discard, as set', { unassigned: { to: 'discard' } }, 'ignore', { kind: 'discard' }],
  ] as const)('D8 fits nobody; %s', (_what, changes, verdict, owner) => {
    expect(decide(stranger, company({ ...rule(), ...changes }))).toMatchObject({ verdict, owner });
  });
});

describe('D8, D9 which account', () => {
  const other: AccountSettings = {
    id: 'beta',
    name: 'Beta',
    rules: [{ id: 'all', description: 'Record all calls', isOn: true, mode: 'automatic' }],
    country: 'DE',
    tenants: ['T-2'],
    users: [{ id: 'b1', name: 'Berta', extensions: ['1001'], aliases: ['+4940777001'] }],
    numbers: [{ id: 'n', number: '+4940777000' }],
    pilots: [{ kind: 'user-id', number: '860' }],
  };
  const two = (more: Partial<PolicySettings> = {}): PolicySettings => ({
    version: 3,
    accounts: [{ ...COMPANY, tenants: ['T-1'] }, other],
    ...more,
  });

  it.each([
    ['trunk', CALLS.in, { trunks: [{ name: 'sbc', accountIds: ['beta'] }] }, 'beta'],
    ['tenant of the metadata', { ...CALLS.in, tenants: ['t-2'] }, {}, 'beta'],
    ['number that was dialled', { ...CALLS.in, dialled: '040 777000' }, {}, 'beta'],
    ['number that is presented', { ...CALLS.out, presented: '+4940777000' }, {}, 'beta'],
    ['alias of a user', call(CUSTOMER, '+4930555001'), {}, 'acme'],
    ['PBX user name', call(CUSTOMER, 'x', { callee: { user: 'alice@example.com' } }), {}, 'acme'],
    ['device', call(CUSTOMER, '1001', { callee: { device: '001795BDD16B' } }), {}, 'acme'],
    ['extension that only one has', call(CUSTOMER, '1003'), {}, 'acme'],
    [
      'trunk before number',
      { ...CALLS.in, dialled: '+4940777000' },
      { trunks: [{ name: 'sbc', accountIds: ['acme'] }] },
      'acme',
    ],
    [
      'number within the trunk’s accounts',
      { ...CALLS.in, dialled: '+4940777000' },
      { trunks: [{ name: 'sbc', accountIds: ['acme', 'beta'] }] },
      'beta',
    ],
    [
      'number called, though the caller is a number of another account',
      { ...call('+4940777000', '+4930555001'), direction: 'IN' as const },
      {},
      'acme',
    ],
    ['default account', CALLS.in, { defaultAccountId: 'beta' }, 'beta'],
  ])('by %s', (_what, facts, more, accountId) => {
    expect(decide(facts, two(more)).accountId).toBe(accountId);
  });

  it('the same extension in two accounts, and nothing else: it is said, and the call is held', () => {
    const decision = decide(CALLS.in, two());
    expect(decision).toMatchObject({ verdict: 'hold', accountId: '' });
    expect(decision.layers[0]?.why).toBe('The call may belong to Acme or Beta; nothing tells them apart.');
  });

  it('it is thrown away only because an administrator said so', () => {
    expect(decide(CALLS.in, two({ unknownAccount: 'discard' }))).toMatchObject({
      verdict: 'ignore',
      owner: { kind: 'discard' },
    });
  });

  it('a deny holds for it too', () => {
    expect(decide({ ...CALLS.in, override: 'deny' }, two()).verdict).toBe('forbid');
  });

  it('nothing of another account is in a decision', () => {
    const decision = decide({ ...CALLS.in, tenants: ['T-1'] }, two());
    expect(decision.verdict).toBe('ignore');
    expect(JSON.stringify(decision)).not.toMatch(/Beta|Berta|b1/);
  });
});
