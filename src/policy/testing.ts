import type { AccountSettings, CallFacts, Decided, EndpointSwitches, PartyFacts, PolicySettings } from './types.ts';

/** A company with two users, their devices, a queue and a number, for the tests: nothing is recorded until a test says so. */
export const COMPANY: AccountSettings = {
  id: 'acme',
  name: 'Acme',
  country: 'DE',
  users: [
    {
      id: 'alice',
      name: 'Alice',
      extensions: ['1001'],
      aliases: ['+4930555001'],
      pbxUserName: 'alice@example.com',
      numericUserId: '71',
      agentId: 'agent-7',
      groupId: 'sales',
    },
    { id: 'bob', name: 'Bob', extensions: ['1002'], aliases: ['+4930555002'], numericUserId: '72' },
    { id: 'carol', name: 'Carol', extensions: ['1003'], groupId: 'support' },
    { id: 'catch', name: 'Catch-all' },
  ],
  devices: [
    { id: 'alice-desk', name: 'Alice desk', mac: '00:17:95:bd:d1:6b', userId: 'alice' },
    { id: 'alice-mobile', name: 'Alice mobile', mac: '001795BDD16C', userId: 'alice' },
    { id: 'lobby', name: 'Lobby phone', mac: 'SEP001795BDD1FF' },
  ],
  numbers: [{ id: 'main-line', number: '+49 30 555100' }],
  queues: [
    {
      id: 'support-queue',
      name: 'Support',
      numbers: ['2000'],
      agents: [{ userId: 'alice', record: true }, { userId: 'bob' }],
    },
  ],
  teams: [{ id: 'team-sales', name: 'Sales team', userIds: ['alice'] }],
  groups: [
    { id: 'sales', name: 'Sales' },
    { id: 'support', name: 'Support' },
  ],
  roles: [
    { id: 'sellers', name: 'Sellers', teamIds: ['team-sales'] },
    { id: 'bobs', name: 'Bobs', userIds: ['bob'] },
  ],
  filters: {},
  onDemand: { isAllowed: true, isOn: false },
};

export const CUSTOMER = '+493055577';

const party = (number: string, role?: PartyFacts['role'], more: Partial<PartyFacts> = {}): PartyFacts => ({
  id: number === '' ? 'nobody' : number,
  ...(number === '' ? {} : { number }),
  ...(role === undefined ? {} : { role }),
  ...more,
});

/** A call from one number to another; `more` overrides facts, its `caller` and `callee` add to the parties. */
export function call(
  caller: string,
  callee: string,
  more: Partial<CallFacts> & { caller?: Partial<PartyFacts>; callee?: Partial<PartyFacts> } = {},
): CallFacts {
  const { caller: callerFacts, callee: calleeFacts, ...facts } = more;
  return {
    trunk: 'sbc',
    parties: [party(caller, 'caller', callerFacts), party(callee, 'callee', calleeFacts)],
    direction: 'UNKNOWN',
    vendorIds: {},
    ...facts,
  };
}

/** A call in which the parts of the parties are not told. */
export function blurred(...numbers: readonly string[]): CallFacts {
  return { trunk: 'sbc', parties: numbers.map((number) => party(number)), direction: 'UNKNOWN', vendorIds: {} };
}

export const CALLS = {
  /** Customer to Alice. */
  in: call(CUSTOMER, '1001'),
  /** Alice to customer. */
  out: call('1001', CUSTOMER),
  /** Alice to Bob. */
  internal: call('1001', '1002'),
};

/** The company with some things changed. */
export function company(changes: Partial<AccountSettings> = {}): PolicySettings {
  return { version: 7, accounts: [{ ...COMPANY, ...changes }] };
}

/** The company with fields of one user changed. */
export function withUser(
  id: string,
  changes: object,
  users: AccountSettings['users'] = COMPANY.users,
): Partial<AccountSettings> {
  return { users: (users ?? []).map((user) => (user.id === id ? { ...user, ...changes } : user)) };
}

export function withDevice(id: string, changes: object): Partial<AccountSettings> {
  return { devices: COMPANY.devices!.map((device) => (device.id === id ? { ...device, ...changes } : device)) };
}

export const ALL_ON: EndpointSwitches = {
  inboundInternal: 'on',
  inboundExternal: 'on',
  outboundInternal: 'on',
  outboundExternal: 'on',
};
export const ALL_OFF: EndpointSwitches = {
  inboundInternal: 'off',
  inboundExternal: 'off',
  outboundInternal: 'off',
  outboundExternal: 'off',
};

/** Layers and ids of those whose asking has effect. */
export const askers = (decision: Decided): string[] =>
  decision.asks.filter((ask) => ask.silencedBy === undefined).map((ask) => `${ask.layer}:${ask.id}`);
