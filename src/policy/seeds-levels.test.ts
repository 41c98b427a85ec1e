import { describe, expect, it } from 'vitest';
import { decide } from './decide.ts';
import {
  ALL_OFF,
  ALL_ON,
  askers,
  blurred,
  call,
  CALLS,
  COMPANY,
  company,
  CUSTOMER,
  withDevice,
  withUser,
} from './testing.ts';
import type { AccountSettings, CallFacts, EndpointSwitches, NumberSettings, QueueSettings, Verdict } from './types.ts';

type Row = [meaning: string, facts: CallFacts, changes: Partial<AccountSettings>, verdict: Verdict, asking?: string[]];

function prove(rows: readonly Row[]): void {
  it.each(rows)('%s', (_meaning, facts, changes, verdict, asking) => {
    const decision = decide(facts, company(changes));
    expect(decision.verdict).toBe(verdict);
    if (asking !== undefined) expect(askers(decision)).toEqual(asking);
  });
}

const desk = { device: 'SEP001795BDD16B' };
const atDesk = call(CUSTOMER, '1001', { callee: desk });
const atMobile = call(CUSTOMER, '1001', { callee: { device: '00-17-95-BD-D1-6C' } });
const atLobby = call(CUSTOMER, '1099', { callee: { device: '001795bdd1ff' } });

describe('D3 numbers (IvozProvider DDIs)', () => {
  const ddi = (record: NumberSettings['record']): Partial<AccountSettings> => ({
    numbers: [{ id: 'main-line', number: '+49 30 555100', record: record! }],
  });
  const dialled = { ...CALLS.in, dialled: '+4930555100' };
  const presented = { ...CALLS.out, presented: '030 555100' };
  prove([
    ['D3 disabled: nothing is recorded', dialled, ddi('off'), 'ignore'],
    ['D3 incoming: a call to the number', dialled, ddi('incoming'), 'record', ['number:main-line']],
    ['D3 incoming: not a call that presents it', presented, ddi('incoming'), 'ignore'],
    ['D3 outgoing: a call that presents it as outgoing DDI', presented, ddi('outgoing'), 'record'],
    ['D3 outgoing: not a call to it', dialled, ddi('outgoing'), 'ignore'],
    ['D3 all: a call to it', dialled, ddi('all'), 'record'],
    ['D3 all: a call that presents it', presented, ddi('all'), 'record'],
    ['D3 other numbers are not meant', { ...CALLS.in, dialled: '+4930555199' }, ddi('all'), 'ignore'],
    ['D3 the number as the party that was called', call(CUSTOMER, '+4930555100'), ddi('incoming'), 'record'],
    ['D3 the number as the party that calls', call('030555100', CUSTOMER), ddi('outgoing'), 'record'],
    [
      'D3 the number in international form without plus',
      { ...CALLS.in, dialled: '4930555100' },
      ddi('incoming'),
      'record',
    ],
    ['D3 the number with 00', { ...CALLS.in, dialled: '004930555100' }, ddi('incoming'), 'record'],
    [
      'D3 a caller who hides his number is external',
      { ...call('anonymous', '1001'), dialled: '+4930555100' },
      ddi('incoming'),
      'record',
    ],
    [
      'D3 a colleague who dials the number is not an external party',
      { ...CALLS.internal, dialled: '+4930555100' },
      ddi('all'),
      'ignore',
    ],
    ['D3 unknown direction: incoming does not guess', blurred(CUSTOMER, '+4930555100'), ddi('incoming'), 'ignore'],
    ['D3 unknown direction: all needs none', blurred(CUSTOMER, '+4930555100'), ddi('all'), 'record'],
    [
      'D3 a user who is off is still recorded by the number',
      dialled,
      { ...ddi('all'), ...withUser('alice', { endpoints: ALL_OFF }) },
      'record',
    ],
  ]);

  it('D3 it lasts as long as the external party, and cannot be stopped by a user', () => {
    const decision = decide(dialled, company({ ...ddi('incoming'), onDemand: { isOn: true } }));
    expect(decision.scope).toBe('external-party');
    expect(decision.controls.stopAutomatic.by).toBe('administrators');
  });

  it('D3 a pause is permitted all the same', () => {
    expect(decide(dialled, company(ddi('incoming'))).controls.pause).toEqual({ by: 'users', userIds: ['alice'] });
  });
});

