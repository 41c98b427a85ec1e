/**
 * Recording metadata (RFC 7865) as plain data: what a client says of groups, sessions, parties and streams, whatever form it said it
 * in. It can be journalled as JSON. Ids are opaque and may be empty. Times are milliseconds since 1970.
 */
export interface Metadata {
  readonly mode: 'complete' | 'partial';
  readonly groups: readonly MetadataGroup[];
  readonly sessions: readonly MetadataSession[];
  readonly participants: readonly MetadataParticipant[];
  readonly streams: readonly MetadataStream[];
  readonly memberships: readonly Membership[];
  readonly associations: readonly StreamAssociation[];
  readonly extensions: readonly ExtensionValue[];
}

export interface MetadataGroup {
  readonly id: string;
}

export interface MetadataSession {
  readonly id: string;
  readonly groupId?: string;
  /** `sipSessionID` as sent: RFC 7989 form, a Call-ID, whatever the client puts there. Several may come. */
  readonly sipSessionIds: readonly string[];
  readonly startedAt?: number;
  readonly stoppedAt?: number;
}

export interface MetadataParticipant {
  readonly id: string;
  /** Empty when the client does not say. */
  readonly sessionId: string;
  /** The addresses of record, the first one leading. */
  readonly aors: readonly string[];
  readonly name?: string;
  /** Old forms carry the times of membership here. */
  readonly associatedAt?: number;
  readonly leftAt?: number;
}

export interface MetadataStream {
  readonly id: string;
  readonly sessionId: string;
  /** `a=label` of its m-line; undefined when the client does not say. */
  readonly label?: string;
}

/** `participantsessionassoc`: who is in which communication session, from when to when. */
export interface Membership {
  readonly participantId: string;
  readonly sessionId: string;
  readonly associatedAt?: number;
  readonly leftAt?: number;
}

/** `participantstreamassoc` and its older forms: which streams a party sends on and hears. */
export interface StreamAssociation {
  readonly participantId: string;
  readonly send: readonly string[];
  readonly recv: readonly string[];
  /** Set when the association has ended. */
  readonly endedAt?: number;
}

/** One leaf of a vendor's own data: `<extensiondata>` or any element that RFC 7865 does not know. */
export interface ExtensionValue {
  readonly owner: 'recording' | 'group' | 'session' | 'participant' | 'stream' | 'association';
  readonly ownerId: string;
  /** Local names from below the owner down to the leaf, joined by `/`, `extensiondata` left out. */
  readonly path: string;
  readonly value: string;
  readonly attributes: Readonly<Record<string, string>>;
}
