import { Type, type Static } from 'typebox';
import { component, named, nullable, Time } from '../schema.ts';

export const Health = component(
  'Health',
  Type.Object({
    status: Type.Enum(['ok', 'starting', 'draining', 'degraded'], {
      description: 'degraded: the API answers, but the recorder or the database does not.',
    }),
  }),
);

export const Alarm = component('Alarm', Type.Object({ code: Type.String(), text: Type.String() }));

export const Status = component(
  'Status',
  Type.Object({
    startedAt: Time,
    versions: Type.Object({
      earshot: Type.String(),
      node: Type.String(),
      postgresql: nullable(Type.String()),
      recorder: nullable(Type.String()),
    }),
    recorder: Type.Object({
      state: Type.Enum(['starting', 'ready', 'draining', 'away']),
      nodeId: nullable(Type.String()),
      settingsVersion: nullable(Type.Integer({ description: 'Of the settings it decides by.' })),
      calls: Type.Integer({ description: 'Calls that run now.' }),
      figures: Type.Record(Type.String(), Type.Number()),
    }),
    archive: Type.Object({ waiting: Type.Integer({ description: 'Calls that ended and are not yet in the list.' }) }),
    disk: nullable(Type.Object({ freeBytes: Type.Integer(), totalBytes: Type.Integer() })),
    database: Type.Object({ ok: Type.Boolean(), latencyMs: nullable(Type.Number()) }),
    alarms: Type.Array(named(Alarm)),
  }),
);
export type Status = Static<typeof Status>;

export const statusComponents = [Health, Alarm, Status];
