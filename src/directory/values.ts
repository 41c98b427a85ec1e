import type {
  AccountSettings,
  DeviceSettings,
  GroupSettings,
  NumberSettings,
  QueueSettings,
  RoleSettings,
  RuleSettings,
  TeamSettings,
  UserSettings,
} from '../policy/types.ts';

/** The kinds of entries within an account, by their word in paths. */
export const KINDS = ['users', 'devices', 'numbers', 'queues', 'teams', 'groups', 'roles', 'rules'] as const;
export type Kind = (typeof KINDS)[number];

/** What is set for a user: what policy decides by, and what people know of the person. The name is first and last name together. */
export interface UserValue extends Omit<UserSettings, 'id' | 'name'> {
  readonly firstName: string;
  readonly lastName: string;
  readonly userName?: string;
  readonly department?: string;
  /** BCP 47. */
  readonly language?: string;
  /** Groups whose recordings a supervisor sees besides his own (F5). */
  readonly additionalGroupIds?: readonly string[];
  readonly mail?: { readonly address?: string; readonly notify?: boolean; readonly attach?: boolean };
}

export interface Values {
  readonly users: UserValue;
  readonly devices: Omit<DeviceSettings, 'id'>;
  readonly numbers: Omit<NumberSettings, 'id'>;
  readonly queues: Omit<QueueSettings, 'id'>;
  readonly teams: Omit<TeamSettings, 'id'>;
  readonly groups: Omit<GroupSettings, 'id'>;
  readonly roles: Omit<RoleSettings, 'id'>;
  readonly rules: Omit<RuleSettings, 'id'>;
}

export type Value = Values[Kind];

/** What is set for an account as a whole. */
export type AccountPolicy = Omit<AccountSettings, 'id' | 'name' | 'brandId' | Kind>;

/** Who makes a change: the actor as audit columns hold it, and the name that people read. */
export interface Author {
  readonly id: string;
  readonly name: string;
  /** Where the request came from. */
  readonly address?: string;
}

export type Source = 'csv' | 'ldap' | null;

export interface Entry<K extends Kind = Kind> {
  readonly id: string;
  readonly revision: number;
  readonly name: string;
  readonly value: Values[K];
  readonly source: Source;
  readonly changedAt: Date;
  /** Name of who changed it last. */
  readonly changedBy: string;
}

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly brandId: string | null;
  readonly revision: number;
  readonly policy: AccountPolicy;
  readonly changedAt: Date;
  readonly changedBy: string;
}

export interface Brand {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly changedAt: Date;
  readonly changedBy: string;
}

export function nameOf<K extends Kind>(kind: K, value: Values[K]): string {
  if (kind === 'users') {
    const { firstName, lastName } = value as UserValue;
    return `${firstName} ${lastName}`.trim();
  }
  if (kind === 'rules') return (value as Values['rules']).description;
  const { name, number = '' } = value as { readonly name?: string; readonly number?: string };
  return name ?? number;
}
