/** What an account holds, as people set it. */
export type Retention = 'forever' | { readonly amount: number; readonly unit: 'hours' | 'days' | 'months' | 'years' };
export type Switch = 'on' | 'off';
export const CELLS = ['inboundInternal', 'inboundExternal', 'outboundInternal', 'outboundExternal'] as const;
export type Cell = (typeof CELLS)[number];
export type Switches = { readonly [C in Cell]?: Switch };
export type Scope = 'call' | 'external-party' | 'endpoint';

export interface Handling {
  readonly longestSeconds?: number | null;
  readonly format?: string;
  readonly storeId?: string;
  readonly retention?: Retention;
  readonly deliveries?: readonly string[];
  readonly announcement?: { readonly before?: string; readonly during?: string };
}

export interface RuleValue {
  readonly description: string;
  readonly isOn: boolean;
  readonly mode: 'automatic' | 'manual';
  readonly roleId?: string;
  readonly direction?: 'in' | 'out' | 'both';
  readonly origin?: 'internal' | 'external' | 'both';
  readonly scope?: Scope;
  readonly liveKeep?: boolean;
  readonly handling?: Handling;
}

export interface NumberValue {
  readonly number: string;
  readonly name?: string;
  readonly record?: 'off' | 'incoming' | 'outgoing' | 'all';
  readonly handling?: Handling;
}

export interface QueueValue {
  readonly name: string;
  readonly numbers?: readonly string[];
  readonly record?: 'off' | 'all' | 'agents';
  readonly agents?: readonly { readonly userId: string; readonly record?: boolean }[];
  readonly handling?: Handling;
}

export interface TeamValue {
  readonly name: string;
  readonly userIds: readonly string[];
}

export interface GroupValue {
  readonly name: string;
  readonly handling?: Handling;
}

export interface RoleValue {
  readonly name: string;
  readonly userIds?: readonly string[];
  readonly teamIds?: readonly string[];
}

export interface UserValue {
  readonly firstName: string;
  readonly lastName: string;
  readonly userName?: string;
  readonly department?: string;
  readonly language?: string;
  readonly pbxUserName?: string;
  readonly extensions?: readonly string[];
  readonly aliases?: readonly string[];
  readonly numericUserId?: string;
  readonly numericPartitionId?: string;
  readonly agentId?: string;
  readonly groupId?: string;
  readonly additionalGroupIds?: readonly string[];
  readonly mail?: { readonly address?: string; readonly notify?: boolean; readonly attach?: boolean };
  readonly endpoints?: Switches;
  readonly own?: Switches;
  readonly handling?: Handling;
}

export interface DeviceValue {
  readonly name: string;
  readonly mac?: string;
  readonly aliases?: readonly string[];
  readonly userId?: string;
  readonly endpoints?: Switches;
  readonly own?: Switches;
  readonly handling?: Handling;
}

export interface Values {
  readonly rules: RuleValue;
  readonly numbers: NumberValue;
  readonly queues: QueueValue;
  readonly users: UserValue;
  readonly devices: DeviceValue;
  readonly teams: TeamValue;
  readonly groups: GroupValue;
  readonly roles: RoleValue;
}

export type Kind = keyof Values;

export interface Entry<V> {
  readonly id: string;
  readonly revision: number;
  readonly name: string;
  readonly value: V;
  /** By which import it came, if by one. */
  readonly source: 'csv' | 'ldap' | null;
  readonly changedAt: string;
  readonly changedBy: string;
  /** After a change: what is allowed but may not be meant. */
  readonly warnings?: readonly string[];
}

export interface PageOf<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface Pilot {
  readonly kind: 'record' | 'live-keep' | 'cti' | 'user-id' | 'partition-id';
  readonly number: string;
}

export interface Exclusion {
  readonly pattern: string;
  readonly note?: string;
  readonly manualToo?: boolean;
}

export interface Filters {
  readonly direction?: 'in' | 'out' | 'both';
  readonly traffic?: 'internal' | 'external' | 'both';
  readonly exclusions?: readonly Exclusion[];
}

export interface OnDemand {
  readonly isAllowed?: boolean;
  readonly isOn?: boolean;
  readonly who?: 'everybody' | 'rules';
  readonly code?: string;
  readonly otherCodes?: readonly string[];
  readonly liveKeep?: boolean;
}

export interface Pause {
  readonly mode?: 'cut' | 'silence';
  readonly who?: 'parties' | 'administrators';
  readonly resumeAfterSeconds?: number;
}

export interface AccountPolicy {
  readonly country?: string;
  readonly tenants?: readonly string[];
  readonly endpoints?: Switches;
  readonly entire?: Switches;
  readonly usersMaySet?: boolean;
  readonly filters?: Filters;
  readonly internalPatterns?: readonly string[];
  readonly pilots?: readonly Pilot[];
  readonly onDemand?: OnDemand;
  readonly pause?: Pause;
  readonly unassigned?:
    { readonly to: 'list' } | { readonly to: 'catch-all'; readonly userId: string } | { readonly to: 'discard' };
  readonly liveKeepMinutes?: number;
  readonly handling?: Handling;
  readonly keepDigits?: boolean;
  readonly notRecordedDays?: number;
}

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly brandId: string | null;
  readonly revision: number;
  readonly policy: AccountPolicy;
  readonly changedAt: string;
  readonly changedBy: string;
}

/** A change of settings that has not been made yet. */
export interface PlannedChange {
  readonly kind: Kind | 'policy';
  readonly id: string | null;
  readonly value: unknown;
}

export interface Change {
  readonly changeId: string;
  readonly at: string;
  readonly actor: string;
  readonly actorName: string;
  readonly kind: string;
  readonly entryId: string;
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
  /** Entries that it touched besides. */
  readonly others: readonly { readonly kind: string; readonly entryId: string; readonly name: string }[];
  readonly undoneBy: string | null;
}
