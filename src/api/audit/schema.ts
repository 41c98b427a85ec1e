import { Type, type Static } from 'typebox';
import { component, Cursor, Limit, nullable, pageOf, Time } from '../schema.ts';

export const AuditEntry = component(
  'AuditEntry',
  Type.Object({
    id: Type.String(),
    at: Time,
    actor: Type.Object({
      kind: Type.Enum(['user', 'token', 'phone', 'operator', 'anonymous', 'system']),
      id: nullable(Type.String()),
      name: nullable(Type.String()),
    }),
    action: Type.String({ description: 'e.g. recordings.play' }),
    outcome: Type.Enum(['done', 'refused', 'failed']),
    accountId: nullable(Type.String({ description: 'Null: something above the accounts.' })),
    subject: nullable(Type.String({ description: 'Id of the recording, token, user … that was meant.' })),
    address: nullable(Type.String({ description: 'Address of the client.' })),
    detail: Type.Unknown(),
  }),
);
export type AuditEntry = Static<typeof AuditEntry>;

export const AuditPage = pageOf('AuditPage', AuditEntry);

export const AuditQuery = Type.Object(
  {
    from: Type.Optional(Time),
    to: Type.Optional(Time),
    action: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    subject: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
    outcome: Type.Optional(Type.Enum(['done', 'refused', 'failed'])),
    limit: Type.Optional(Limit),
    cursor: Type.Optional(Cursor),
  },
  { additionalProperties: false },
);
export type AuditQuery = Static<typeof AuditQuery>;

export const auditComponents = [AuditEntry, AuditPage];
