import { patternFault } from './pattern.ts';
import {
  choice,
  flag,
  listOf,
  name,
  oneOf,
  optional,
  orNull,
  shape,
  text,
  whole,
  type Check,
  type Fault,
} from './shape.ts';
import type { PolicySettings } from './types.ts';

const pattern: Check = (value, at) => {
  if (typeof value !== 'string') return `${at} must be a pattern`;
  const fault = patternFault(value);
  return fault === null ? null : `${at} "${value}" ${fault}`;
};
/** Of the time before rules: who decided by such a snapshot without reading it would record nothing. */
const obsolete: Check = (value, at) => (value === undefined ? null : `${at} is of an older form`);
const texts = listOf(text);
const names = listOf(name);
const onOff = optional(choice('on', 'off'));
const switches = optional(
  shape({ inboundInternal: onOff, inboundExternal: onOff, outboundInternal: onOff, outboundExternal: onOff }),
);
const retention = oneOf(
  '"forever" or an amount with a unit (hours, days, months, years)',
  choice('forever'),
  shape({ amount: whole(1), unit: choice('hours', 'days', 'months', 'years') }),
);
const handling = optional(
  shape({
    longestSeconds: optional(orNull(whole(1))),
    format: optional(name),
    storeId: optional(name),
    retention: optional(retention),
    deliveries: optional(names),
    announcement: optional(shape({ before: optional(name), during: optional(name) })),
  }),
);
const named = { id: name, name: text };
const user = shape({
  ...named,
  pbxUserName: optional(text),
  extensions: optional(texts),
  aliases: optional(texts),
  numericUserId: optional(text),
  numericPartitionId: optional(text),
  agentId: optional(text),
  groupId: optional(name),
  endpoints: switches,
  own: switches,
  handling,
});
const device = shape({
  ...named,
  mac: optional(text),
  aliases: optional(texts),
  userId: optional(name),
  endpoints: switches,
  own: switches,
  handling,
});
const number = shape({
  id: name,
  number: name,
  name: optional(text),
  record: optional(choice('off', 'incoming', 'outgoing', 'all')),
  handling,
});
const queue = shape({
  ...named,
  numbers: optional(texts),
  record: optional(choice('off', 'all', 'agents')),
  agents: optional(listOf(shape({ userId: name, record: optional(flag) }))),
  handling,
});
const rule = shape({
  id: name,
  description: text,
  isOn: flag,
  mode: choice('automatic', 'manual'),
  roleId: optional(name),
  direction: optional(choice('in', 'out', 'both')),
  origin: optional(choice('internal', 'external', 'both')),
  scope: optional(choice('call', 'external-party', 'endpoint')),
  liveKeep: optional(flag),
  handling,
});
const filters = shape({
  direction: optional(choice('in', 'out', 'both')),
  traffic: optional(choice('internal', 'external', 'both')),
  exclusions: optional(listOf(shape({ pattern, note: optional(text), manualToo: optional(flag) }))),
});
const pilots = optional(
  listOf(shape({ kind: choice('record', 'live-keep', 'cti', 'user-id', 'partition-id'), number: name })),
);
const onDemand = shape({
  isAllowed: optional(flag),
  isOn: optional(flag),
  who: optional(choice('everybody', 'rules')),
  code: optional(text),
  otherCodes: optional(texts),
  liveKeep: optional(flag),
});
const unassigned = oneOf(
  'list, discard, or a catch-all user',
  shape({ to: choice('list', 'discard') }),
  shape({ to: choice('catch-all'), userId: name }),
);
const account = shape({
  ...named,
  recordAll: obsolete,
  brandId: optional(name),
  country: optional(text),
  tenants: optional(texts),
  users: optional(listOf(user)),
  devices: optional(listOf(device)),
  numbers: optional(listOf(number)),
  queues: optional(listOf(queue)),
  teams: optional(listOf(shape({ ...named, userIds: names }))),
  groups: optional(listOf(shape({ ...named, handling }))),
  roles: optional(listOf(shape({ ...named, userIds: optional(names), teamIds: optional(names) }))),
  rules: optional(listOf(rule)),
  endpoints: switches,
  entire: switches,
  usersMaySet: optional(flag),
  filters: optional(filters),
  internalPatterns: optional(listOf(pattern)),
  pilots,
  onDemand: optional(onDemand),
  pause: optional(
    shape({
      mode: optional(choice('cut', 'silence')),
      who: optional(choice('parties', 'administrators')),
      resumeAfterSeconds: optional(whole(1)),
    }),
  ),
  unassigned: optional(unassigned),
  liveKeepMinutes: optional(whole(0)),
  notRecordedDays: optional(whole(1)),
  keepDigits: optional(flag),
  handling,
});
const settings = shape({
  version: whole(0),
  accounts: listOf(account),
  brands: optional(listOf(shape(named))),
  trunks: optional(listOf(shape({ name, accountIds: names }))),
  pilots,
  defaultAccountId: optional(name),
  unknownAccount: optional(choice('hold', 'discard')),
});

/**
 * What is wrong with a foreign value as a snapshot, naming the place, as a clause; null = it can be compiled and decided by. Who meets a
 * fault keeps the last good snapshot in force.
 */
export function snapshotFault(value: unknown): Fault {
  return settings(value, '') ?? doubled(value as PolicySettings);
}

/** Ids are looked up, so there must be one of each. */
function doubled({ accounts }: PolicySettings): Fault {
  const twice = repeated(accounts.map(({ id }) => id));
  if (twice !== null) return `accounts: two have the id ${twice}`;
  for (const [index, { users = [], devices = [], rules = [], roles = [] }] of accounts.entries()) {
    for (const [key, list] of Object.entries({ users, devices, rules, roles })) {
      const id = repeated(list.map((one) => one.id));
      if (id !== null) return `accounts[${index}].${key}: two have the id ${id}`;
    }
  }
  return null;
}

function repeated(ids: readonly string[]): string | null {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) return id;
    seen.add(id);
  }
  return null;
}
