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
    userId: nullable(Type.String({ description: 'User of the directory.' })),
    userName: nullable(Type.String()),
  }),
);

export const Verdict = Type.Enum(['record', 'offer', 'ignore', 'forbid', 'hold'], {
  description:
    'record; offer: may be recorded by hand; ignore: nothing asks for it; forbid: nobody may record it; hold: cannot be decided yet.',
});

export const RecordingBy = Type.Enum(['policy', 'hand', 'flow', 'live-keep'], {
  description: 'What asked for it: policy, somebody by hand, a step of a call flow; or it is held until somebody asks.',
});

const LiveRecording = component(
  'LiveRecording',
  Type.Object({
    recording: Type.Integer({ description: 'Number within the call, from 1.' }),
    by: RecordingBy,
    since: Time,
    askerName: Type.String(),
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
      verdict: Verdict,
      why: Type.String({ description: 'The words of the layers that speak for the verdict.' }),
      override: Type.Enum(['auto', 'force', 'deny', 'manual']),
      parties: Type.Array(named(LiveParty)),
      recordings: Type.Array(named(LiveRecording), { description: 'Those that run now.' }),
      paused: nullable(Type.Object({ since: Time, mode: Type.Enum(['cut', 'silence']), reason: Type.String() })),
      liveKeep: nullable(
        Type.Object(
          {
            minutes: Type.Number({ description: 'After the end of the call.' }),
            kept: nullable(Type.Boolean({ description: 'Null: nobody has asked yet. False: it was dropped.' })),
          },
          { description: 'The call is held, and destroyed unless somebody asks for it.' },
        ),
      ),
      abilities: Type.Object(
        {
          start: Type.Boolean(),
          stop: Type.Boolean(),
          pause: Type.Boolean(),
          resume: Type.Boolean(),
          keep: Type.Boolean(),
          drop: Type.Boolean(),
          override: Type.Boolean(),
          flow: Type.Boolean(),
          hangup: Type.Boolean(),
        },
        { description: 'What you may do now, as the call stands.' },
      ),
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

export const callComponents = [LiveStream, LiveParty, LiveRecording, LiveCall, LiveCalls];
