import { Type } from 'typebox';
import { component, Cursor, Limit, named, nullable, pageOf, Time } from '../../schema.ts';
import { AccountId, closed, EntryId, Switches } from './shapes.ts';

const EffectiveCell = component(
  'EffectiveCell',
  Type.Object({
    value: Type.Enum(['on', 'off']),
    from: Type.Enum(['own', 'device', 'user', 'account', 'none'], {
      description: 'Which level says so; own: the user himself; none: nobody says anything, so it is off.',
    }),
  }),
);

const EffectiveCells = component(
  'EffectiveCells',
  Type.Object({
    inboundInternal: named(EffectiveCell),
    inboundExternal: named(EffectiveCell),
    outboundInternal: named(EffectiveCell),
    outboundExternal: named(EffectiveCell),
  }),
);

const endpoint = {
  id: EntryId,
  name: Type.String(),
  revision: Type.Integer(),
  endpoints: named(Switches),
  own: named(Switches),
  effective: named(EffectiveCells),
};

const MatrixDevice = component('MatrixDevice', Type.Object({ ...endpoint, mac: nullable(Type.String()) }));
const MatrixUser = component(
  'MatrixUser',
  Type.Object({ ...endpoint, extensions: Type.Array(Type.String()), groupId: nullable(Type.String()) }),
);

export const Matrix = component(
  'Matrix',
  Type.Object({
    account: Type.Object({
      endpoints: named(Switches),
      entire: named(Switches),
      usersMaySet: Type.Boolean(),
      revision: Type.Integer(),
    }),
    items: Type.Array(
      Type.Object({
        user: nullable(named(MatrixUser)),
        devices: Type.Array(named(MatrixDevice)),
      }),
    ),
    next: nullable(Type.String()),
  }),
);

export const MatrixQuery = closed({
  q: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  cursor: Type.Optional(Cursor),
  limit: Type.Optional(Limit),
});

export const OwnChange = component(
  'OwnChange',
  closed({ own: named(Switches) }, 'A cell that is left out inherits again.'),
);
export const Own = component('Own', Type.Object({ own: named(Switches), effective: named(EffectiveCells) }));

const HistoryItem = component(
  'HistoryItem',
  Type.Object({
    changeId: Type.String(),
    at: Time,
    actor: Type.String(),
    actorName: Type.String(),
    kind: Type.Enum(
      ['account', 'users', 'devices', 'numbers', 'queues', 'teams', 'groups', 'roles', 'rules', 'import', 'sync'],
      { description: 'import, sync: many entries at once; `after` counts them.' },
    ),
    entryId: Type.String(),
    name: Type.String(),
    before: Type.Unsafe<unknown>({ description: 'The value before; null: it was made by this change.' }),
    after: Type.Unsafe<unknown>({ description: 'The value after; null: it was deleted.' }),
    others: Type.Array(Type.Object({ kind: Type.String(), entryId: Type.String(), name: Type.String() }), {
      description: 'Entries that this change touched besides, at most 20.',
    }),
    undoneBy: nullable(Type.String({ description: 'Id of the change that took it back.' })),
  }),
);

export const HistoryPage = pageOf('HistoryPage', HistoryItem);
export const HistoryQuery = closed({
  entryId: Type.Optional(EntryId),
  cursor: Type.Optional(Cursor),
  limit: Type.Optional(Limit),
});
export const UndoParams = Type.Object({ accountId: AccountId, changeId: EntryId });
export const Undone = component(
  'Undone',
  Type.Object({ changeId: Type.String({ description: 'Id of the change that took it back.' }) }),
);

export const overviewComponents = [
  EffectiveCell,
  EffectiveCells,
  MatrixDevice,
  MatrixUser,
  Matrix,
  OwnChange,
  Own,
  HistoryItem,
  HistoryPage,
  Undone,
];
