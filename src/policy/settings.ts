/**
 * The settings that the recorder decides by: one snapshot of all accounts, made by the directory. What is left out is empty, off or
 * inherited, so that the smallest snapshot is `{version, accounts: [{id, name}]}`. Ids are opaque and unique within their
 * account (accounts, brands and trunks: within the platform).
 */
export interface PolicySettings {
  /** Counts up with each change. */
  readonly version: number;
  readonly accounts: readonly AccountSettings[];
  readonly brands?: readonly BrandSettings[];
  /** Which accounts a trunk serves; a trunk that is not listed may serve any (D8). */
  readonly trunks?: readonly TrunkAccounts[];
  /** Pilot numbers that every account uses (S8). */
  readonly pilots?: readonly PilotSettings[];
  /** Where a call goes of which nothing tells the account. Missing: to the only account, else as `unknownAccount` says. */
  readonly defaultAccountId?: string;
  /** A call whose account cannot be told: held sealed and listed (default), or thrown away because an administrator said so (D8). */
  readonly unknownAccount?: 'hold' | 'discard';
}

export interface BrandSettings {
  readonly id: string;
  readonly name: string;
}

export interface TrunkAccounts {
  /** The trunk's name, as in `CallFacts.trunk`. */
  readonly name: string;
  readonly accountIds: readonly string[];
}

export interface AccountSettings {
  readonly id: string;
  readonly name: string;
  readonly brandId?: string;
  /** ISO 3166 alpha-2: how numbers without `+` are read. Missing: only `+` and `00` numbers are read as international. */
  readonly country?: string;
  /** Group or tenant ids by which the vendors' metadata name this account (D8). */
  readonly tenants?: readonly string[];
  readonly users?: readonly UserSettings[];
  readonly devices?: readonly DeviceSettings[];
  readonly numbers?: readonly NumberSettings[];
  readonly queues?: readonly QueueSettings[];
  readonly teams?: readonly TeamSettings[];
  readonly groups?: readonly GroupSettings[];
  readonly roles?: readonly RoleSettings[];
  readonly rules?: readonly RuleSettings[];
  /** Default of all users and of devices without a user (D4, *for all users*). Missing cell = off. */
  readonly endpoints?: EndpointSwitches;
  /** Every call of the account, independently of its endpoints (D4, *for the entire account*). Missing cell = off. */
  readonly entire?: EndpointSwitches;
  /** False: users' own settings are not heeded (D4). Default true. */
  readonly usersMaySet?: boolean;
  readonly filters?: FilterSettings;
  /** Numbers that count as internal although they are nobody's (D7); patterns as in {@link ExclusionSettings}. */
  readonly internalPatterns?: readonly string[];
  readonly pilots?: readonly PilotSettings[];
  readonly onDemand?: OnDemandSettings;
  readonly pause?: PauseSettings;
  /** What becomes of recordings that fit no user (D8). Default: they are listed as unassigned. */
  readonly unassigned?: UnassignedSettings;
  /** Minutes after the end of a call within which a live-keep recording may be asked for (S8). Default 60. */
  readonly liveKeepMinutes?: number;
  /** Whether dialled digits stand in the events of a call. Default false. */
  readonly keepDigits?: boolean;
  /** Days that calls without a recording stay in the journal. */
  readonly notRecordedDays?: number;
  /** What holds for every recording of the account unless something nearer says otherwise. */
  readonly handling?: Handling;
}

/** The four cells of D4. A missing cell inherits. Inbound and outbound are the endpoint's view; for `entire`, the account's. */
export interface EndpointSwitches {
  readonly inboundInternal?: 'on' | 'off';
  readonly inboundExternal?: 'on' | 'off';
  readonly outboundInternal?: 'on' | 'off';
  readonly outboundExternal?: 'on' | 'off';
}

export interface UserSettings {
  readonly id: string;
  readonly name: string;
  /** User name at the PBX or opaque user id (Webex); compared without regard to letter case (D8). */
  readonly pbxUserName?: string;
  readonly extensions?: readonly string[];
  /** Public numbers that ring at this user (D8, *number alias*). */
  readonly aliases?: readonly string[];
  readonly numericUserId?: string;
  readonly numericPartitionId?: string;
  readonly agentId?: string;
  /** The one recording group of the user. */
  readonly groupId?: string;
  /** Set by an administrator. */
  readonly endpoints?: EndpointSwitches;
  /** Set by the user himself; nearer than `endpoints` where the account allows it. */
  readonly own?: EndpointSwitches;
  readonly handling?: Handling;
}

export interface DeviceSettings {
  readonly id: string;
  readonly name: string;
  /** 12 hexadecimal digits, separators and `SEP` allowed. */
  readonly mac?: string;
  /** Other texts by which the PBX names it: its own extension, its registration name. */
  readonly aliases?: readonly string[];
  readonly userId?: string;
  readonly endpoints?: EndpointSwitches;
  /** Set by the device's user. */
  readonly own?: EndpointSwitches;
  readonly handling?: Handling;
}

/** A DDI (D3). */
export interface NumberSettings {
  readonly id: string;
  readonly number: string;
  readonly name?: string;
  readonly record?: 'off' | 'incoming' | 'outgoing' | 'all';
  readonly handling?: Handling;
}

