import type { LdapField, LdapValue } from '../port.ts';

/** What holds where a connection names nothing else. */
interface Defaults {
  readonly filter: string;
  readonly attributes: Partial<Readonly<Record<LdapField, string>>>;
  readonly groupFilter: string;
}

/** Bit 2 of userAccountControl: the account is disabled ([MS-ADTS] §2.2.16). */
const DISABLED = '(userAccountControl:1.2.840.113556.1.4.803:=2)';

const DEFAULTS: Readonly<Record<LdapValue['type'], Defaults>> = {
  'active-directory': {
    filter: `(&(objectCategory=person)(objectClass=user)(!${DISABLED}))`,
    attributes: {
      key: 'objectGUID',
      firstName: 'givenName',
      lastName: 'sn',
      userName: 'sAMAccountName',
      department: 'department',
      language: 'preferredLanguage',
      pbxUserName: 'userPrincipalName',
      extensions: 'ipPhone',
      aliases: 'telephoneNumber',
      mail: 'mail',
    },
    groupFilter: '(objectClass=group)',
  },
  openldap: {
    filter: '(objectClass=inetOrgPerson)',
    attributes: {
      key: 'entryUUID',
      firstName: 'givenName',
      lastName: 'sn',
      userName: 'uid',
      department: 'departmentNumber',
      language: 'preferredLanguage',
      aliases: 'telephoneNumber',
      mail: 'mail',
    },
    groupFilter: '(objectClass=groupOfNames)',
  },
};

/** A connection with everything said. */
export interface LdapQuery {
  readonly baseDn: string;
  readonly filter: string;
  readonly attributes: Partial<Readonly<Record<LdapField, string>>> & { readonly key: string };
  readonly groups: {
    readonly baseDn: string;
    readonly filter: string;
    readonly name: string;
    readonly member: string;
  } | null;
  readonly pageSize: number;
}

/** What servers with tight limits still give. */
const PAGE_SIZE = 200;

export function queryOf({ type, baseDn, filter, attributes, groups, pageSize = PAGE_SIZE }: LdapValue): LdapQuery {
  const defaults = DEFAULTS[type];
  return {
    baseDn,
    filter: filter ?? defaults.filter,
    attributes: { key: 'entryUUID', ...defaults.attributes, ...attributes },
    groups:
      groups === undefined
        ? null
        : {
            baseDn: groups.baseDn,
            filter: groups.filter ?? defaults.groupFilter,
            name: groups.name ?? 'cn',
            member: groups.member ?? 'member',
          },
    pageSize,
  };
}
