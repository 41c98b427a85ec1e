/**
 * What policy is asked: plain data that crosses process borders, is journalled and explained. Built by an intake, never by policy.
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
  /** User name or opaque user id at the PBX, where the protocol tells it apart from the address (D8). */
  readonly user?: string;
  /** Device name or MAC as signalled, e.g. `SEP001795BDD16B` or `00:17:95:bd:d1:6b` (D8). */
  readonly device?: string;
  /** Agent id at the queue or contact centre (D5, D8). */
  readonly agent?: string;
}

/** Everything known of a call at one moment. */
export interface CallFacts {
  /** Name of the trunk that sent it. */
  readonly trunk: string;
  /** Who is in the call now. */
  readonly parties: readonly PartyFacts[];
  /** As told by the protocol's extension data; `UNKNOWN` if it does not say. */
  readonly direction: Direction;
  /** The call's own ids at the vendor (Call-ID, UCID, GUID …), by name; equal values join sessions of one conversation. */
  readonly vendorIds: Readonly<Record<string, string>>;
  /** Value of the per-call override (D2), if any came: `auto`, `force`, `deny`, `manual`. */
  readonly override?: string;
  /** Number that was dialled first, where it is told apart from who answered: the DDI behind a queue or a call flow (D3). */
  readonly dialled?: string;
  /** Caller id that an outgoing call presents, where it is told apart from who calls: the outgoing DDI (D3). */
  readonly presented?: string;
  /** Number of the recorder that the call was sent to (S8), with any id behind its prefix (D8). */
  readonly pilot?: string;
  /** Id, name or number of the queue that the call came through (D5). */
  readonly queue?: string;
  /** Group or tenant ids of the vendor's metadata; they tell which account is meant. */
  readonly tenants?: readonly string[];
  /** The last recording step that a call flow passed (D6). */
  readonly flow?: FlowStep;
}

export interface FlowStep {
  readonly step: 'start' | 'stop';
  /** Name of the step or of its flow, for the explanation. */
  readonly name?: string;
}
