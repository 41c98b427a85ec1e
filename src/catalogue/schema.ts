import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { JsonValue } from '../base/json.ts';
import type { CallInput, CallParty, OwnerKind, PartyInput, PauseInput, RecordingInput } from './types.ts';

/** The tables as Kysely sees them; the SQL of migrations/ is the truth, a test compares the two. */
export interface Schema {
  accounts: AccountTable;
  settings: SettingTable;
  brands: BrandTable;
  directory_entries: DirectoryEntryTable;
  platform_entries: PlatformEntryTable;
  directory_history: DirectoryHistoryTable;
  conversations: ConversationTable;
  calls: CallTable;
  call_details: CallDetailTable;
  call_users: CallUserTable;
  held_calls: HeldCallTable;
  recordings: RecordingTable;
  recording_users: RecordingUserTable;
  parties: PartyTable;
  tracks: TrackTable;
  events: EventTable;
  tombstones: TombstoneTable;
  changes: ChangeTable;
  users: UserTable;
  sessions: SessionTable;
  tokens: TokenTable;
  links: LinkTable;
  audit: AuditTable;
}

type JsonObject = Record<string, JsonValue>;
/** jsonb: read as a value, written as its text. */
type Json<T = JsonValue> = ColumnType<T, string, string>;
type JsonDefault<T = JsonValue> = ColumnType<T, string | undefined, string>;
type At = ColumnType<Date, Date, Date>;
type AtDefault = ColumnType<Date, Date | undefined, Date>;
type AtOrNull = ColumnType<Date | null, Date | null | undefined, Date | null>;

export interface AccountTable {
  id: string;
  name: string;
  created_at: AtDefault;
  brand_id: string | null;
  revision: Generated<number>;
  policy: JsonDefault<JsonObject>;
  /** Version of the settings in which anything of the account changed last. */
  content_version: Generated<number>;
  changed_at: AtDefault;
  changed_by: Generated<string>;
}

export interface BrandTable {
  id: string;
  name: string;
  revision: Generated<number>;
  changed_at: AtDefault;
  changed_by: Generated<string>;
}

/** What people set within an account, as documents: users, devices, numbers, queues, teams, groups, roles, rules. */
export interface DirectoryEntryTable {
  account_id: string;
  kind: string;
  id: string;
  revision: number;
  name: string;
  value: Json<JsonObject>;
  source: 'csv' | 'ldap' | null;
  /** By which its source knows it again. */
  external_key: string | null;
  /** Name and numbers in lower case. */
  search: string;
  changed_at: AtDefault;
  changed_by: string;
}

export interface PlatformEntryTable {
  kind: string;
  id: string;
  revision: number;
  value: Json<JsonObject>;
  changed_at: AtDefault;
  changed_by: string;
}

export interface DirectoryHistoryTable {
  change_id: string;
  position: number;
  seq: GeneratedAlways<number>;
  account_id: string;
  kind: string;
  entry_id: string;
  name: string;
  at: AtDefault;
  actor: string;
  actor_name: string;
  before: ColumnType<JsonObject | null, string | null, never>;
  after: ColumnType<JsonObject | null, string | null, never>;
  undone_by: string | null;
}

export interface SettingTable {
  account_id: string;
  key: string;
  value: Json;
  changed_at: AtDefault;
}

export interface ConversationTable {
  id: string;
  account_id: string;
  started_at: At;
}

export interface CallTable {
  id: string;
  account_id: string;
  conversation_id: string;
  node_id: string;
  protocol: string;
  trunk: string;
  started_at: At;
  ended_at: At;
  vendor_ids: JsonDefault<Record<string, string>>;
  direction: ColumnType<RecordingInput['direction'], RecordingInput['direction'] | undefined>;
  end_reason: Generated<string>;
  verdict: ColumnType<CallInput['verdict'], CallInput['verdict'] | undefined>;
  reason: Generated<string>;
  owner_kind: OwnerKind | null;
  owner_user_id: string | null;
  owner_name: string | null;
  group_id: string | null;
  parties: JsonDefault<CallParty[]>;
  search: Generated<string>;
  has_recordings: Generated<boolean>;
}

export interface CallDetailTable {
  call_id: string;
  history: Json;
  events: Json<{ at: string; type: string; text: string }[]>;
}

/** Users of the directory that take part in a call or own it. */
export interface CallUserTable {
  call_id: string;
  user_id: string;
  account_id: string;
  started_at: At;
}

