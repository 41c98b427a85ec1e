import type { Cell, Kind, NumberValue, Pilot, QueueValue } from '../directory/types.ts';
import type { Verdict } from '../api/types.ts';

/** What a decision comes to, as one or two words in lists. */
export const OUTCOMES: Readonly<Record<Verdict, string>> = {
  record: 'Recorded',
  offer: 'By hand only',
  ignore: 'Not recorded',
  forbid: 'Forbidden',
  hold: 'Held',
};

export const CELL_WORDS: Readonly<Record<Cell, string>> = {
  inboundInternal: 'incoming, internal',
  inboundExternal: 'incoming, external',
  outboundInternal: 'outgoing, internal',
  outboundExternal: 'outgoing, external',
};

interface KindWords {
  readonly one: string;
  readonly many: string;
}

export const KINDS: Readonly<Record<Kind, KindWords>> = {
  rules: { one: 'rule', many: 'rules' },
  numbers: { one: 'number', many: 'numbers' },
  queues: { one: 'queue', many: 'queues' },
  users: { one: 'user', many: 'users' },
  devices: { one: 'device', many: 'devices' },
  teams: { one: 'team', many: 'teams' },
  groups: { one: 'group', many: 'groups' },
  roles: { one: 'role', many: 'roles' },
};

export const NUMBER_RECORD: Readonly<Record<NonNullable<NumberValue['record']>, string>> = {
  off: 'Off',
  incoming: 'Incoming calls',
  outgoing: 'Outgoing calls',
  all: 'All calls',
};

export const QUEUE_RECORD: Readonly<Record<NonNullable<QueueValue['record']>, string>> = {
  off: 'Off',
  all: 'All calls',
  agents: 'Calls of chosen agents',
};

export const PILOT_WORDS: Readonly<Record<Pilot['kind'], string>> = {
  record: 'Record what is sent to it',
  'live-keep': 'Hold, and keep if asked',
  cti: 'Prefix of 10,000 numbers (CTI)',
  'user-id': 'Prefix before a user id',
  'partition-id': 'Prefix before a partition id',
};

const CONTROLS: Readonly<Record<string, string>> = {
  start: 'Start by hand',
  stop: 'Stop what was started by hand',
  stopAutomatic: 'Stop what is automatic',
  pause: 'Pause',
  resume: 'Go on after a pause',
  keep: 'Keep what is held',
};

export const controlWords = (control: string): string => CONTROLS[control] ?? control;
