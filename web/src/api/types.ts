import type { components } from './schema.gen.ts';

/** The nouns of the API, as the generated schema has them. */
type Schemas = components['schemas'];

export type Session = Schemas['Session'];
export type RecordingSummary = Schemas['RecordingSummary'];
export type RecordingDetail = Schemas['RecordingDetail'];
export type Party = Schemas['Party'];
export type Track = Schemas['Track'];
export type RecordingEvent = Schemas['RecordingEvent'];
export type Peaks = Schemas['Peaks'];
export type TraceMessage = Schemas['TraceMessage'];
export type LiveCall = Schemas['LiveCall'];
export type LiveCalls = Schemas['LiveCalls'];
export type LiveStream = Schemas['LiveStream'];
export type Settings = Schemas['Settings'];
export type Status = Schemas['Status'];
export type Token = Schemas['Token'];
export type TokenCreate = Schemas['TokenCreate'];
export type AuditEntry = Schemas['AuditEntry'];
export type Problem = Schemas['Problem'];
export type Direction = RecordingSummary['direction'];
export type Verdict = LiveCall['verdict'];

/* Until the generated schema has them. */
export interface CallParty {
  readonly name: string | null;
  readonly number: string | null;
  readonly aor: string | null;
  readonly role: 'caller' | 'callee' | 'unknown';
  readonly userId: string | null;
  readonly userName: string | null;
}
export interface CallSummary {
  readonly id: string;
  readonly accountId: string;
  readonly conversationId: string;
  readonly protocol: string;
  readonly trunk: string;
  readonly startedAt: string;
  readonly endedAt: string;
  readonly endReason: string;
  readonly direction: Direction;
  readonly verdict: Verdict;
  readonly reason: string;
  readonly owner: {
    readonly kind: 'user' | 'catch-all' | 'unassigned' | 'discard' | null;
    readonly userId: string | null;
    readonly name: string | null;
    readonly groupId: string | null;
  };
  readonly parties: CallParty[];
  readonly recordings: {
    readonly id: string;
    readonly recordId: number;
    readonly recording: number;
    readonly by: 'policy' | 'hand' | 'flow' | 'live-keep';
    readonly asker: string | null;
    readonly durationMs: number;
  }[];
  readonly heldUntil: string | null;
}
export interface CallDetail extends CallSummary {
  readonly vendorIds: Readonly<Record<string, string>>;
  readonly moments: {
    readonly at: string;
    readonly offsetMs: number;
    readonly verdict: Verdict;
    readonly settingsVersion: number;
    readonly lines: string[];
    readonly layers: { readonly layer: string; readonly says: Verdict | 'nothing'; readonly why: string }[];
    readonly facts?: unknown;
  }[];
  readonly events: { readonly at: string; readonly type: string; readonly text: string }[];
  readonly abilities: { readonly keep: boolean; readonly drop: boolean };
}
export interface LiveControls {
  readonly why: string;
  readonly override: 'auto' | 'force' | 'deny' | 'manual';
  readonly recordings: {
    readonly recording: number;
    readonly by: CallSummary['recordings'][number]['by'];
    readonly since: string;
    readonly askerName: string;
  }[];
  readonly paused: { readonly since: string; readonly mode: 'cut' | 'silence'; readonly reason: string } | null;
  readonly liveKeep: { readonly minutes: number; readonly kept: boolean | null } | null;
  readonly abilities: Readonly<
    Record<'start' | 'stop' | 'pause' | 'resume' | 'keep' | 'drop' | 'override' | 'flow' | 'hangup', boolean>
  >;
}
interface Control {
  readonly by: 'nobody' | 'administrators' | 'users';
  readonly userIds: string[];
}
export interface Explanation {
  readonly verdict: Verdict;
  readonly summary: string;
  readonly lines: string[];
  readonly layers: CallDetail['moments'][number]['layers'];
  readonly parties: {
    readonly id: string;
    readonly number: string | null;
    readonly side: 'internal' | 'external' | 'unknown';
    readonly userId: string | null;
    readonly userName: string | null;
    readonly deviceId: string | null;
    readonly by: string | null;
  }[];
  readonly controls: Record<'start' | 'stop' | 'stopAutomatic' | 'pause' | 'resume' | 'keep', Control>;
  readonly terms: {
    readonly direction: Direction;
    readonly scope: 'call' | 'external-party' | 'endpoint' | null;
    readonly asks: { readonly layer: string; readonly name: string; readonly isSilenced: boolean }[];
    readonly longestSeconds: number | null;
    readonly retention: unknown;
    readonly liveKeepMinutes: number | null;
  };
  readonly settingsVersion: number;
}
