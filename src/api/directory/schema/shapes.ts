import { Type, type TSchema } from 'typebox';
import { component, Cursor, named, nullable, pageOf, Time } from '../../schema.ts';

/** Shapes that the values of several kinds share. Whatever is not named here is refused: a misspelt setting must not look as if it were set. */

export function closed<T extends Record<string, TSchema>>(fields: T, description?: string) {
  return Type.Object(fields, { additionalProperties: false, ...(description === undefined ? {} : { description }) });
}

export const Label = Type.String({ minLength: 1, maxLength: 200 });
export const Line = Type.String({ maxLength: 200 });
export const Reference = Type.String({ minLength: 1, maxLength: 64 });
export const References = Type.Array(Reference, { maxItems: 50_000 });
export const Numbers = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 200 });
export const Revision = Type.Integer({
  minimum: 1,
  description: 'The revision that you read; 409 when it is not the newest any more.',
});

export const AccountId = Type.String({
  pattern: '^[0-9a-z][0-9a-z-]{0,39}$',
  description: 'Id of an account; `main` is the first.',
});
export const EntryId = Type.String({ pattern: '^[0-9a-z][0-9a-z-]{0,39}$' });
export const AccountParams = Type.Object({ accountId: AccountId });
export const EntryParams = Type.Object({ accountId: AccountId, id: EntryId });

const OnOff = Type.Enum(['on', 'off']);

export const Switches = component(
  'Switches',
  closed(
    {
      inboundInternal: Type.Optional(OnOff),
      inboundExternal: Type.Optional(OnOff),
      outboundInternal: Type.Optional(OnOff),
      outboundExternal: Type.Optional(OnOff),
    },
    'Recording by direction and origin; a cell that is left out inherits.',
  ),
);

const Retention = component(
  'Retention',
  Type.Union([
    Type.Literal('forever'),
    closed({
      amount: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
      unit: Type.Enum(['hours', 'days', 'months', 'years']),
    }),
  ]),
);

export const Handling = component(
  'Handling',
  closed(
    {
      longestSeconds: Type.Optional(
        Type.Unsafe<number | null>({
          anyOf: [{ type: 'integer', minimum: 1, maximum: 86_400_000 }, { type: 'null' }],
          description: 'Longest duration of a recording; null: no limit.',
        }),
      ),
      format: Type.Optional(Reference),
      storeId: Type.Optional(Reference),
      retention: Type.Optional(named(Retention)),
      deliveries: Type.Optional(Type.Array(Reference, { maxItems: 100 })),
      announcement: Type.Optional(closed({ before: Type.Optional(Reference), during: Type.Optional(Reference) })),
    },
    'How recordings are treated. What is left out comes from the next level: rule, device, user, group, account.',
  ),
);

export const Pilot = component(
  'Pilot',
  closed(
    {
      kind: Type.Enum(['record', 'live-keep', 'cti', 'user-id', 'partition-id']),
      number: Type.String({ minLength: 1, maxLength: 64 }),
    },
    'A number of the recorder itself.',
  ),
);

/** What stands around a value: who changed it when, and the revision that a change must name. */
export function entryOf<T extends TSchema & { $id: string }>(id: string, value: T) {
  return component(
    id,
    Type.Object({
      id: EntryId,
      revision: Type.Integer(),
      name: Type.String({ description: 'What people call it, made from the value.' }),
      value: named(value),
      source: Type.Unsafe<'csv' | 'ldap' | null>({
        anyOf: [{ type: 'string', enum: ['csv', 'ldap'] }, { type: 'null' }],
        description: 'The synchronisation that keeps it; null: made by hand.',
      }),
      changedAt: Time,
      changedBy: Type.String({ description: 'Name of who changed it last.' }),
      warnings: Type.Optional(
        Type.Array(Type.String(), { description: 'After a change: what is allowed but may not be meant.' }),
      ),
    }),
  );
}

export function entryPageOf<T extends TSchema & { $id: string }>(id: string, item: T) {
  return pageOf(id, item);
}

export const EntryQuery = closed({
  q: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'Part of a name, number, MAC …' })),
  cursor: Type.Optional(Cursor),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, default: 100, description: 'Items a page.' })),
});

export const RevisionQuery = closed({ revision: Revision });

export const NullableId = nullable(EntryId);

export const shapeComponents = [Switches, Retention, Handling, Pilot];
