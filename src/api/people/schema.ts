import { Type, type Static } from 'typebox';
import { component, Id, named, nullable, Time } from '../schema.ts';
import { Login, NewPassword, Role } from '../session/schema.ts';

const EntryId = Type.String({ minLength: 1, maxLength: 100 });

export const Person = component(
  'Person',
  Type.Object(
    {
      id: Id,
      login: Type.String(),
      name: Type.String(),
      role: named(Role),
      accountId: nullable(Type.String({ description: 'Of an account administrator or user.' })),
      brandId: nullable(Type.String({ description: 'Of a brand administrator.' })),
      userId: nullable(Type.String({ description: 'User of the directory whose calls are his.' })),
      state: Type.Enum(['active', 'invited', 'disabled'], {
        description: 'invited: has not set a password yet.',
      }),
      createdAt: Time,
      lastSignInAt: nullable(Time),
    },
    { description: 'Somebody who signs in. Not the same as a user of the directory, to whom he may be tied.' },
  ),
);
export type Person = Static<typeof Person>;

export const PersonList = component('PersonList', Type.Object({ items: Type.Array(named(Person)) }));

const place = {
  accountId: Type.Optional(nullable(EntryId)),
  brandId: Type.Optional(nullable(EntryId)),
  userId: Type.Optional(nullable(EntryId)),
};

const Name = Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' });

export const PersonCreate = component(
  'PersonCreate',
  Type.Object(
    { login: Login, name: Name, role: named(Role), ...place },
    {
      additionalProperties: false,
      description: 'operator: no ids. brand: brandId. administrator: accountId. user: accountId and userId.',
    },
  ),
);
export type PersonCreate = Static<typeof PersonCreate>;

export const PersonChange = component(
  'PersonChange',
  Type.Object(
    {
      login: Type.Optional(Login),
      name: Type.Optional(Name),
      role: Type.Optional(named(Role)),
      ...place,
      isDisabled: Type.Optional(Type.Boolean()),
    },
    {
      additionalProperties: false,
      description: 'What is left out stays; with `role` come all ids that it needs. A new level ends the sessions.',
    },
  ),
);
export type PersonChange = Static<typeof PersonChange>;

export const Invitation = component(
  'Invitation',
  Type.Object({
    person: named(Person),
    url: Type.String({ description: 'One-time address where the person sets a password. Shown this once.' }),
    expiresAt: Time,
  }),
);

const link = Type.String({ minLength: 20, maxLength: 200, description: 'What stands after # in /join#…' });

export const InvitationLink = component('InvitationLink', Type.Object({ link }, { additionalProperties: false }));

export const InvitationState = component(
  'InvitationState',
  Type.Object({ login: Type.String(), name: Type.String(), role: named(Role) }),
);

export const InvitationTake = component(
  'InvitationTake',
  Type.Object({ link, password: NewPassword }, { additionalProperties: false }),
);

export const peopleComponents = [
  Person,
  PersonList,
  PersonCreate,
  PersonChange,
  Invitation,
  InvitationLink,
  InvitationState,
  InvitationTake,
];
