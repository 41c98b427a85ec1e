import { Type } from 'typebox';
import { component, Id, named, nullable, Time } from '../schema.ts';

export const TokenScope = Type.Enum(['full', 'read', 'metrics'], {
  description: 'full: all that its maker may; read: nothing that changes; metrics: only /metrics and /status.',
});

export const Token = component(
  'Token',
  Type.Object({
    id: Id,
    name: Type.String(),
    scope: TokenScope,
    createdAt: Time,
    createdBy: nullable(Type.String({ description: 'Login of its maker; null: the operator of the machine.' })),
    expiresAt: nullable(Time),
    lastUsedAt: nullable(Type.String({ format: 'date-time', description: 'To the minute.' })),
  }),
);

export const TokenList = component('TokenList', Type.Object({ items: Type.Array(named(Token)) }));

export const TokenCreate = component(
  'TokenCreate',
  Type.Object(
    {
      name: Type.String({ minLength: 1, maxLength: 100 }),
      scope: TokenScope,
      expiresInDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650, description: 'Left out: for ever.' })),
    },
    { additionalProperties: false },
  ),
);

export const TokenCreated = component(
  'TokenCreated',
  Type.Object({ token: named(Token), secret: Type.String({ description: 'Shown this once.' }) }),
);

export const tokenComponents = [Token, TokenList, TokenCreate, TokenCreated];
