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
export type CallParty = Schemas['CallParty'];
export type CallSummary = Schemas['CallSummary'];
export type CallDetail = Schemas['CallDetail'];
export type Explanation = Schemas['Explanation'];
export type Person = Schemas['Person'];
export type Role = Schemas['Role'];
export type Trunk = Schemas['Trunk'];
export type Brand = Schemas['Brand'];
export type ImportResult = Schemas['ImportResult'];
export type LdapConnection = Schemas['LdapConnection'];
