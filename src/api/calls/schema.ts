import { Type, type Static } from 'typebox';
import { component, named, nullable, Time } from '../schema.ts';
import { Direction } from '../recordings/schema.ts';

const LiveStream = component(
  'LiveStream',
  Type.Object({
    stream: Type.Integer(),
    label: Type.String(),
    speakers: Type.Array(Type.String(), { description: 'Ids of parties of this call.' }),
    codec: Type.String(),
    state: Type.Enum(['active', 'held', 'removed']),
    packets: Type.Integer(),
    bytes: Type.Integer(),
    foreign: Type.Integer({ description: 'Packets refused because of their source.' }),
    silentFor: nullable(Type.Integer({ description: 'Milliseconds since the last packet; null: none came yet.' })),
  }),
);

const LiveParty = component(
  'LiveParty',
  Type.Object({
    id: Type.String(),
    name: nullable(Type.String()),
    number: nullable(Type.String()),
    aor: nullable(Type.String()),
    role: Type.Enum(['caller', 'callee', 'unknown']),
  }),
);

export const LiveCall = component(
  'LiveCall',
  Type.Object(
    {
      callId: Type.String(),
      accountId: Type.String(),
      startedAt: Time,
      direction: Direction,
      trunk: Type.String(),
      verdict: Type.Enum(['record', 'offer', 'ignore', 'forbid', 'hold']),
      parties: Type.Array(named(LiveParty)),
      streams: Type.Array(named(LiveStream)),
      warnings: Type.Array(Type.String()),
      vendorIds: Type.Record(Type.String(), Type.String()),
    },
    { description: 'A call that runs now.' },
  ),
);
export type LiveCall = Static<typeof LiveCall>;

export const LiveCalls = component(
  'LiveCalls',
  Type.Object({
    recorder: Type.Enum(['starting', 'ready', 'draining', 'away'], {
      description: 'away: the recorder cannot be asked just now; the list is what was known last.',
    }),
    items: Type.Array(named(LiveCall)),
  }),
);

export const callComponents = [LiveStream, LiveParty, LiveCall, LiveCalls];