/** A call that live-keep holds. */
export interface HeldCallTable {
  call_id: string;
  account_id: string;
  until: At;
  choice: 'keep' | 'drop' | 'expired' | null;
  asker: ColumnType<JsonValue | null, string | null, string | null>;
  chosen_at: AtOrNull;
}

export interface RecordingUserTable {
  recording_id: string;
  user_id: string;
  account_id: string;
  started_at: At;
}

export interface RecordingTable {
  id: string;
  record_id: number;
  call_id: string;
  account_id: string;
  conversation_id: string;
  node_id: string;
  direction: RecordingInput['direction'];
  protocol: string;
  trunk: string;
  started_at: At;
  ended_at: At;
  duration_ms: number;
  end_reason: string;
  container: RecordingInput['container'];
  codec: string;
  channels: number;
  object_key: string | null;
  object_bytes: number;
  manifest_key: string;
  manifest_sha256: string;
  retain_until: AtOrNull;
  warnings: JsonDefault<string[]>;
  vendor_ids: JsonDefault<Record<string, string>>;
  search: string;
  created_at: AtDefault;
  recording: Generated<number>;
  by: ColumnType<RecordingInput['by'], RecordingInput['by'] | undefined>;
  asker: string | null;
  asker_user_id: string | null;
  owner_kind: OwnerKind | null;
  owner_user_id: string | null;
  owner_name: string | null;
  group_id: string | null;
  pauses: JsonDefault<PauseInput[]>;
  deliveries: JsonDefault<string[]>;
}

export interface PartyTable {
  recording_id: string;
  account_id: string;
  position: number;
  name: string | null;
  number: string | null;
  digits: string | null;
  aor: string | null;
  role: PartyInput['role'];
  channel: number | null;
  user_id: string | null;
  user_name: string | null;
}

export interface TrackTable {
  recording_id: string;
  account_id: string;
  channel: number;
  label: string;
  codec: string;
  packets: number;
  lost: number;
  duplicates: number;
  reordered: number;
  silent_ms: number;
  detail: Json;
}

export interface EventTable {
  recording_id: string;
  account_id: string;
  position: number;
  at: At;
  offset_ms: number;
  type: string;
  text: string;
}

export interface TombstoneTable {
  id: string;
  record_id: number;
  account_id: string;
  call_id: string | null;
  started_at: AtOrNull;
  duration_ms: number | null;
  object_key: string | null;
  manifest_key: string;
  manifest_sha256: string;
  reason: string;
  actor: string;
  deleted_at: At;
  cleaned_at: AtOrNull;
}

export interface ChangeTable {
  /** Transaction id (xid8); compared in SQL only. */
  xid: Generated<string>;
  seq: GeneratedAlways<number>;
  account_id: string;
  kind: string;
  subject: string;
  at: AtDefault;
}

/** People who sign in; not the users of the directory. */
export interface UserTable {
  id: string;
  account_id: string | null;
  login: string;
  name: string;
  password_hash: string | null;
  role: string;
  disabled_at: AtOrNull;
  created_at: AtDefault;
  brand_id: string | null;
  directory_user_id: string | null;
  /** Last sign-in. */
  seen_at: AtOrNull;
}

export interface SessionTable {
  /** SHA-256 of the session's secret. */
  hash: string;
  user_id: string;
  created_at: AtDefault;
  seen_at: AtDefault;
  expires_at: At;
  address: string | null;
  agent: string | null;
}

export interface TokenTable {
  id: string;
  account_id: string | null;
  /** SHA-256 of the token. */
  hash: string;
  name: string;
  scope: string;
  user_id: string | null;
  created_at: AtDefault;
  used_at: AtOrNull;
  expires_at: AtOrNull;
  brand_id: string | null;
  directory_user_id: string | null;
}

/** One-time links: first administrator, invitations. */
export interface LinkTable {
  /** SHA-256 of the link's secret. */
  hash: string;
  purpose: string;
  user_id: string | null;
  created_at: AtDefault;
  expires_at: At;
  used_at: AtOrNull;
}

export interface AuditTable {
  id: GeneratedAlways<number>;
  /** Null: something above the accounts. */
  account_id: string | null;
  at: AtDefault;
  actor: string;
  action: string;
  subject: string;
  detail: JsonDefault;
  outcome: Generated<string>;
  /** Of the actor, at that time. */
  name: string | null;
  address: string | null;
}