describe('D4 account default, users and devices (KAZOO)', () => {
  const on: Partial<AccountSettings> = { endpoints: ALL_ON };
  const cells: [keyof EndpointSwitches, CallFacts][] = [
    ['inboundExternal', CALLS.in],
    ['outboundExternal', CALLS.out],
    ['inboundInternal', call('1099', '1001')],
    ['outboundInternal', call('1001', '1099')],
  ];
  const nearby = { internalPatterns: ['10..'] };
  for (const [cell, facts] of cells) {
    prove([
      [
        `D4 ${cell}: the account default turns it on`,
        facts,
        { ...nearby, endpoints: { [cell]: 'on' } },
        'record',
        ['endpoint:alice'],
      ],
      [
        `D4 ${cell}: no other cell turns it on`,
        facts,
        { ...nearby, endpoints: { ...ALL_ON, [cell]: 'off' } },
        'ignore',
      ],
      [
        `D4 ${cell}: the user says on`,
        facts,
        { ...nearby, ...withUser('alice', { endpoints: { [cell]: 'on' } }) },
        'record',
      ],
      [
        `D4 ${cell}: the user says off`,
        facts,
        { ...nearby, ...on, ...withUser('alice', { endpoints: { [cell]: 'off' } }) },
        'ignore',
      ],
      [`D4 ${cell}: the entire account`, facts, { ...nearby, entire: { [cell]: 'on' } }, 'record', ['account:acme']],
    ]);
  }
  prove([
    ['D4 by default a user inherits', CALLS.in, { ...on, ...withUser('alice', { endpoints: {} }) }, 'record'],
    [
      'D4 by default a device inherits from its user',
      atDesk,
      withUser('alice', { endpoints: ALL_ON }),
      'record',
      ['endpoint:alice-desk'],
    ],
    ['D4 a device without a user inherits from the account', atLobby, on, 'record', ['endpoint:lobby']],
    [
      'D4 device off, user on: not recorded',
      atDesk,
      { ...withUser('alice', { endpoints: ALL_ON }), ...withDevice('alice-desk', { endpoints: ALL_OFF }) },
      'ignore',
    ],
    [
      'D4 device on, user off: recorded',
      atDesk,
      { ...withUser('alice', { endpoints: ALL_OFF }), ...withDevice('alice-desk', { endpoints: ALL_ON }) },
      'record',
      ['endpoint:alice-desk'],
    ],
    ['D4 device on, account off', atLobby, withDevice('lobby', { endpoints: ALL_ON }), 'record'],
    ['D4 device off, account on', atLobby, { ...on, ...withDevice('lobby', { endpoints: ALL_OFF }) }, 'ignore'],
    [
      'D4 one device on, another device of the user: not recorded',
      atMobile,
      withDevice('alice-desk', { endpoints: ALL_ON }),
      'ignore',
    ],
    [
      'D4 user off, entire account on: recorded (FAQ)',
      CALLS.in,
      { entire: ALL_ON, ...withUser('alice', { endpoints: ALL_OFF }) },
      'record',
      ['account:acme'],
    ],
    [
      'D4 device off, entire account on: recorded (FAQ)',
      atDesk,
      { entire: ALL_ON, ...withDevice('alice-desk', { endpoints: ALL_OFF }) },
      'record',
      ['account:acme'],
    ],
    [
      'D4 user on, entire account off: recorded',
      CALLS.in,
      { entire: ALL_OFF, ...withUser('alice', { endpoints: ALL_ON }) },
      'record',
      ['endpoint:alice'],
    ],
    [
      'D4 user off silences his layer only: the other party’s is on',
      CALLS.internal,
      { ...withUser('bob', { endpoints: ALL_ON }, withUser('alice', { endpoints: ALL_OFF }).users) },
      'record',
      ['endpoint:bob'],
    ],
    [
      'D4 entire account: calls that ring at nobody known (ring groups, conferences, call flows)',
      call(CUSTOMER, '4711'),
      { entire: ALL_ON, internalPatterns: ['4...'] },
      'record',
    ],
    [
      'D4 account default: not for parties who are nobody’s',
      call(CUSTOMER, '4711'),
      { ...on, internalPatterns: ['4...'] },
      'ignore',
    ],
    [
      'D4 direction of the entire account is the account’s: an internal call is incoming too',
      CALLS.internal,
      { entire: { inboundInternal: 'on' } },
      'record',
    ],
    [
      'D4 direction of the entire account is the account’s: and outgoing too',
      CALLS.internal,
      { entire: { outboundInternal: 'on' } },
      'record',
    ],
    [
      'D4 direction of an endpoint is the endpoint’s: the caller’s inbound does not ask',
      CALLS.internal,
      withUser('alice', { endpoints: { inboundInternal: 'on' } }),
      'ignore',
    ],
    [
      'D4 direction of an endpoint is the endpoint’s: the called one’s does',
      CALLS.internal,
      withUser('bob', { endpoints: { inboundInternal: 'on' } }),
      'record',
      ['endpoint:bob'],
    ],
    [
      'D4 unknown direction, both cells on: recorded',
      blurred('1001', CUSTOMER),
      { endpoints: { inboundExternal: 'on', outboundExternal: 'on' } },
      'record',
    ],
    [
      'D4 unknown direction, the cells differ: no guess',
      blurred('1001', CUSTOMER),
      { endpoints: { inboundExternal: 'on' } },
      'ignore',
    ],
    [
      'D4 unknown direction, entire account differs: no guess',
      blurred('1001', CUSTOMER),
      { entire: { inboundExternal: 'on' } },
      'ignore',
    ],
    [
      'D4 a direction that the protocol tells is believed',
      { ...blurred('1001', CUSTOMER), direction: 'IN' },
      { endpoints: { inboundExternal: 'on' } },
      'record',
    ],
    ['D4 a user’s own setting: on', CALLS.in, withUser('alice', { own: ALL_ON }), 'record'],
    [
      'D4 a user’s own setting: off over the administrator’s on',
      CALLS.in,
      withUser('alice', { endpoints: ALL_ON, own: ALL_OFF }),
      'ignore',
    ],
    ['D4 the office phone', atDesk, withDevice('alice-desk', { own: ALL_ON }), 'record'],
    [
      'D4 but not the mobile',
      atMobile,
      { ...withUser('alice', { own: ALL_ON }), ...withDevice('alice-mobile', { own: ALL_OFF }) },
      'ignore',
    ],
    [
      'D4 own settings are not heeded where the account forbids them',
      CALLS.in,
      { usersMaySet: false, ...withUser('alice', { own: ALL_ON }) },
      'ignore',
    ],
    [
      'D4 own off is not heeded either',
      CALLS.in,
      { usersMaySet: false, ...on, ...withUser('alice', { own: ALL_OFF }) },
      'record',
    ],
    [
      'D4 own off does not silence the entire account',
      CALLS.in,
      { entire: ALL_ON, ...withUser('alice', { own: ALL_OFF }) },
      'record',
    ],
    [
      'D4 off at an endpoint does not silence a rule',
      CALLS.in,
      {
        ...withUser('alice', { endpoints: ALL_OFF }),
        rules: [{ id: 'r', description: 'R', isOn: true, mode: 'automatic', roleId: 'sellers' }],
      },
      'record',
      ['rule:r'],
    ],
  ]);

  it('D4 an internal call of two who are on is one recording with both named', () => {
    expect(askers(decide(CALLS.internal, company(on)))).toEqual(['endpoint:alice', 'endpoint:bob']);
  });

  it('D4 the words say where the value comes from', () => {
    const why = (facts: CallFacts, changes: Partial<AccountSettings>) =>
      decide(facts, company(changes)).layers.find((word) => word.layer === 'endpoint')?.why;
    expect(why(CALLS.in, on)).toBe(
      'Alice (1001): recording of incoming external calls is on, by the default of account Acme.',
    );
    expect(why(CALLS.in, withUser('alice', { endpoints: ALL_OFF }))).toContain('is off, as set for the user Alice');
    expect(why(atDesk, withDevice('alice-desk', { own: ALL_ON }))).toContain(
      'is on, as the user set it for the device Alice desk',
    );
  });
});

