import { Type, type Static } from 'typebox';
import { ROLES } from '../../access/actor.ts';
import { component, named, nullable, Time } from '../schema.ts';

/** Length in characters; long passphrases are welcome, endless ones are not. */
const PASSWORD_MIN = 10;
const PASSWORD_MAX = 200;

export const Login = Type.String({
  minLength: 1,
  maxLength: 100,
  pattern: '^[^\\s\\u0000-\\u001f]+$',
  description: 'Without spaces; upper and lower case are the same.',
});

export const NewPassword = Type.String({ minLength: PASSWORD_MIN, maxLength: PASSWORD_MAX });

export const SignIn = component(
  'SignIn',
  Type.Object(
    { login: Type.String({ minLength: 1, maxLength: 100 }), password: Type.String({ minLength: 1, maxLength: 200 }) },
    { additionalProperties: false },
  ),
);

export const PasswordChange = component(
  'PasswordChange',
  Type.Object(
    { current: Type.String({ minLength: 1, maxLength: 200 }), next: NewPassword },
    { additionalProperties: false },
  ),
);

export const Role = component(
  'Role',
  Type.Enum([...ROLES], {
    description: 'Platform operator, brand administrator, account administrator, user. See docs/access.md.',
  }),
);

export const Session = component(
  'Session',
  Type.Object(
    {
      kind: Type.Enum(['session', 'token', 'operator'], {
        description: 'How you are known: cookie, bearer token, or the local token of this machine.',
      }),
      user: nullable(
        Type.Object({
          id: Type.String(),
          login: Type.String(),
          name: Type.String(),
          role: named(Role),
        }),
      ),
      role: named(Role),
      reach: Type.Object(
        {
          kind: Type.Enum(['platform', 'brand', 'account', 'user', 'nothing']),
          brandId: nullable(Type.String()),
          accountId: nullable(Type.String()),
          userId: nullable(Type.String({ description: 'User of the directory.' })),
        },
        {
          description:
            'How far you reach: everything, the accounts of a brand, one account, or what concerns one user.',
        },
      ),
      accountId: nullable(
        Type.String({ description: 'The account of an account administrator or user; null: more than one.' }),
      ),
      abilities: Type.Array(Type.String(), { description: 'Actions that you may take, e.g. recordings.delete.' }),
      noticeAcknowledged: Type.Boolean({
        description: 'Whether somebody has read the notice on the duty to announce recording.',
      }),
      expiresAt: nullable(Time),
    },
    { description: 'Who you are and what you may do.' },
  ),
);
export type Session = Static<typeof Session>;

export const sessionComponents = [Role, SignIn, PasswordChange, Session];
