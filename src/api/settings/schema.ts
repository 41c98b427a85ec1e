import { Type, type Static } from 'typebox';
import { component, nullable } from '../schema.ts';

const retentionDays = Type.Integer({
  description:
    'Days that a recording is kept where no account, group, user or rule says otherwise: `retention` of earshot.yaml.',
});

const noticeAcknowledged = Type.Boolean({
  description: 'The notice on the duty to announce recording has been read. Cannot be taken back.',
});

export const Settings = component(
  'Settings',
  Type.Object({
    version: Type.Integer({ description: 'Grows with each change.' }),
    retentionDays,
    noticeAcknowledged,
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
      noticeAcknowledged: Type.Optional(noticeAcknowledged),
    },
    { additionalProperties: false, description: 'What is left out stays as it is.' },
  ),
);
export type SettingsChange = Static<typeof SettingsChange>;

export const settingsComponents = [Settings, SettingsChange];
