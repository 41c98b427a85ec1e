import { Type } from 'typebox';
import { TOKEN_SCOPES } from '../../access/actor.ts';
import { Role } from '../session/schema.ts';
import { component, Id, named, nullable, Time } from '../schema.ts';

const TokenScope = Type.Enum([...TOKEN_SCOPES], {
  description:
    'full: all that its maker may; read: nothing that changes; metrics: only /metrics and /status; ' +
    'control: only the recording of running calls, for phones and call flows.',
});

export const Token = component(
  'Token',
  Type.Object({
    id: Id,
    name: Type.String(),
    scope: TokenScope,
    role: named(Role),
    accountId: nullable(Type.String()),
    brandId: nullable(Type.String()),
    userId: nullable(Type.String({ description: 'User of the directory whose calls alone it reaches.' })),
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
      accountId: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 100,
          description: 'Reaches this account only. Nothing said: as far as you.',
        }),
      ),
      brandId: Type.Optional(Type.String({ minLength: 1, maxLength: 100, description: 'Reaches this brand only.' })),
      userId: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 100,
          description: 'Reaches the calls of this user of the account only.',
        }),
      ),
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