describe('D5 queues (KAZOO Call Center)', () => {
  const queue = (changes: Partial<QueueSettings>): Partial<AccountSettings> => ({
    queues: [{ ...COMPANY.queues![0]!, ...changes }],
  });
  const queued = { ...CALLS.in, queue: 'Support' };
  const toCarol = { ...call(CUSTOMER, '1003'), queue: 'support-queue' };
  prove([
    ['D5 a queue that records all its calls', queued, queue({ record: 'all' }), 'record', ['queue:support-queue']],
    ['D5 a queue that is off', queued, queue({ record: 'off' }), 'ignore'],
    ['D5 calls that came another way are not meant', CALLS.in, queue({ record: 'all' }), 'ignore'],
    ['D5 known by its number', { ...CALLS.in, dialled: '2000' }, queue({ record: 'all' }), 'record'],
    ['D5 known as a party before an agent answers', call(CUSTOMER, '2000'), queue({ record: 'all' }), 'record'],
    ['D5 chosen agents: one of them', queued, queue({ record: 'agents' }), 'record', ['queue:support-queue/alice']],
    [
      'D5 chosen agents: an agent who is not chosen',
      { ...call(CUSTOMER, '1002'), queue: 'Support' },
      queue({ record: 'agents' }),
      'ignore',
    ],
    ['D5 chosen agents: nobody of the queue', toCarol, queue({ record: 'agents' }), 'ignore'],
    ['D5 chosen agents: only in calls of the queue', CALLS.in, queue({ record: 'agents' }), 'ignore'],
    [
      'D5 an agent who is known by his agent id alone',
      { ...call(CUSTOMER, 'acd', { callee: { agent: 'Agent-7' } }), queue: 'Support' },
      queue({ record: 'agents' }),
      'record',
    ],
    [
      'D5 the queue wins over a user who is off',
      queued,
      { ...queue({ record: 'all' }), ...withUser('alice', { endpoints: ALL_OFF }) },
      'record',
    ],
    [
      'D5 the queue wins over an account that is off',
      queued,
      { ...queue({ record: 'all' }), entire: ALL_OFF, endpoints: ALL_OFF },
      'record',
    ],
    [
      'D5 the queue wins over a device that is off',
      { ...atDesk, queue: 'Support' },
      { ...queue({ record: 'all' }), ...withDevice('alice-desk', { endpoints: ALL_OFF }) },
      'record',
    ],
    [
      'D5 a queue that is off silences nobody else',
      queued,
      { ...queue({ record: 'off' }), endpoints: ALL_ON },
      'record',
      ['endpoint:alice'],
    ],
  ]);
});

describe('D6 flow steps (Fuse, KAZOO)', () => {
  const started: CallFacts = { ...CALLS.in, flow: { step: 'start', name: 'Payment' } };
  const stopped: CallFacts = { ...CALLS.in, flow: { step: 'stop', name: 'Payment' } };
  prove([
    ['D6 a start records', started, {}, 'record', ['flow:Payment']],
    ['D6 a stop ends what the flow began', stopped, {}, 'ignore'],
    ['D6 a stop does not end what others asked for', stopped, { entire: ALL_ON }, 'record', ['account:acme']],
    [
      'D6 a start is recorded for a call that rings at nobody',
      { ...call(CUSTOMER, '4711'), flow: { step: 'start' } },
      {},
      'record',
    ],
  ]);
});
