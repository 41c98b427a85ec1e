import type { JsonValue } from '../base/json.ts';

/** What the archive hands over when a recording is committed; becomes one transaction of rows. All times are wall time. */
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
}

export interface PartyInput {
  /** Order within the recording, from 0: 0 is the left channel's party. */
  readonly position: number;
  readonly name: string | null;
  readonly number: string | null;
  readonly aor: string | null;
  readonly role: 'caller' | 'callee' | 'unknown';
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
