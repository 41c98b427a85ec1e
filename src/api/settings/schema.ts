import { Type, type Static } from 'typebox';
import { component, named, nullable } from '../schema.ts';

const retentionDays = Type.Unsafe<number | null>({
  anyOf: [{ type: 'null' }, { type: 'integer', minimum: 1, maximum: 36_500 }],
  description: 'New recordings are deleted after so many days; null: kept until somebody deletes them.',
});

const noticeAcknowledged = Type.Boolean({
  description: 'The notice on the duty to announce recording has been read. Cannot be taken back.',
});

const AccountSetting = component(
  'AccountSetting',
  Type.Object({
    id: Type.String(),
    name: Type.String(),
    recordAll: Type.Boolean({ description: 'Record all calls of the account.' }),
  }),
);

export const Settings = component(
  'Settings',
  Type.Object({
    version: Type.Integer({ description: 'Grows with each change.' }),
    retentionDays,
    noticeAcknowledged,
    accounts: Type.Array(named(AccountSetting)),
    trunkWarning: nullable(
      Type.String({ description: 'Said while any private address may send calls, since no trunk is configured.' }),
    ),
  }),
);
export type Settings = Static<typeof Settings>;

export const SettingsChange = component(
  'SettingsChange',
  Type.Object(
    {
      version: Type.Integer({ minimum: 0, description: 'The version you read; 409 when it is no longer the newest.' }),
      retentionDays: Type.Optional(retentionDays),
      noticeAcknowledged: Type.Optional(noticeAcknowledged),
      accounts: Type.Optional(
        Type.Array(
          Type.Object(
            { id: Type.String({ minLength: 1, maxLength: 100 }), recordAll: Type.Boolean() },
            { additionalProperties: false },
          ),
          { maxItems: 1000 },
        ),
      ),
    },
    { additionalProperties: false, description: 'What is left out stays as it is.' },
  ),
);
export type SettingsChange = Static<typeof SettingsChange>;

export const settingsComponents = [AccountSetting, Settings, SettingsChange];
