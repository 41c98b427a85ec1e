import type { JsonValue } from '../base/json.ts';

/** What the archive hands over when a recording is committed; becomes rows, all or none. All times are wall time. */
export interface RecordingInput {
  /** Opaque id; also the name of its manifest. */
  readonly id: string;
  /** The sequential RecordID (F0), reserved before the manifest was written. */
  readonly recordId: number;
  readonly callId: string;
  readonly accountId: string;
  readonly nodeId: string;
  readonly direction: 'IN' | 'OUT' | 'INTERNAL' | 'DIALIN' | 'UNKNOWN';
  readonly protocol: string;
  readonly trunk: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** Length of the audio. */
  readonly durationMs: number;
  readonly endReason: string;
  readonly container: 'wav' | 'flac' | 'none';
  /** e.g. `PCMU`, `PCMA`, `PCMA+PCMU`; as recorded. */
  readonly codec: string;
  readonly channels: number;
  readonly objectKey: string | null;
  readonly objectBytes: number;
  readonly manifestKey: string;
  readonly manifestSha256: string;
  /** Null = keep until somebody deletes it. */
  readonly retainUntil: Date | null;
  readonly warnings: readonly string[];
  /** The call's own ids at the vendor, by name. */
  readonly vendorIds: Readonly<Record<string, string>>;
  readonly parties: readonly PartyInput[];
  readonly tracks: readonly TrackInput[];
  readonly events: readonly EventInput[];
  /** Other calls' ids that belong to the same conversation share this key; equals the callId of the first. */
  readonly conversationId: string;
  /** Number of the recording within its call, from 1. */
  readonly recording: number;
  /** Who asked for it: the policy, somebody by hand, a call flow, or live-keep. */
  readonly by: 'policy' | 'hand' | 'flow' | 'live-keep';
  /** Name of who asked by hand (S9), and the directory user where he is one. */
  readonly asker: string | null;
  readonly askerUserId: string | null;
  readonly owner: OwnerInput;
  readonly pauses: readonly PauseInput[];
  /** Ids of what shall be done with it afterwards. */
  readonly deliveries: readonly string[];
  /** Its call; several recordings of one call bring the same. */
  readonly call: CallInput;
}

export type OwnerKind = 'user' | 'catch-all' | 'unassigned' | 'discard';

/** Whose a call or recording is, and the recording group at the time of the call (D8, F5). */
export interface OwnerInput {
  /** Null: not known, from before there were owners. */
  readonly kind: OwnerKind | null;
  /** User of the directory. */
  readonly userId: string | null;
  /** His name at the time of the call. */
  readonly name: string | null;
  readonly groupId: string | null;
}

/** A stretch that is not in the audio (S2). */
export interface PauseInput {
  /** Ms since the start of the audio. */
  readonly offsetMs: number;
  readonly lengthMs: number;
  /** `cut`: the audio goes on at once; `silence`: it is silent for so long. */
  readonly mode: 'cut' | 'silence';
  readonly reason: string;
  readonly asker: string;
}

/** A call that has ended, recorded or not. */
export interface CallInput {
  readonly id: string;
  readonly accountId: string;
  readonly conversationId: string;
  readonly nodeId: string;
  readonly protocol: string;
  readonly trunk: string;
  readonly startedAt: Date;
  readonly endedAt: Date;
  readonly endReason: string;
  readonly direction: RecordingInput['direction'];
  /** The strongest word of policy during the call. */
  readonly verdict: 'record' | 'offer' | 'ignore' | 'forbid' | 'hold';
  /** Why, a sentence or two. */
  readonly reason: string;
  readonly owner: OwnerInput;
  readonly vendorIds: Readonly<Record<string, string>>;
  readonly parties: readonly CallParty[];
  /** Every state of the facts with its decision: `{at, mono, facts, decision}`, oldest first. */
  readonly history: JsonValue;
  readonly events: readonly CallEventInput[];
}

export interface CallParty {
  readonly name: string | null;
  readonly number: string | null;
  readonly aor: string | null;
  readonly role: 'caller' | 'callee' | 'unknown';
  /** User of the directory, and his name at the time of the call. */
  readonly userId: string | null;
  readonly userName: string | null;
}

export interface CallEventInput {
  readonly at: Date;
  readonly type: string;
  readonly text: string;
}

export interface PartyInput extends CallParty {
  /** Order within the recording, from 0: 0 is the left channel's party. */
  readonly position: number;
  /** Channel of the audio it speaks on, null = none. */
  readonly channel: number | null;
}

/** One channel of the audio with the exact account of what arrived. */
export interface TrackInput {
  readonly channel: number;
  readonly label: string;
  readonly codec: string;
  readonly packets: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly reordered: number;
  /** Ms of the recording in which nothing arrived. */
  readonly silentMs: number;
  /** Further figures (gaps, corrections, SSRCs), as in the manifest. */
  readonly detail: JsonValue;
}

export interface EventInput {
  readonly at: Date;
  /** Ms since the start of the audio; negative = before it. */
  readonly offsetMs: number;
  readonly type: string;
  readonly text: string;
}
