/**
 * What policy is asked and what it answers. Plain data: it crosses process borders, is journalled and explained.
 */

/** Direction seen from the account that owns the call (F0). `DIALIN`: a pilot number of the recorder was called. */
export type Direction = 'IN' | 'OUT' | 'INTERNAL' | 'DIALIN' | 'UNKNOWN';

export interface PartyFacts {
  /** Opaque within the call; stable while the party is in it. */
  readonly id: string;
  readonly name?: string;
  /** The number or user part as signalled, not normalised. */
  readonly number?: string;
  /** The whole address of record as signalled, e.g. `sip:1001@pbx.example`. */
  readonly aor?: string;
  /** What the protocol itself says of the party's part in the call, if it does. */
  readonly role?: 'caller' | 'callee';
}

/** Everything known of a call at one moment; built by an intake, never by policy. */
export interface CallFacts {
  /** Name of the trunk that sent it. */
  readonly trunk: string;
  readonly parties: readonly PartyFacts[];
  /** As told by the protocol's extension data; `UNKNOWN` if it does not say. */
  readonly direction: Direction;
  /** The call's own ids at the vendor (Call-ID, UCID, GUID …), by name; equal values join sessions of one conversation. */
  readonly vendorIds: Readonly<Record<string, string>>;
  /** Value of the per-call override (D2), if any came. */
  readonly override?: string;
}

export type Verdict = 'record' | 'offer' | 'ignore' | 'forbid' | 'hold';

/** The word of one layer, for the explanation (D10). */
export interface LayerWord {
  readonly layer: string;
  readonly says: Verdict | 'nothing';
  readonly why: string;
}

export interface Decision {
  readonly verdict: Verdict;
  /** Account that owns the call. */
  readonly accountId: string;
  /** Version of the settings it was decided by; 0 = none were readable. */
  readonly settingsVersion: number;
  readonly layers: readonly LayerWord[];
}

/** The settings that the recorder decides by: a snapshot, compiled by the directory. */
export interface PolicySettings {
  readonly version: number;
  readonly accounts: readonly AccountSettings[];
}

export interface AccountSettings {
  readonly id: string;
  readonly name: string;
  /** The visible, removable setting *record all calls* (until rules exist). */
  readonly recordAll: boolean;
}
