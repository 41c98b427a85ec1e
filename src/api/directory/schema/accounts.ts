import { Type } from 'typebox';
import { component, named, Time } from '../../schema.ts';
import {
  AccountId,
  closed,
  EntryId,
  Handling,
  Label,
  NullableId,
  Numbers,
  Pilot,
  Reference,
  Revision,
  Switches,
} from './shapes.ts';

const Filters = component(
  'Filters',
  closed(
    {
      direction: Type.Optional(Type.Enum(['in', 'out', 'both'])),
      traffic: Type.Optional(Type.Enum(['internal', 'external', 'both'])),
      exclusions: Type.Optional(
        Type.Array(
          closed({
            pattern: Type.String({ minLength: 1, maxLength: 64 }),
            note: Type.Optional(Type.String({ maxLength: 500 })),
            manualToo: Type.Optional(Type.Boolean()),
          }),
          { maxItems: 5000 },
        ),
      ),
    },
    'Which calls automatic recording leaves out, for all users. In a pattern `.` is one digit and `!` any number of digits.',
  ),
);

export const AccountPolicy = component(
  'AccountPolicy',
  closed({
    country: Type.Optional(
      Type.String({ pattern: '^[A-Z]{2}$', description: 'ISO 3166 alpha-2: how numbers without + are read.' }),
    ),
    tenants: Type.Optional(Numbers),
    endpoints: Type.Optional(named(Switches)),
    entire: Type.Optional(named(Switches)),
    usersMaySet: Type.Optional(
      Type.Boolean({ description: 'Whether users set recording for themselves. Default true.' }),
    ),
    filters: Type.Optional(named(Filters)),
    internalPatterns: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 5000 })),
    pilots: Type.Optional(Type.Array(named(Pilot), { maxItems: 500 })),
    onDemand: Type.Optional(
      closed({
        isAllowed: Type.Optional(
          Type.Boolean({ description: 'By the brand: whether the account may have it at all.' }),
        ),
        isOn: Type.Optional(Type.Boolean()),
        who: Type.Optional(Type.Enum(['everybody', 'rules'])),
        code: Type.Optional(Type.String({ maxLength: 16 })),
        otherCodes: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 16 }), { maxItems: 1000 })),
        liveKeep: Type.Optional(Type.Boolean()),
      }),
    ),
    pause: Type.Optional(
      closed({
        mode: Type.Optional(Type.Enum(['cut', 'silence'])),
        who: Type.Optional(Type.Enum(['parties', 'administrators'])),
        resumeAfterSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
      }),
    ),
    unassigned: Type.Optional(
      Type.Union([
        closed({ to: Type.Literal('list') }),
        closed({ to: Type.Literal('discard') }),
        closed({ to: Type.Literal('catch-all'), userId: Reference }),
      ]),
    ),
    liveKeepMinutes: Type.Optional(Type.Integer({ minimum: 0, maximum: 525_600 })),
    handling: Type.Optional(named(Handling)),
    keepDigits: Type.Optional(
      Type.Boolean({ description: 'Whether dialled digits stand in the events of a call. Default false.' }),
    ),
    notRecordedDays: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 36_500,
        description: 'Days that calls without a recording stay in the journal.',
      }),
    ),
  }),
);

export const Account = component(
  'Account',
  Type.Object({
    id: AccountId,
    name: Type.String(),
    brandId: NullableId,
    revision: Type.Integer(),
    policy: named(AccountPolicy),
    changedAt: Time,
    changedBy: Type.String(),
  }),
);

export const AccountList = component('AccountList', Type.Object({ items: Type.Array(named(Account)) }));

export const AccountCreate = component(
  'AccountCreate',
  closed({
    name: Label,
    brandId: Type.Optional(NullableId),
    policy: Type.Optional(named(AccountPolicy)),
  }),
);

export const AccountChange = component(
  'AccountChange',
  closed(
    {
      revision: Revision,
      name: Type.Optional(Label),
      brandId: Type.Optional(NullableId),
      policy: Type.Optional(named(AccountPolicy)),
    },
    'What is left out stays; `policy` is replaced as a whole.',
  ),
);

export const Brand = component(
  'Brand',
  Type.Object({
    id: EntryId,
    name: Type.String(),
    revision: Type.Integer(),
    changedAt: Time,
    changedBy: Type.String(),
  }),
);

export const BrandList = component('BrandList', Type.Object({ items: Type.Array(named(Brand)) }));
export const BrandCreate = component('BrandCreate', closed({ name: Label }));
export const BrandChange = component('BrandChange', closed({ revision: Revision, name: Label }));

export const accountComponents = [
  Filters,
  AccountPolicy,
  Account,
  AccountList,
  AccountCreate,
  AccountChange,
  Brand,
  BrandList,
  BrandCreate,
  BrandChange,
];
