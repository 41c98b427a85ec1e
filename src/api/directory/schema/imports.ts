import { Type } from 'typebox';
import { component, named, nullable, Time } from '../../schema.ts';
import { closed } from './shapes.ts';

const Attribute = Type.Optional(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9;.-]{0,99}$' }));
const Dn = Type.String({ minLength: 1, maxLength: 1000 });

const Adopt = Type.Optional(
  Type.Boolean({
    description:
      'Give entries that were made by hand and fit to this source: it deletes them once it names them no more. Left out: they are brought ' +
      'up to date, stay made by hand, and are never deleted.',
  }),
);

const ImportCounts = Type.Object({
  created: Type.Integer(),
  changed: Type.Integer(),
  deleted: Type.Integer(),
  unchanged: Type.Integer(),
});

const MOST = 'At most 500 are listed; `counts` tells of all.';

export const ImportResult = component(
  'ImportResult',
  Type.Object({
    applied: Type.Boolean({ description: 'False after a dry run, and whenever there are errors.' }),
    counts: ImportCounts,
    created: Type.Array(Type.Object({ name: Type.String(), kind: Type.String(), value: Type.Unknown() }), {
      description: MOST,
    }),
    changed: Type.Array(
      Type.Object({
        name: Type.String(),
        kind: Type.String(),
        fields: Type.Array(Type.Object({ field: Type.String(), before: Type.Unknown(), after: Type.Unknown() })),
      }),
      { description: MOST },
    ),
    deleted: Type.Array(Type.Object({ name: Type.String(), kind: Type.String() }), { description: MOST }),
    unchanged: Type.Integer(),
    errors: Type.Array(
      Type.Object({
        line: nullable(Type.Integer({ description: 'Line of the file, from 1; null: not about one line.' })),
        column: nullable(Type.String({ description: 'Heading of the column, or attribute of the directory.' })),
        message: Type.String(),
      }),
      { description: 'Any error, and nothing is applied. At most 500 are listed.' },
    ),
    warnings: Type.Array(Type.String()),
    changeId: nullable(Type.String({ description: 'The change in the history, by which it can be undone.' })),
  }),
);

export const CsvImport = component(
  'CsvImport',
  closed({
    text: Type.String({ minLength: 1, maxLength: 30_000_000, description: 'The file as UTF-8 text.' }),
    kind: Type.Enum(['users', 'devices', 'numbers']),
    mode: Type.Enum(['merge', 'sync'], {
      description:
        'merge: what is not in the file stays; sync: what an earlier file brought and this one does not is deleted.',
    }),
    dryRun: Type.Boolean(),
    force: Type.Optional(
      Type.Boolean({ description: 'Even when more than a third of what files brought would be deleted.' }),
    ),
    adopt: Adopt,
  }),
);

const connectionFields = {
  url: Type.String({ pattern: '^ldaps?://', maxLength: 300, description: 'ldap://host[:389] or ldaps://host[:636]' }),
  startTls: Type.Optional(
    Type.Boolean({ description: 'Encrypt a plain connection before anything is said. Default true for ldap://.' }),
  ),
  ca: Type.Optional(
    Type.String({
      maxLength: 100_000,
      description: 'PEM of the authority that signed the server; left out: the usual ones.',
    }),
  ),
  bindDn: Type.Optional(Type.String({ maxLength: 1000, description: 'Left out: anonymous.' })),
  baseDn: Dn,
  filter: Type.Optional(Type.String({ maxLength: 2000, description: 'RFC 4515; left out: as `type` says.' })),
  type: Type.Enum(['active-directory', 'openldap'], {
    description: 'Which attributes and filters hold where none are named.',
  }),
  attributes: Type.Optional(
    closed(
      {
        key: Attribute,
        firstName: Attribute,
        lastName: Attribute,
        userName: Attribute,
        department: Attribute,
        language: Attribute,
        pbxUserName: Attribute,
        extensions: Attribute,
        aliases: Attribute,
        numericUserId: Attribute,
        numericPartitionId: Attribute,
        agentId: Attribute,
        mail: Attribute,
      },
      'Attribute of each field; `key` is what never changes, also when the person is renamed.',
    ),
  ),
  groups: Type.Optional(
    closed(
      {
        baseDn: Dn,
        filter: Type.Optional(Type.String({ maxLength: 2000 })),
        name: Attribute,
        member: Attribute,
        as: Type.Enum(['teams', 'groups'], {
          description: 'What a group of the directory becomes: a team, or the recording group of its members.',
        }),
      },
      'Groups of the directory; left out: none are read.',
    ),
  ),
  pageSize: Type.Optional(Type.Integer({ minimum: 10, maximum: 1000, description: 'RFC 2696. Default 200.' })),
  schedule: Type.Optional(
    nullable(
      Type.String({
        maxLength: 100,
        description: 'Cron expression, local time, e.g. `0 3 * * *`; null: only by hand.',
      }),
    ),
  ),
};

const LdapConnectionValue = component('LdapConnectionValue', closed(connectionFields));

export const LdapConnection = component(
  'LdapConnection',
  Type.Object({
    revision: Type.Integer(),
    value: named(LdapConnectionValue),
    hasPassword: Type.Boolean(),
    lastRun: nullable(
      Type.Object({
        at: Time,
        ok: Type.Boolean(),
        text: Type.String(),
        counts: nullable(ImportCounts),
      }),
    ),
    nextRun: nullable(Time),
  }),
);
export const LdapConnectionChange = component(
  'LdapConnectionChange',
  closed({
    revision: Type.Integer({ minimum: 0, description: '0: there is none yet.' }),
    value: named(LdapConnectionValue),
    password: Type.Optional(
      nullable(Type.String({ maxLength: 500, description: 'Write-only; left out: stays as it is; null: none.' })),
    ),
  }),
);

export const LdapRun = component(
  'LdapRun',
  closed({
    dryRun: Type.Boolean(),
    force: Type.Optional(Type.Boolean({ description: 'Even when more than a third of the users would be deleted.' })),
    adopt: Adopt,
  }),
);

export const importComponents = [
  ImportResult,
  CsvImport,
  LdapConnectionValue,
  LdapConnection,
  LdapConnectionChange,
  LdapRun,
];
