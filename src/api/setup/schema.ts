import { Type } from 'typebox';
import { component } from '../schema.ts';
import { Login, NewPassword } from '../session/schema.ts';

export const SetupState = component(
  'SetupState',
  Type.Object({ needed: Type.Boolean({ description: 'True until the first administrator exists.' }) }),
);

export const Setup = component(
  'Setup',
  Type.Object(
    {
      link: Type.String({
        minLength: 20,
        maxLength: 200,
        description: 'The secret of the one-time link: what stands after # in /setup#…',
      }),
      name: Type.String({ minLength: 1, maxLength: 200 }),
      login: Login,
      password: NewPassword,
    },
    { additionalProperties: false },
  ),
);

export const setupComponents = [SetupState, Setup];
