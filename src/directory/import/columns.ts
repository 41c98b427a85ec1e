import type { CsvFile } from '../port.ts';

/** What a column may hold, by kind of file. `key` is what never changes; the others are docs/directory.md's. */
export type UserColumn =
  | 'key'
  | 'firstName'
  | 'lastName'
  | 'name'
  | 'userName'
  | 'department'
  | 'language'
  | 'pbxUserName'
  | 'extensions'
  | 'aliases'
  | 'numericUserId'
  | 'numericPartitionId'
  | 'agentId'
  | 'group'
  | 'additionalGroups'
  | 'mail'
  | 'notify'
  | 'attach'
  | SwitchColumn;
export type SwitchColumn = 'inboundInternal' | 'inboundExternal' | 'outboundInternal' | 'outboundExternal';
export type DeviceColumn = 'key' | 'deviceName' | 'mac' | 'aliases' | 'user' | SwitchColumn;
export type NumberColumn = 'number' | 'numberName' | 'record';
export type Column = UserColumn | DeviceColumn | NumberColumn;

export const SWITCHES = [
  'inboundInternal',
  'inboundExternal',
  'outboundInternal',
  'outboundExternal',
] as const satisfies readonly SwitchColumn[];

const SWITCH_HEADINGS = Object.fromEntries(SWITCHES.map((name) => [name.toLowerCase(), name]));

/** Headings as they are read: lower case, letters and digits only. Webex' export (Control Hub) is understood as it is. */
const HEADINGS: Readonly<Record<CsvFile['kind'], Readonly<Record<string, Column>>>> = {
  users: {
    key: 'key',
    externalid: 'key',
    firstname: 'firstName',
    givenname: 'firstName',
    lastname: 'lastName',
    surname: 'lastName',
    name: 'name',
    displayname: 'name',
    username: 'userName',
    login: 'userName',
    department: 'department',
    language: 'language',
    pbxusername: 'pbxUserName',
    webexuserid: 'pbxUserName',
    useridemailrequired: 'pbxUserName',
    useridemail: 'pbxUserName',
    extension: 'extensions',
    extensions: 'extensions',
    alias: 'aliases',
    aliases: 'aliases',
    numberalias: 'aliases',
    numberaliases: 'aliases',
    phonenumber: 'aliases',
    phonenumbers: 'aliases',
    numericuserid: 'numericUserId',
    numericpartitionid: 'numericPartitionId',
    agentid: 'agentId',
    group: 'group',
    recordinggroup: 'group',
    additionalgroups: 'additionalGroups',
    mail: 'mail',
    email: 'mail',
    mailnotify: 'notify',
    mailattach: 'attach',
    ...SWITCH_HEADINGS,
  },
  devices: {
    key: 'key',
    externalid: 'key',
    name: 'deviceName',
    devicename: 'deviceName',
    mac: 'mac',
    macaddress: 'mac',
    alias: 'aliases',
    aliases: 'aliases',
    user: 'user',
    username: 'user',
    owner: 'user',
    ...SWITCH_HEADINGS,
  },
  numbers: {
    number: 'number',
    ddi: 'number',
    did: 'number',
    phonenumber: 'number',
    name: 'numberName',
    description: 'numberName',
    record: 'record',
    recording: 'record',
  },
};

/** @returns undefined for a heading that means nothing here */
export function columnOf(kind: CsvFile['kind'], heading: string): Column | undefined {
  const plain = heading.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  return Object.hasOwn(HEADINGS[kind], plain) ? HEADINGS[kind][plain] : undefined;
}
