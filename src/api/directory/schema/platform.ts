import { Type } from 'typebox';
import { component, named, nullable, Time } from '../../schema.ts';
import { AccountId, closed, Pilot } from './shapes.ts';

const Ranges = Type.Array(Type.String({ minLength: 1, maxLength: 64 }), { maxItems: 1000 });
const Cap = Type.Unsafe<number | null>({ anyOf: [{ type: 'integer', minimum: 1, maximum: 16_000 }, { type: 'null' }] });
const Header = Type.Optional(Type.String({ pattern: "^[\\w.!%*+`'~-]{1,64}$" }));

const TrunkHeaders = component(
  'TrunkHeaders',
  closed(
    { override: Header, dialled: Header, presented: Header, queue: Header, tenant: Header },
    'Names of headers, or of extension data in the metadata, that tell: the per-call override, the dialled and the presented number, the queue, the tenant.',
  ),
);

export const TrunkName = Type.String({ pattern: '^[\\w.-]{1,64}$' });
export const TrunkParams = Type.Object({ name: TrunkName });

/** What is left out has the value that earshot.yaml would give it (docs/settings.md). */
const trunkFields = {
  addresses: Type.Optional(Ranges),
  tls: Type.Optional(
    Type.Enum(['any', 'required', 'certificate'], {
      description: 'What signalling must come over: anything, TLS, or TLS with a client certificate.',
    }),
  ),
  tlsCa: Type.Optional(
    nullable(
      Type.String({ maxLength: 200_000, description: 'PEM of the authorities that client certificates come from.' }),
    ),
  ),
  srtp: Type.Optional(Type.Enum(['any', 'required'])),
  tlsName: Type.Optional(nullable(Type.String({ maxLength: 253 }))),
  digest: Type.Optional(
    nullable(
      closed({
        username: Type.String({ minLength: 1, maxLength: 200 }),
        password: Type.Optional(
          Type.String({
            minLength: 1,
            maxLength: 200,
            description: 'Write-only; left out in a change: stays as it is.',
          }),
        ),
      }),
    ),
  ),
  media: Type.Optional(Ranges),
  strict: Type.Optional(Type.Boolean()),
  recording: Type.Optional(Type.Boolean()),
  unwanted: Type.Optional(Type.Enum(['accept', 'refuse'])),
  calls: Type.Optional(Cap),
  rate: Type.Optional(Cap),
  headers: Type.Optional(named(TrunkHeaders)),
  accountIds: Type.Optional(
    Type.Array(AccountId, { maxItems: 10_000, description: 'The accounts that the trunk serves; left out: any.' }),
  ),
};

const TrunkValue = component('TrunkValue', closed(trunkFields));

export const Trunk = component(
  'Trunk',
  Type.Object({
    name: TrunkName,
    revision: Type.Integer(),
    value: named(TrunkValue),
    isFromFile: Type.Boolean({
      description: 'It stands in earshot.yaml: only accountIds can be set here, and it cannot be deleted.',
    }),
    changedAt: nullable(Time),
    changedBy: nullable(Type.String()),
  }),
);

export const TrunkList = component('TrunkList', Type.Object({ items: Type.Array(named(Trunk)) }));
export const TrunkCreate = component('TrunkCreate', closed({ name: TrunkName, value: named(TrunkValue) }));
export const TrunkChange = component(
  'TrunkChange',
  closed({ revision: Type.Integer({ minimum: 0 }), value: named(TrunkValue) }),
);

const platformFields = {
  defaultAccountId: Type.Optional(AccountId),
  unknownAccount: Type.Optional(Type.Enum(['hold', 'discard'])),
  pilots: Type.Optional(Type.Array(named(Pilot), { maxItems: 500 })),
};

export const PlatformSettings = component(
  'PlatformSettings',
  Type.Object({ revision: Type.Integer(), ...platformFields }),
);
export const PlatformChange = component(
  'PlatformChange',
  closed({ revision: Type.Integer({ minimum: 0, description: 'The revision that you read.' }), ...platformFields }),
);

export const platformComponents = [
  TrunkHeaders,
  TrunkValue,
  Trunk,
  TrunkList,
  TrunkCreate,
  TrunkChange,
  PlatformSettings,
  PlatformChange,
];
