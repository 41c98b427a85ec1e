import type { Direction } from './facts.ts';
import type { Announcement, PauseMode, Retention, Scope } from './settings.ts';

/**
 * `record`; `offer`: may be recorded by hand; `ignore`: nothing asks; `forbid`: nobody may record it, and what was captured is
 * destroyed; `hold`: cannot be decided now, kept sealed until it can.
 */
export type Verdict = 'record' | 'offer' | 'ignore' | 'forbid' | 'hold';

/** The word of one layer, for the explanation (D10). */
export interface LayerWord {
  readonly layer: string;
  readonly says: Verdict | 'nothing';
  /** A sentence for an administrator. */
  readonly why: string;
}

/** What policy answers. The fields after `layers` are missing only in decisions of older versions; {@link Decided} has them all. */
export interface Decision {
  readonly verdict: Verdict;
  /** Account that owns the call; '' = it could not be told. */
  readonly accountId: string;
  /** Version of the settings it was decided by; 0 = none were readable. */
  readonly settingsVersion: number;
  readonly layers: readonly LayerWord[];
  /** For how long the recording holds when parties change (D11): the widest of those who ask. Null when nobody asks. */
  readonly scope?: Scope | null;
  /** Everything that asks for automatic recording, each for itself. */
  readonly asks?: readonly Ask[];
  readonly controls?: Controls;
  /** Null: no limit. */
  readonly longestSeconds?: number | null;
  /** Null: the node's own format, store or retention. */
  readonly format?: string | null;
  readonly storeId?: string | null;
  readonly retention?: Retention | null;
  readonly deliveries?: readonly string[];
  readonly announcement?: Announcement | null;
  readonly pauseMode?: PauseMode;
  /** Seconds after which a pause ends by itself, or null. */
  readonly resumeAfterSeconds?: number | null;
  /** Not null: all is held sealed, and destroyed unless somebody asks within these minutes after the end (S8). */
  readonly liveKeepMinutes?: number | null;
  /** Whether its events tell which digits were pressed. */
  readonly keepDigits?: boolean;
  /** Seen from the account. */
  readonly direction?: Direction;
  readonly parties?: readonly DecidedParty[];
  readonly owner?: Owner;
  /** The override in force, inherited by later legs (D2). */
  readonly override?: Override;
  /** What was captured so far must be destroyed: a `deny` came in mid-call (D2). */
  readonly destroy?: boolean;
}

export type Decided = Required<Decision>;

export type Override = 'auto' | 'force' | 'deny' | 'manual';

export type AskingLayer = 'override' | 'flow' | 'pilot' | 'queue' | 'account' | 'endpoint' | 'number' | 'rule';

/** One reason for automatic recording, and for how long it holds. */
export interface Ask {
  readonly layer: AskingLayer;
  /** Id of the rule, queue, number, user or device in its account. */
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  /** Ids and numbers of the parties whose presence it depends on; empty for scope `call`. */
  readonly anchors: readonly string[];
  /** What leaves it without effect for now: the exclusion or filter. */
  readonly silencedBy?: string;
  readonly terms: Terms;
}

/** What one ask wants of the recording; missing levels are filled in. */
export interface Terms {
  readonly longestSeconds: number | null;
  readonly format: string | null;
  readonly storeId: string | null;
  readonly retention: Retention | null;
  readonly deliveries: readonly string[];
  readonly announcement: Announcement | null;
}

/** Who may do it, besides the administrators; the account's users by id. `nobody` includes administrators. */
export interface Control {
  readonly by: 'nobody' | 'administrators' | 'users';
  readonly userIds: readonly string[];
}

export interface Controls {
  /** Start a recording by hand. */
  readonly start: Control;
  /** Stop a recording that was started by hand. */
  readonly stop: Control;
  /** Stop what was asked for automatically. */
  readonly stopAutomatic: Control;
  readonly pause: Control;
  readonly resume: Control;
  /** Keep what is held by live-keep. */
  readonly keep: Control;
}

/** By what a party was tied to a user or device (D8). */
export type IdentifiedBy =
  'numeric-user-id' | 'partition-id' | 'device' | 'pbx-user' | 'agent' | 'extension' | 'alias' | 'device-name';

/** A party as the directory knows it. */
export interface DecidedParty {
  readonly id: string;
  /** Normalised: E.164 with `+` where it can be told, else as signalled without separators. */
  readonly number?: string;
  readonly side: 'internal' | 'external' | 'unknown';
  readonly userId?: string;
  readonly userName?: string;
  readonly deviceId?: string;
  readonly groupId?: string;
  readonly by?: IdentifiedBy;
  /** Ids of users that it may be, when several fit and nothing tells them apart. */
  readonly candidates?: readonly string[];
}

/** Whose recording it is (D8). */
export type Owner =
  | { readonly kind: 'user'; readonly userId: string; readonly groupId: string | null }
  | { readonly kind: 'catch-all'; readonly userId: string; readonly groupId: string | null }
  | { readonly kind: 'unassigned' }
  | { readonly kind: 'discard' };
