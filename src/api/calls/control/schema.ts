import { Type, type Static } from 'typebox';
import { component, nullable } from '../../schema.ts';

export const CallParams = Type.Object({
  callId: Type.String({
    minLength: 1,
    maxLength: 600,
    description:
      "Earshot's own id; or `sip:<Call-ID>`; or `vendor:<name>=<value>` for any id that the PBX gives the call. Several calls that fit: 409.",
  }),
});

export const CallControl = component(
  'CallControl',
  Type.Object(
    {
      action: Type.Enum(['start', 'stop', 'pause', 'resume', 'keep', 'drop'], {
        description:
          'start: a new recording. pause: of all recordings of the call. keep, drop: of a call that is held, also after its end.',
      }),
      reason: Type.Optional(Type.String({ maxLength: 200, description: 'Of a pause; shown with the gap.' })),
    },
    { additionalProperties: false },
  ),
);
export type CallControl = Static<typeof CallControl>;

export const CallOverride = component(
  'CallOverride',
  Type.Object(
    {
      value: Type.Enum(['auto', 'force', 'deny', 'manual'], {
        description:
          'For the rest of the call and all of its later legs. deny: nobody may record it, and what was captured is destroyed.',
      }),
    },
    { additionalProperties: false },
  ),
);

export const CallFlow = component(
  'CallFlow',
  Type.Object(
    {
      step: Type.Enum(['start', 'stop']),
      name: Type.Optional(
        Type.String({ maxLength: 200, description: 'Of the step or its flow, for the explanation.' }),
      ),
    },
    {
      additionalProperties: false,
      description: 'A step of a call flow: only what lies between start and stop is kept.',
    },
  ),
);

export const ControlAnswer = component(
  'ControlAnswer',
  Type.Object({
    ok: Type.Literal(true),
    text: Type.String({ description: 'A sentence for whoever asked.' }),
    callId: Type.String({ description: "Earshot's id of the call." }),
    recording: nullable(Type.Integer({ description: 'The recording that was started, stopped, or runs already.' })),
  }),
);
export type ControlAnswer = Static<typeof ControlAnswer>;

export const controlComponents = [CallControl, CallOverride, CallFlow, ControlAnswer];
