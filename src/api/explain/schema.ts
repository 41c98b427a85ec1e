import { Type, type Static } from 'typebox';
import { KINDS } from '../../directory/values.ts';
import { LayerWord } from '../calls/journal/schema.ts';
import { Verdict } from '../calls/schema.ts';
import { AccountPolicy } from '../directory/schema/accounts.ts';
import { closed } from '../directory/schema/shapes.ts';
import { KIND_SCHEMAS } from '../directory/schema/values.ts';
import { Direction } from '../recordings/schema.ts';
import { component, named, nullable, Time } from '../schema.ts';

const Text = Type.String({ minLength: 1, maxLength: 200 });

const MadeUpParty = component(
  'MadeUpParty',
  Type.Object(
    {
      number: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'As the PBX would signal it.' })),
      name: Type.Optional(Text),
      userId: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 100,
          description: 'A user of the directory: calls by his first extension.',
        }),
      ),
      user: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'User name at the PBX.' })),
      device: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Name or MAC address.' })),
      agent: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Agent id at the queue.' })),
    },
    { additionalProperties: false },
  ),
);
export type MadeUpParty = Static<typeof MadeUpParty>;

export const MadeUpCall = component(
  'MadeUpCall',
  Type.Object(
    {
      from: named(MadeUpParty),
      to: named(MadeUpParty),
      direction: Type.Optional(
        Type.Enum(['IN', 'OUT', 'INTERNAL', 'DIALIN', 'UNKNOWN'], { description: 'Where the PBX would tell it.' }),
      ),
      trunk: Type.Optional(Text),
      dialled: Type.Optional(
        Type.String({ minLength: 1, maxLength: 200, description: 'Number that was dialled first (DDI).' }),
      ),
      presented: Type.Optional(
        Type.String({ minLength: 1, maxLength: 200, description: 'Caller id of an outgoing call.' }),
      ),
      queue: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Id, name or number.' })),
      pilot: Type.Optional(
        Type.String({ minLength: 1, maxLength: 200, description: 'Number of the recorder itself.' }),
      ),
      tenants: Type.Optional(Type.Array(Text, { maxItems: 20 })),
      override: Type.Optional(Type.Enum(['auto', 'force', 'deny', 'manual'])),
      flow: Type.Optional(
        Type.Object(
          { step: Type.Enum(['start', 'stop']), name: Type.Optional(Text) },
          { additionalProperties: false, description: 'The last step of a call flow.' },
        ),
      ),
    },
    { additionalProperties: false, description: 'A call as it might come, to be decided by the settings of now.' },
  ),
);
export type MadeUpCall = Static<typeof MadeUpCall>;

const Control = Type.Object({
  by: Type.Enum(['nobody', 'administrators', 'users']),
  userIds: Type.Array(Type.String(), { description: 'Empty: users in the call.' }),
});

export const Explanation = component(
  'Explanation',
  Type.Object(
    {
      verdict: Verdict,
      summary: Type.String(),
      lines: Type.Array(Type.String(), { description: 'For people: outcome, terms, parties, and every layer.' }),
      layers: Type.Array(named(LayerWord)),
      parties: Type.Array(
        Type.Object({
          id: Type.String({ description: 'from or to' }),
          number: nullable(Type.String({ description: 'Normalised.' })),
          side: Type.Enum(['internal', 'external', 'unknown']),
          userId: nullable(Type.String()),
          userName: nullable(Type.String()),
          deviceId: nullable(Type.String()),
          by: nullable(Type.String({ description: 'What tied it to the user or device.' })),
        }),
      ),
      controls: Type.Object({
        start: Control,
        stop: Control,
        stopAutomatic: Control,
        pause: Control,
        resume: Control,
        keep: Control,
      }),
      terms: Type.Object({
        direction: Direction,
        override: Type.String(),
        scope: nullable(Type.Enum(['call', 'external-party', 'endpoint'])),
        asks: Type.Array(Type.Object({ layer: Type.String(), name: Type.String(), isSilenced: Type.Boolean() })),
        owner: Type.Unknown(),
        longestSeconds: nullable(Type.Number()),
        format: nullable(Type.String()),
        storeId: nullable(Type.String()),
        retention: nullable(Type.Unknown()),
        deliveries: Type.Array(Type.String()),
        announcement: nullable(Type.Unknown()),
        pauseMode: Type.Enum(['cut', 'silence']),
        resumeAfterSeconds: nullable(Type.Number()),
        liveKeepMinutes: nullable(Type.Number()),
      }),
      settingsVersion: Type.Integer(),
    },
    { description: 'How the call would be decided, with the word of every layer.' },
  ),
);
export type Explanation = Static<typeof Explanation>;

const Trial = Type.Union([
  ...KINDS.map((kind) =>
    closed({
      kind: Type.Literal(kind),
      id: nullable(Type.String({ maxLength: 64, description: 'Null: a new one.' })),
      value: nullable(named(KIND_SCHEMAS[kind].value)),
    }),
  ),
  closed({ kind: Type.Literal('policy'), id: Type.Null(), value: named(AccountPolicy) }),
]);

export const PreviewRequest = component(
  'PreviewRequest',
  closed(
    { changes: Type.Array(Trial, { minItems: 1, maxItems: 1000 }) },
    'Edits as they would be saved, all together; `value` null: deleted.',
  ),
);
export type PreviewRequest = Static<typeof PreviewRequest>;

export const Preview = component(
  'Preview',
  Type.Object(
    {
      examined: Type.Integer({ description: 'Past calls that were decided again, the latest 1,000 at most.' }),
      changed: Type.Array(
        Type.Object({
          callId: Type.String(),
          startedAt: Time,
          from: nullable(Type.String()),
          to: nullable(Type.String()),
          before: Verdict,
          after: Verdict,
          why: Type.String(),
        }),
      ),
    },
    { description: 'Calls of the past that would be decided otherwise, the latest first.' },
  ),
);
export type Preview = Static<typeof Preview>;

export const explainComponents = [MadeUpParty, MadeUpCall, Explanation, PreviewRequest, Preview];
