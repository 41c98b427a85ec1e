import { Type, type TSchema } from 'typebox';
import { component, named } from '../../schema.ts';
import {
  closed,
  entryOf,
  entryPageOf,
  Handling,
  Label,
  Line,
  Numbers,
  Reference,
  References,
  Switches,
} from './shapes.ts';

/** The values of the eight kinds of an account; the shapes of src/policy/settings.ts, with what people's data need besides. */

const handling = Type.Optional(named(Handling));
const switches = Type.Optional(named(Switches));

const UserValue = component(
  'UserValue',
  closed({
    firstName: Line,
    lastName: Line,
    userName: Type.Optional(Line),
    department: Type.Optional(Line),
    language: Type.Optional(Type.String({ maxLength: 35, description: 'BCP 47, e.g. de or en-GB.' })),
    pbxUserName: Type.Optional(Line),
    extensions: Type.Optional(Numbers),
    aliases: Type.Optional(Numbers),
    numericUserId: Type.Optional(Type.String({ pattern: '^\\d{0,32}$' })),
    numericPartitionId: Type.Optional(Type.String({ pattern: '^\\d{0,32}$' })),
    agentId: Type.Optional(Line),
    groupId: Type.Optional(Reference),
    additionalGroupIds: Type.Optional(Type.Array(Reference, { maxItems: 1000 })),
    mail: Type.Optional(
      closed({
        address: Type.Optional(Type.String({ maxLength: 254 })),
        notify: Type.Optional(Type.Boolean({ description: 'Send a mail when a recording is ready.' })),
        attach: Type.Optional(Type.Boolean({ description: 'With the audio.' })),
      }),
    ),
    endpoints: switches,
    own: switches,
    handling,
  }),
);

const DeviceValue = component(
  'DeviceValue',
  closed({
    name: Label,
    mac: Type.Optional(
      Type.String({ maxLength: 40, description: '12 hexadecimal digits; separators and SEP may stand in it.' }),
    ),
    aliases: Type.Optional(Numbers),
    userId: Type.Optional(Reference),
    endpoints: switches,
    own: switches,
    handling,
  }),
);

const NumberValue = component(
  'NumberValue',
  closed({
    number: Type.String({ minLength: 1, maxLength: 64 }),
    name: Type.Optional(Line),
    record: Type.Optional(Type.Enum(['off', 'incoming', 'outgoing', 'all'])),
    handling,
  }),
);

const QueueValue = component(
  'QueueValue',
  closed({
    name: Label,
    numbers: Type.Optional(Numbers),
    record: Type.Optional(Type.Enum(['off', 'all', 'agents'])),
    agents: Type.Optional(
      Type.Array(closed({ userId: Reference, record: Type.Optional(Type.Boolean()) }), { maxItems: 10_000 }),
    ),
    handling,
  }),
);

const TeamValue = component('TeamValue', closed({ name: Label, userIds: References }));
const GroupValue = component('GroupValue', closed({ name: Label, handling }));
const RoleValue = component(
  'RoleValue',
  closed({ name: Label, userIds: Type.Optional(References), teamIds: Type.Optional(References) }),
);

const RuleValue = component(
  'RuleValue',
  closed({
    description: Label,
    isOn: Type.Boolean(),
    mode: Type.Enum(['automatic', 'manual']),
    roleId: Type.Optional(Reference),
    direction: Type.Optional(Type.Enum(['in', 'out', 'both'])),
    origin: Type.Optional(Type.Enum(['internal', 'external', 'both'])),
    scope: Type.Optional(Type.Enum(['call', 'external-party', 'endpoint'])),
    liveKeep: Type.Optional(Type.Boolean()),
    handling,
  }),
);

/** The four components of a kind: value, entry, page, change. */
function kind<T extends TSchema & { $id: string }>(word: string, value: T) {
  const entry = entryOf(`${word}Entry`, value);
  return { value, entry, page: entryPageOf(`${word}Page`, entry) };
}

/** By the kind's word in paths. */
export const KIND_SCHEMAS = {
  users: kind('User', UserValue),
  devices: kind('Device', DeviceValue),
  numbers: kind('Number', NumberValue),
  queues: kind('Queue', QueueValue),
  teams: kind('Team', TeamValue),
  groups: kind('Group', GroupValue),
  roles: kind('Role', RoleValue),
  rules: kind('Rule', RuleValue),
} as const;

export const valueComponents: (TSchema & { $id: string })[] = Object.values(KIND_SCHEMAS).flatMap(
  ({ value, entry, page }) => [value, entry, page],
);
