import { Type, type Static } from 'typebox';
import { component, Id, named } from '../schema.ts';
import { Alarm } from '../status/schema.ts';
import { RecordingSummary } from '../recordings/schema.ts';
import { LiveCall } from '../calls/schema.ts';

/**
 * What the event stream says. On the wire: `event:` is the type, `data:` the JSON of `data`, `id:` a position to come back to.
 */
export const LiveEvent = component(
  'LiveEvent',
  Type.Union(
    [
      Type.Object({ type: Type.Literal('recording.created'), data: named(RecordingSummary) }),
      Type.Object({ type: Type.Literal('recording.deleted'), data: Type.Object({ id: Id, accountId: Type.String() }) }),
      Type.Object({ type: Type.Literal('call.started'), data: named(LiveCall) }),
      Type.Object({ type: Type.Literal('call.changed'), data: named(LiveCall) }),
      Type.Object({
        type: Type.Literal('call.ended'),
        data: Type.Object({ callId: Type.String(), accountId: Type.String() }),
      }),
      Type.Object({
        type: Type.Literal('alarm.raised', { description: 'Told to those who may read the status.' }),
        data: named(Alarm),
      }),
      Type.Object({ type: Type.Literal('alarm.cleared'), data: named(Alarm) }),
      Type.Object({
        type: Type.Literal('reset', { description: 'Events were missed: load the lists again.' }),
        data: Type.Object({}),
      }),
    ],
    {
      description:
        'One event of GET /events. On the wire `event:` carries `type` and `data:` the JSON of `data`; comment lines are heartbeats.',
    },
  ),
);
export type LiveEvent = Static<typeof LiveEvent>;

export const EventHeaders = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({
      maxLength: 100,
      description: 'Goes on after this event, if it is still remembered; else sends reset.',
    }),
  ),
});

export const eventComponents = [LiveEvent];
