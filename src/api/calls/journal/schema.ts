import { Type, type Static } from 'typebox';
import { component, Cursor, Id, Limit, named, nullable, pageOf, Time } from '../../schema.ts';
import { CallOwner, Direction } from '../../recordings/schema.ts';
import { RecordingBy, Verdict } from '../schema.ts';

const CallParty = component(
  'CallParty',
  Type.Object({
    name: nullable(Type.String()),
    number: nullable(Type.String()),
    aor: nullable(Type.String()),
    role: Type.Enum(['caller', 'callee', 'unknown']),
    userId: nullable(Type.String({ description: 'User of the directory.' })),
    userName: nullable(Type.String()),
  }),
);

const CallRecordingRef = component(
  'CallRecordingRef',
  Type.Object({
    id: Id,
    recordId: Type.Integer(),
    recording: Type.Integer({ description: 'Number within the call, from 1.' }),
    by: RecordingBy,
    asker: nullable(Type.String()),
    durationMs: Type.Integer(),
  }),
);

const summary = {
  id: Type.String(),
  accountId: Type.String(),
  conversationId: Type.String(),
  protocol: Type.String(),
  trunk: Type.String(),
  startedAt: Time,
  endedAt: Time,
  endReason: Type.String(),
  direction: Direction,
  verdict: Verdict,
  reason: Type.String({ description: 'Why, a sentence or two.' }),
  owner: named(CallOwner),
  parties: Type.Array(named(CallParty)),
  recordings: Type.Array(named(CallRecordingRef), { description: 'Those that are still there, first to last.' }),
  heldUntil: nullable(
    Type.String({ format: 'date-time', description: 'Live-keep: destroyed then unless somebody asks.' }),
  ),
};

export const CallSummary = component(
  'CallSummary',
  Type.Object(summary, { description: 'A call that has ended, recorded or not.' }),
);
export type CallSummary = Static<typeof CallSummary>;

export const CallPage = pageOf('CallPage', CallSummary);

export const LayerWord = component(
  'LayerWord',
  Type.Object({
    layer: Type.String(),
    says: Type.Enum(['record', 'offer', 'ignore', 'forbid', 'hold', 'nothing']),
    why: Type.String(),
  }),
);

const CallMoment = component(
  'CallMoment',
  Type.Object(
    {
      at: Time,
      offsetMs: Type.Integer({ description: 'Since the opening of the call.' }),
      verdict: Verdict,
      settingsVersion: Type.Integer(),
      lines: Type.Array(Type.String(), { description: 'The decision in words: outcome, terms, and every layer.' }),
      layers: Type.Array(named(LayerWord)),
      facts: Type.Unknown({ description: 'What was known of the call then.' }),
    },
    { description: 'A state of the call and how it was decided.' },
  ),
);

export const CallDetail = component(
  'CallDetail',
  Type.Object({
    ...summary,
    vendorIds: Type.Record(Type.String(), Type.String()),
    moments: Type.Array(named(CallMoment), {
      description: 'Oldest first; of a call with very many, the first and the latest.',
    }),
    events: Type.Array(Type.Object({ at: Time, type: Type.String(), text: Type.String() })),
    abilities: Type.Object(
      { keep: Type.Boolean(), drop: Type.Boolean() },
      { description: 'What you may do with it while it is held.' },
    ),
  }),
);
export type CallDetail = Static<typeof CallDetail>;

export const CallQuery = Type.Object(
  {
    from: Type.Optional({ ...Time, description: 'Started at this time or later.' }),
    to: Type.Optional({ ...Time, description: 'Started before this time.' }),
    text: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Names and numbers.' })),
    verdict: Type.Optional(Verdict),
    direction: Type.Optional(Direction),
    recorded: Type.Optional(Type.Boolean({ description: 'Whether there is a recording of it now.' })),
    conversation: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
    accountId: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    limit: Type.Optional(Limit),
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false },
);
export type CallQuery = Static<typeof CallQuery>;

export const CallIdParams = Type.Object({ callId: Type.String({ minLength: 1, maxLength: 200 }) });

export const journalComponents = [
  CallParty,
  CallRecordingRef,
  CallOwner,
  CallSummary,
  CallPage,
  LayerWord,
  CallMoment,
  CallDetail,
];