/** D5. */
export interface QueueSettings {
  readonly id: string;
  readonly name: string;
  /** Numbers under which it is called. */
  readonly numbers?: readonly string[];
  readonly record?: 'off' | 'all' | 'agents';
  readonly agents?: readonly QueueAgent[];
  readonly handling?: Handling;
}

export interface QueueAgent {
  readonly userId: string;
  /** With `record: 'agents'`: whether this agent's calls are recorded. */
  readonly record?: boolean;
}

export interface TeamSettings {
  readonly id: string;
  readonly name: string;
  readonly userIds: readonly string[];
}

export interface GroupSettings {
  readonly id: string;
  readonly name: string;
  readonly handling?: Handling;
}

/** A grouping of users and whole teams; it gives no rights (D1). */
export interface RoleSettings {
  readonly id: string;
  readonly name: string;
  readonly userIds?: readonly string[];
  readonly teamIds?: readonly string[];
}

/** D1. Direction and origin are seen from the phone of the role's member; without a role, from anybody's and from the account. */
export interface RuleSettings {
  readonly id: string;
  readonly description: string;
  readonly isOn: boolean;
  /** `manual`: the members of the role may record by hand. */
  readonly mode: 'automatic' | 'manual';
  /** Missing: everybody, and calls in which nobody is known. */
  readonly roleId?: string;
  readonly direction?: 'in' | 'out' | 'both';
  readonly origin?: 'internal' | 'external' | 'both';
  /** For how long it holds when parties change (D11). Default: `endpoint` with a role, `call` without. */
  readonly scope?: Scope;
  /** Manual only: everything is held sealed and kept if somebody asks (S8). */
  readonly liveKeep?: boolean;
  readonly handling?: Handling;
}

/** For how long an automatic recording holds (D11): the whole call, while its external party is in it, or while the endpoint is. */
export type Scope = 'call' | 'external-party' | 'endpoint';

/** D7: which calls automatic recording leaves out, for all users of the account. */
export interface FilterSettings {
  /** Only these are recorded, seen from the phone. Default both. */
  readonly direction?: 'in' | 'out' | 'both';
  readonly traffic?: 'internal' | 'external' | 'both';
  readonly exclusions?: readonly ExclusionSettings[];
}

/** Remote parties that are not recorded automatically. */
export interface ExclusionSettings {
  /** Digits, a `+` before them, `.` for exactly one digit, `!` for any number of digits. */
  readonly pattern: string;
  readonly note?: string;
  /** Nor by hand. */
  readonly manualToo?: boolean;
}

/**
 * Numbers of the recorder itself (S8, D8); always excluded as remote parties (D7).
 * `record`: what is sent or conferenced to it is recorded. `live-keep`: held, and kept if asked. `cti`: a prefix followed by four digits.
 * `user-id`, `partition-id`: a prefix followed by the numeric user or partition id of the recorded user; it tells who, and asks for nothing.
 */
export interface PilotSettings {
  readonly kind: 'record' | 'live-keep' | 'cti' | 'user-id' | 'partition-id';
  /** The whole number for `record`; `live-keep` also counts as a prefix. */
  readonly number: string;
}

/** D9, S1: recording by hand. */
export interface OnDemandSettings {
  /** By the brand: whether the account may have it at all. Missing: allowed only when the account has no brand. */
  readonly isAllowed?: boolean;
  /** By the account. */
  readonly isOn?: boolean;
  /** Everybody of the account (default), or only whom a manual rule names. */
  readonly who?: 'everybody' | 'rules';
  /** What is dialled during the call; checked against `otherCodes` when it is set. */
  readonly code?: string;
  /** Codes of the PBX that the record code must not clash with. */
  readonly otherCodes?: readonly string[];
  readonly liveKeep?: boolean;
}

/** S2. */
export interface PauseSettings {
  /** What the pause is in the audio. Default cut. */
  readonly mode?: PauseMode;
  /** Who may pause: the account's users in the call (default), or administrators only. */
  readonly who?: 'parties' | 'administrators';
  /** It goes on by itself after so many seconds. */
  readonly resumeAfterSeconds?: number;
}

export type PauseMode = 'cut' | 'silence';

export type UnassignedSettings =
  { readonly to: 'list' } | { readonly to: 'catch-all'; readonly userId: string } | { readonly to: 'discard' };

/** How a recording is treated. What is missing comes from the next level: rule, device, user, group, account. */
export interface Handling {
  /** Null: no limit. */
  readonly longestSeconds?: number | null;
  readonly format?: string;
  readonly storeId?: string;
  readonly retention?: Retention;
  /** Ids of what is done with it afterwards (D1 dispatch). */
  readonly deliveries?: readonly string[];
  readonly announcement?: Announcement;
}

/** K3. */
export type Retention = 'forever' | { readonly amount: number; readonly unit: 'hours' | 'days' | 'months' | 'years' };

/** S11: ids of prompts. */
export interface Announcement {
  /** Played before the recording begins. */
  readonly before?: string;
  /** Played while it runs. */
  readonly during?: string;
}
